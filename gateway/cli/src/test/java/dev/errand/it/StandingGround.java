package dev.errand.it;

import static dev.errand.it.OperatorClient.objects;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas on one Redis, a provider, and an agent whose human allows it many runs. */
abstract class StandingGround {
    static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    static final Instant UNTIL = Instant.now().plus(20, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    static Path directory;

    static TestProvider provider;
    static SharedRedis redis;
    static RecordingUpstream upstream;
    static RunningGateway gateway;
    static RunningGateway other;

    /** Where events go; null for nowhere. */
    static @Nullable String receiver;

    @BeforeAll
    static void start() throws Exception {
        provider = new TestProvider(RunningGateway.ISSUER + "/approvals/callback");
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
    }

    /** Starts both replicas; each test class does, before its first test. */
    static void begin() {
        gateway = builder().start();
        other = builder().start();
    }

    static RunningGateway.Builder builder() {
        RunningGateway.Builder builder = StartPagesIT.withPages(provider, WORKLOADS, upstream, redis);
        if (receiver != null) {
            builder.property("errand.events.receivers[0].name", "people")
                    .property("errand.events.receivers[0].url", receiver)
                    .property("errand.events.receivers[0].audience", "https://people.example.org");
        }
        return builder.property("errand.trust.humans[0].events.receiver", "/ssf/idp")
                .property("errand.trust.humans[0].events.audience", "https://gateway.example.org/ssf")
                .file(
                        "tasks/nightly.yaml",
                        TestAgent.EXPLORE_TEMPLATE
                                        .replace("template: explore", "template: nightly")
                                        .replace("calls: 100000", "calls: 5")
                                        .replace(
                                                "vault:kv.write: {resource: {path_containment: \"secret/docs/{project}\"}}",
                                                "vault:kv.write: {resource: {path_containment: \"secret/docs/{project}\"}, ask: always}")
                                + "ask: {by: {claim: groups, any: [release-managers], clients: [" + Approver.CLIENT
                                + "]}}\n"
                                + "start: {confirm: none, max-age: 5m}\n"
                                + "standing: {runs: 60, within: 31d, at-once: 3}\n");
    }

    @AfterAll
    static void stop() {
        other.close();
        gateway.close();
        upstream.close();
        redis.close();
        provider.close();
    }

    @BeforeEach
    void alice() {
        provider.subject = "alice";
        provider.group = "release-managers";
        provider.audience = Approver.AUDIENCE;
        provider.signedInSecondsAgo = 0;
        provider.asked.clear();
    }

    static String svid() {
        return WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
    }

    /** What the agent has of an errand. */
    record Errand(String id, String token, TestAgent first) {}

    static Errand allowed(PageVisitor human, String standing) {
        TestKey key = TestKey.ed25519("agent");
        JsonObject start = Jws.object(
                "{\"template\":\"nightly\",\"parameters\":{\"project\":\"payments\"},\"standing\":" + standing + "}");
        JsonObject asked =
                TestAgent.client(gateway).ask(key.agent(), new AgentClient.Start(null, "jwt", svid(), start, null));
        String path =
                "/start?user_code=" + String.valueOf(asked.string("user_code")).substring(0, 4);
        HttpResponse<String> page = human.cookies.isEmpty() ? human.signedInAt(path) : human.get(path);
        HttpResponse<String> done =
                human.get(PageVisitor.atProvider(human.post("/start", PageVisitor.form(page, "allow"))));
        assertThat(done.body()).contains("You allowed this task");
        HttpResponse<String> got =
                TestAgent.client(other).get(key.agent(), svid(), String.valueOf(asked.string("device_code")));
        assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
        JsonObject body = TestAgent.json(got.body());
        JsonObject told = body.object("standing");
        return new Errand(
                told.string("id"), told.string("token"), new TestAgent(key, body.string("access_token"), List.of()));
    }

    static String runs(int runs) {
        return "{\"runs\":" + runs + ",\"until\":\"" + UNTIL + "\",\"calls\":100,"
                + "\"limit\":{\"capacity\":10,\"period\":86400}}";
    }

    static HttpResponse<String> run(RunningGateway at, Errand errand, TestKey key) {
        return TokenCall.start(provider.human(), WORKLOADS)
                .without("authorization_details")
                .with("subject_token", errand.token())
                .with("subject_token_type", RunningGateway.ISSUER + "/token-type/standing")
                .by(key)
                .send(at);
    }

    static TestAgent started(RunningGateway at, Errand errand) {
        TestKey key = TestKey.ed25519("run");
        HttpResponse<String> answer = run(at, errand, key);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new TestAgent(key, TestAgent.json(answer.body()).string("access_token"), List.of());
    }

    static String refusal(RunningGateway at, Errand errand) {
        JsonObject answer =
                TestAgent.json(run(at, errand, TestKey.ed25519("run")).body());
        assertThat(answer.string("error")).isEqualTo("invalid_grant");
        return answer.string("error_description");
    }

    static JsonObject listed(String id) {
        return objects(OperatorClient.of(other).json("/standing"), "standing").stream()
                .filter(each -> id.equals(each.string("id")))
                .findFirst()
                .orElseThrow();
    }

    static List<JsonObject> records(String id) {
        return List.of(gateway, other).stream()
                .flatMap(each -> each.records().stream())
                .map(TestAgent::json)
                .filter(record -> "standing".equals(record.string("kind")) && id.equals(record.string("id")))
                .toList();
    }

    static JsonValue number(long value) {
        return JsonNumber.of(value);
    }
}
