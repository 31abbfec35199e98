package dev.errand.it;

import static dev.errand.it.OperatorClient.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three gateways on one Redis start runs of one standing errand at the same time, and one of them dies by {@code kill -9}. */
class StandingKilledIT {
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int RUNS = 20;
    private static final int CALLS = 90;

    @TempDir
    private static Path directory;

    @Test
    void gatewayKilledAmongStarts_neverLetsMoreBegin_andTheSameRequestGetsItsRunAgain() throws Exception {
        try (TestProvider provider = new TestProvider(RunningGateway.ISSUER + "/approvals/callback");
                SharedRedis redis = new SharedRedis(directory);
                RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway first = gateway(provider, upstream, redis).start();
                GatewayProcess second = new GatewayProcess(gateway(provider, upstream, redis));
                GatewayProcess third = new GatewayProcess(gateway(provider, upstream, redis))) {
            provider.subject = "alice";
            provider.group = "release-managers";
            provider.audience = Approver.AUDIENCE;
            String token = allowed(first);
            List<URI> gateways = List.of(first.address(), second.address(), third.address());
            Set<String> tasks = ConcurrentHashMap.newKeySet();
            Set<TestKey> unanswered = ConcurrentHashMap.newKeySet();
            AtomicBoolean over = new AtomicBoolean();
            ExecutorService threads = Executors.newFixedThreadPool(6);
            List<CompletableFuture<Void>> starting = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                URI at = gateways.get(i % 3);
                starting.add(CompletableFuture.runAsync(
                        () -> {
                            while (!over.get()) {
                                TestKey key = TestKey.ed25519("run");
                                try {
                                    HttpResponse<String> answer = run(provider, at, token, key);
                                    task(answer, tasks);
                                    over.set(over.get() || answer.body().contains("standing-"));
                                } catch (AssertionError died) {
                                    unanswered.add(key);
                                    return;
                                }
                            }
                        },
                        threads));
            }
            assertThat(some.await(60, TimeUnit.SECONDS)).isTrue();
            second.process().destroyForcibly().waitFor();
            starting.forEach(CompletableFuture::join);
            threads.shutdown();
            // What the killed gateway counted and did not answer is had by the same request.
            for (TestKey key : unanswered) {
                task(run(provider, third.address(), token, key), tasks);
            }
            JsonObject row = objects(OperatorClient.of(first).json("/standing"), "standing")
                    .get(0);
            long used = ((JsonNumber) row.get("used")).asLong();
            assertThat(used).isLessThanOrEqualTo(RUNS);
            // One run began at the page.
            assertThat(tasks.size() + 1L).isLessThanOrEqualTo(used);
            assertThat(granted.stream().mapToLong(Long::longValue).sum()).isLessThanOrEqualTo(CALLS);
        }
    }

    private final CountDownLatch some = new CountDownLatch(4);
    private final List<Long> granted = Collections.synchronizedList(new ArrayList<>());
    private final Set<String> counted = Collections.synchronizedSet(new HashSet<>());

    private void task(HttpResponse<String> answer, Set<String> tasks) {
        JsonObject body = TestAgent.json(answer.body());
        String task = body.string("task_id");
        if (task != null) {
            tasks.add(task);
            some.countDown();
            if (counted.add(task)) {
                JsonObject bounds = (JsonObject)
                        ((JsonArray) body.get("authorization_details")).values().get(1);
                granted.add(((JsonNumber) bounds.get("calls")).asLong());
            }
        }
    }

    private static RunningGateway.Builder gateway(
            TestProvider provider, RecordingUpstream upstream, SharedRedis redis) {
        return StartPagesIT.withPages(provider, WORKLOADS, upstream, redis)
                .file(
                        "tasks/nightly.yaml",
                        TestAgent.EXPLORE_TEMPLATE
                                        .replace("template: explore", "template: nightly")
                                        .replace("calls: 100000", "calls: 5")
                                + "start: {confirm: none}\nstanding: {runs: 60, within: 31d, at-once: 60}\n");
    }

    private static HttpResponse<String> run(TestProvider provider, URI at, String token, TestKey key) {
        return TokenCall.start(provider.human(), WORKLOADS)
                .without("authorization_details")
                .with("subject_token", token)
                .with("subject_token_type", RunningGateway.ISSUER + "/token-type/standing")
                .by(key)
                .send(at);
    }

    private String allowed(RunningGateway gateway) {
        TestKey key = TestKey.ed25519("agent");
        String svid = WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
        JsonObject start =
                Jws.object("{\"template\":\"nightly\",\"parameters\":{\"project\":\"payments\"},\"standing\":"
                        + "{\"runs\":" + RUNS + ",\"until\":\"" + Instant.now().plusSeconds(86_400) + "\",\"calls\":"
                        + CALLS
                        + "}}");
        JsonObject asked =
                TestAgent.client(gateway).ask(key.agent(), new AgentClient.Start(null, "jwt", svid, start, null));
        String path =
                "/start?user_code=" + String.valueOf(asked.string("user_code")).substring(0, 4);
        PageVisitor human = new PageVisitor(gateway);
        HttpResponse<String> page = human.signedInAt(path);
        human.get(PageVisitor.atProvider(human.post("/start", PageVisitor.form(page, "allow"))));
        HttpResponse<String> got =
                TestAgent.client(gateway).get(key.agent(), svid, String.valueOf(asked.string("device_code")));
        granted.add(5L);
        return TestAgent.json(got.body()).object("standing").string("token");
    }
}
