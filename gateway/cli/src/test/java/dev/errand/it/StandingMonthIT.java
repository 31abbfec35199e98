package dev.errand.it;

import static dev.errand.it.OperatorClient.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.jose.KeyRing;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.TcpProxy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;

/**
 * A month of one standing errand, in which a day takes half a second. Three gateways start its runs at the same time; two of them are killed by
 * {@code kill -9} and start again, the clock of the third is moved, and the store fails over to its replica. Then an operator and a provider
 * end errands while they run. {@code -Derrand.month.seconds=600} makes it last longer.
 */
@Tag("faults")
class StandingMonthIT {
    private static final Logger LOG = LoggerFactory.getLogger(StandingMonthIT.class);
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int SECONDS = Integer.getInteger("errand.month.seconds", 16);
    private static final int RUNS = SECONDS - 1;
    private static final int CALLS = 3 * SECONDS;
    private static volatile Duration off = Duration.ZERO;

    @TempDir
    private static Path directory;

    /** The clock of the gateway in this process. */
    static class Moved {
        @Bean
        Clock clock() {
            return new Clock() {
                @Override
                public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return Instant.now().plus(off);
                }
            };
        }
    }

    /** A run that an agent got. Times are nanoseconds: before it was asked for, and after it was answered. */
    private record Run(String task, long askedNanos, long answeredNanos, TestAgent agent) {}

    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final Map<String, Integer> answers = new ConcurrentHashMap<>();
    private final AtomicLong calls = new AtomicLong();

    @Test
    void month_underFaults_neverExceedsWhatWasAllowed_andEndsAreQuick() throws Exception {
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        try (TestProvider provider = new TestProvider(RunningGateway.ISSUER + "/approvals/callback");
                RedisProcess primary = new RedisProcess(directory.resolve("primary"));
                RedisProcess second =
                        new RedisProcess(directory.resolve("second"), "replicaof 127.0.0.1 " + primary.port());
                TcpProxy network = new TcpProxy(primary.port());
                RecordingUpstream upstream = new RecordingUpstream()) {
            RedisProcess.until(
                    "the replica follows",
                    () -> second.info("replication", "master_link_status").equals("up"));
            String store = "redis://127.0.0.1:" + network.port();
            try (RunningGateway here = gateway(provider, upstream, store, keys)
                            .property("spring.main.sources", Moved.class.getName())
                            .start();
                    GatewayProcess there = new GatewayProcess(gateway(provider, upstream, store, keys));
                    GatewayProcess third = new GatewayProcess(gateway(provider, upstream, store, keys))) {
                provider.subject = "alice";
                provider.group = "release-managers";
                provider.audience = Approver.AUDIENCE;
                List<URI> gateways = List.of(here.address(), there.address(), third.address());
                Instant until = Instant.now().plusSeconds(SECONDS + 2L);
                JsonObject errand = allowed(here, RUNS, until, CALLS, ",\"limit\":{\"capacity\":1,\"period\":1}");
                ExecutorService threads = Executors.newFixedThreadPool(8);
                List<CompletableFuture<Void>> agents = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    int number = i;
                    agents.add(CompletableFuture.runAsync(
                            () -> agent(provider, gateways, number, errand.string("token"), until), threads));
                }
                pass(4);
                CompletableFuture<Void> again = CompletableFuture.runAsync(() -> killed(there), threads);
                pass(4);
                off = Duration.ofSeconds(3);
                pass(4);
                CompletableFuture<Void> too = CompletableFuture.runAsync(() -> killed(third), threads);
                off = Duration.ofSeconds(-3);
                pass(6);
                off = Duration.ZERO;
                primary.kill();
                second.command("REPLICAOF", "NO", "ONE");
                network.leadTo(second.port());
                network.disconnect();
                agents.forEach(CompletableFuture::join);
                CompletableFuture.allOf(again, too).join();
                threads.shutdown();
                RedisProcess.until(
                        "all gateways are back", () -> gateways.stream().allMatch(at -> isBack(provider, at, errand)));

                assertWithinBounds(upstream);
                List<String> records = new ArrayList<>(here.records());
                records.addAll(Logs.lines(there.log()));
                records.addAll(Logs.lines(third.log()));
                assertRecorded(records, String.valueOf(errand.string("id")));
                JsonObject row = objects(OperatorClient.of(here).json("/standing"), "standing")
                        .get(0);
                LOG.info(
                        "{} runs of {}, {} calls of {}, answers {}: {}", runs.size(), RUNS, calls, CALLS, answers, row);
                assertThat(((JsonNumber) row.get("used")).asLong()).isBetween((long) runs.size(), (long) RUNS);
                ends(provider, here, gateways);
            }
        }
    }

    private static void killed(GatewayProcess gateway) {
        try {
            gateway.killAndStartAgain();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isBack(TestProvider provider, URI at, JsonObject errand) {
        try {
            return run(provider, at, String.valueOf(errand.string("token")), TestKey.ed25519("run"))
                            .statusCode()
                    == 400;
        } catch (AssertionError away) {
            return false;
        }
    }

    private static void pass(int days) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(1000L * days * SECONDS / 31);
    }

    private static RunningGateway.Builder gateway(
            TestProvider provider, RecordingUpstream upstream, String store, Path keys) {
        return StartPagesIT.withPages(provider, WORKLOADS, upstream, store, keys)
                .property("errand.trust.humans[0].events.receiver", "/ssf/idp")
                .property("errand.trust.humans[0].events.audience", "errand-events")
                .file(
                        "tasks/nightly.yaml",
                        TestAgent.EXPLORE_TEMPLATE
                                        .replace("template: explore", "template: nightly")
                                        .replace("calls: 100000", "calls: 5")
                                + "start: {confirm: none}\nstanding: {runs: 1000, within: 31d, at-once: 60}\n");
    }

    /** One agent: it starts runs at one gateway after the other, makes some calls, and ends most of its tasks. */
    private void agent(TestProvider provider, List<URI> gateways, int number, String token, Instant until) {
        RandomGenerator random = new Random(number);
        TestKey key = TestKey.ed25519("run");
        long asked = 0;
        while (Instant.now().isBefore(until)) {
            URI at = gateways.get(random.nextInt(3));
            asked = asked == 0 ? System.nanoTime() : asked;
            try {
                HttpResponse<String> answer = run(provider, at, token, key);
                JsonObject body = TestAgent.json(answer.body());
                answers.merge(
                        answer.statusCode() == 200 ? "run" : String.valueOf(body.string("error_description")),
                        1,
                        Integer::sum);
                if (answer.statusCode() == 200) {
                    TestAgent agent = new TestAgent(key, String.valueOf(body.string("access_token")), List.of());
                    runs.put(agent.task(), new Run(agent.task(), asked, System.nanoTime(), agent));
                    work(random, gateways, agent);
                }
                if (answer.statusCode() < 429) {
                    key = TestKey.ed25519("run");
                    asked = 0;
                }
            } catch (AssertionError died) {
                // The same request once more, at another gateway: a run that counted is had by it.
                answers.merge("died", 1, Integer::sum);
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(150);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void work(RandomGenerator random, List<URI> gateways, TestAgent agent) {
        for (int i = random.nextInt(7); i > 0; i--) {
            try {
                calls.addAndGet(call(gateways.get(random.nextInt(3)), agent).statusCode() == 200 ? 1 : 0);
            } catch (AssertionError died) {
                // Counted by the upstream.
            }
        }
        if (random.nextInt(5) > 0) {
            try {
                new AgentClient(gateways.get(random.nextInt(3)), RunningGateway.ISSUER, TestAgent.HTTP)
                        .end(agent.key().agent(), agent.token(), List.of());
            } catch (RuntimeException | AssertionError away) {
                // It runs on until its time is over.
            }
        }
    }

    private static HttpResponse<String> call(URI at, TestAgent agent) {
        try {
            return TestAgent.HTTP.send(
                    HttpRequest.newBuilder(at.resolve(TestAgent.READ))
                            .header("Authorization", "DPoP " + agent.token())
                            .header("DPoP", agent.dpop("GET", TestAgent.READ))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> run(TestProvider provider, URI at, String token, TestKey key) {
        return TokenCall.start(provider.human(), WORKLOADS)
                .without("authorization_details")
                .with("subject_token", token)
                .with("subject_token_type", RunningGateway.ISSUER + "/token-type/standing")
                .by(key)
                .send(at);
    }

    private void assertWithinBounds(RecordingUpstream upstream) {
        // One run began at the page.
        assertThat(runs.size()).isBetween(3, RUNS - 1);
        assertThat(upstream.seen().size()).isLessThanOrEqualTo(CALLS);
        assertThat(calls.get()).isBetween(1L, (long) CALLS);
        // As a bucket of one run that refills in a second: between any two runs no more than their distance and one.
        List<Run> all = runs.values().stream()
                .sorted(Comparator.comparingLong(Run::answeredNanos))
                .toList();
        for (int i = 0; i < all.size(); i++) {
            long first = all.get(i).askedNanos();
            for (int k = i; k < all.size(); k++) {
                first = Math.min(first, all.get(k).askedNanos());
                double seconds = (all.get(k).answeredNanos() - first) / 1e9;
                assertThat(k - i + 1.0).as("runs within " + seconds + " s").isLessThanOrEqualTo(1 + seconds);
            }
        }
    }

    /** Each run that an agent got has its records, its human and its consent. */
    private void assertRecorded(List<String> lines, String errand) {
        List<JsonObject> records = lines.stream().map(TestAgent::json).toList();
        for (Run run : runs.values()) {
            List<JsonObject> of = records.stream()
                    .filter(record -> run.task().equals(record.string("task")))
                    .toList();
            assertThat(of.stream().filter(record -> "standing".equals(record.string("kind"))))
                    .as(run.task())
                    .isNotEmpty()
                    .allMatch(record -> errand.equals(record.string("id")) && "run".equals(record.string("what")));
            assertThat(of.stream().filter(record -> "start".equals(record.string("kind"))))
                    .isNotEmpty()
                    .allMatch(record -> "alice".equals(record.object("human").string("sub"))
                            && record.object("consent").string("digest").startsWith("sha-256:")
                            && errand.equals(record.object("standing").string("id")));
        }
    }

    /** How long after the request for an end no replica starts a run or lets a call pass; the best of three on a busy machine. */
    private static void ends(TestProvider provider, RunningGateway here, List<URI> gateways) {
        assertQuick(
                "operator",
                Duration.ofSeconds(1),
                provider,
                here,
                gateways,
                id -> assertThat(OperatorClient.of(here)
                                .post("/standing/" + id + "/end", "{\"why\":\"drill\"}")
                                .statusCode())
                        .isEqualTo(200));
        assertQuick(
                "leaver",
                Duration.ofSeconds(2),
                provider,
                here,
                gateways,
                id -> assertThat(event(provider, gateways.get(1))).isEqualTo(202));
    }

    private static void assertQuick(
            String who,
            Duration bound,
            TestProvider provider,
            RunningGateway here,
            List<URI> gateways,
            Consumer<String> end) {
        Duration best = Duration.ofDays(1);
        for (int tries = 0; tries < 3 && best.compareTo(bound) > 0; tries++) {
            JsonObject errand = allowed(here, 60, Instant.now().plusSeconds(3600), 250, "");
            List<TestAgent> running = started(provider, gateways, errand);
            long begun = System.nanoTime();
            end.accept(errand.string("id"));
            best = Duration.ofNanos(System.nanoTime() - begun);
            // Everything is over with the answer, so that each first try shows it.
            for (URI at : gateways) {
                running.forEach(agent -> assertThat(call(at, agent).headers().firstValue("Errand-Code"))
                        .hasValue("task-ended"));
                assertThat(run(provider, at, String.valueOf(errand.string("token")), TestKey.ed25519("run"))
                                .body())
                        .contains("standing-ended");
            }
            LOG.info("{}: 12 runs and all later ones end on three replicas within {} ms", who, best.toMillis());
        }
        assertThat(best).as(who).isLessThan(bound);
    }

    private static List<TestAgent> started(TestProvider provider, List<URI> gateways, JsonObject errand) {
        List<TestAgent> running = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            TestKey key = TestKey.ed25519("run");
            URI at = gateways.get(i % 3);
            HttpResponse<String> answer = run(provider, at, String.valueOf(errand.string("token")), key);
            // A connection to the store may still be the old one.
            for (int tries = 0; answer.statusCode() == 503 && tries < 100; tries++) {
                pause();
                answer = run(provider, at, String.valueOf(errand.string("token")), key);
            }
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            running.add(new TestAgent(
                    key, String.valueOf(TestAgent.json(answer.body()).string("access_token")), List.of()));
            assertThat(call(gateways.get((i + 1) % 3), running.get(i)).statusCode())
                    .isEqualTo(200);
        }
        return running;
    }

    private static int event(TestProvider provider, URI at) {
        String claims = "{\"iss\":\"" + provider.issuer() + "\",\"aud\":\"errand-events\",\"iat\":"
                + Instant.now().getEpochSecond() + ",\"jti\":\"" + UUID.randomUUID()
                + "\",\"events\":{\"https://schemas.openid.net/secevent/risc/event-type/account-disabled\":{\"subject\":"
                + "{\"format\":\"iss_sub\",\"iss\":\"" + provider.issuer() + "\",\"sub\":\"alice\"}}}}";
        TestKey key = provider.human().key();
        String token = key.jws("{\"alg\":\"EdDSA\",\"typ\":\"secevent+jwt\",\"kid\":\"" + key.kid() + "\"}", claims);
        try {
            return TestAgent.HTTP
                    .send(
                            HttpRequest.newBuilder(at.resolve("/ssf/idp"))
                                    .header("Content-Type", "application/secevent+jwt")
                                    .POST(HttpRequest.BodyPublishers.ofString(token))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonObject allowed(RunningGateway gateway, int runs, Instant until, int calls, String limit) {
        TestKey key = TestKey.ed25519("agent");
        String svid = WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
        JsonObject start =
                Jws.object("{\"template\":\"nightly\",\"parameters\":{\"project\":\"payments\"},\"standing\":"
                        + "{\"runs\":" + runs + ",\"until\":\"" + until + "\",\"calls\":" + calls + limit + "}}");
        JsonObject asked =
                TestAgent.client(gateway).ask(key.agent(), new AgentClient.Start(null, "jwt", svid, start, null));
        String path =
                "/start?user_code=" + String.valueOf(asked.string("user_code")).substring(0, 4);
        PageVisitor human = new PageVisitor(gateway);
        HttpResponse<String> page = human.signedInAt(path);
        human.get(PageVisitor.atProvider(human.post("/start", PageVisitor.form(page, "allow"))));
        HttpResponse<String> got =
                TestAgent.client(gateway).get(key.agent(), svid, String.valueOf(asked.string("device_code")));
        assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
        return TestAgent.json(got.body()).object("standing");
    }
}
