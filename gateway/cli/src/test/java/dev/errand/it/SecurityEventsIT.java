package dev.errand.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.errand.FreePort;
import dev.errand.cli.AgentClient;
import dev.errand.jose.KeyRing;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.LogVerifier;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What ends before its time is told to two receivers, one of which fails twice; by one replica of two. A receiver that is
 * away is told once it is back, also by a gateway that was killed meanwhile, or the event is given up.
 */
class SecurityEventsIT {
    private static final String EVENT = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

    @TempDir
    private static Path directory;

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static WireMockServer receivers;
    private static RunningGateway one;
    private static RunningGateway two;
    private static RunningGateway impatient;

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        receivers = new WireMockServer(options().bindAddress("127.0.0.1").dynamicPort());
        receivers.start();
        receivers.stubFor(post(urlEqualTo("/good")).willReturn(answer(202)));
        failing(Scenario.STARTED, "once", answer(503));
        failing("once", "twice", answer(401).withBody("{\"err\":\"authentication_failed\"}"));
        failing("twice", "up", answer(202));
        failing("up", "up", answer(202));
        receivers.stubFor(post(urlEqualTo("/picky"))
                .willReturn(answer(400).withBody("{\"err\":\"invalid_audience\",\"description\":\"not us\"}")));
        receivers.stubFor(post(urlEqualTo("/gone")).willReturn(answer(503)));
        one = replica("24h", "good", "failing", "picky");
        two = replica("24h", "good", "failing", "picky");
        impatient = replica("1s", "gone");
    }

    private static ResponseDefinitionBuilder answer(int status) {
        return aResponse().withStatus(status).withHeader("Content-Type", "application/json");
    }

    private static void failing(String from, String to, ResponseDefinitionBuilder answer) {
        receivers.stubFor(post(urlEqualTo("/failing"))
                .inScenario("failing")
                .whenScenarioStateIs(from)
                .willReturn(answer)
                .willSetStateTo(to));
    }

    private static RunningGateway replica(String giveUpAfter, String... names) {
        return telling(receivers.baseUrl(), giveUpAfter, names).start();
    }

    /** A gateway that tells receivers at the address. */
    private static RunningGateway.Builder telling(String address, String giveUpAfter, String... names) {
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("receiver-token", "s3cret\n")
                .property("errand.events.give-up-after", giveUpAfter)
                .sharing(redis, redis.keys());
        for (int i = 0; i < names.length; i++) {
            String key = "errand.events.receivers[" + i + "].";
            builder.property(key + "name", names[i])
                    .property(key + "url", address + "/" + names[i])
                    .property(key + "audience", "https://" + names[i] + ".example.org")
                    .property(key + "bearer", "file:receiver-token");
        }
        return builder;
    }

    @AfterAll
    static void stop() {
        impatient.close();
        two.close();
        one.close();
        receivers.stop();
        upstream.close();
        redis.close();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** The claims of what the receiver got about a task, its signature verified. */
    private static List<JsonObject> events(String receiver, String task) throws Exception {
        return events(receivers, receiver, task);
    }

    private static List<JsonObject> events(WireMockServer server, String receiver, String task) throws Exception {
        List<JsonObject> events = new ArrayList<>();
        for (LoggedRequest request : server.findAll(postRequestedFor(urlEqualTo("/" + receiver)))) {
            assertThat(request.getHeader("Content-Type")).isEqualTo("application/secevent+jwt");
            assertThat(request.getHeader("Authorization")).isEqualTo("Bearer s3cret");
            String token = request.getBodyAsString();
            assertThat(Jws.header(token)).contains("\"typ\":\"secevent+jwt\"");
            assertThat(isOurs(token)).isTrue();
            JsonObject claims = Jws.claims(token);
            assertThat(claims.string("iss")).isEqualTo(RunningGateway.ISSUER);
            assertThat(claims.string("aud")).isEqualTo("https://" + receiver + ".example.org");
            if (task.equals(claims.object("sub_id").object("session").string("id"))) {
                events.add(claims);
            }
        }
        return events;
    }

    private static boolean isOurs(String token) throws Exception {
        PublicKey key = KeyRing.load(redis.keys()).messageKey().publicKey().key();
        Signature signature =
                Signature.getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSAinP1363Format" : "Ed25519");
        signature.initVerify(KeyFactory.getInstance(key.getAlgorithm().equals("EC") ? "EC" : "Ed25519")
                .generatePublic(new X509EncodedKeySpec(key.getEncoded())));
        signature.update(Jws.signingInput(token).getBytes(StandardCharsets.US_ASCII));
        return signature.verify(Base64.getUrlDecoder().decode(token.substring(token.lastIndexOf('.') + 1)));
    }

    private static JsonObject single(String receiver, String task) throws Exception {
        await(() -> !events(receiver, task).isEmpty());
        List<JsonObject> events = events(receiver, task);
        assertThat(events)
                .extracting(event -> event.string("jti"))
                .containsOnly(events.get(0).string("jti"));
        return events.get(0);
    }

    private static JsonObject session(JsonObject claims) {
        return claims.object("events").object(EVENT);
    }

    private static List<JsonObject> records(RunningGateway gateway, String kind, String task) {
        return records(gateway.records(), kind, task);
    }

    private static List<JsonObject> records(List<String> lines, String kind, String task) {
        return lines.stream()
                .map(TestAgent::json)
                .filter(record -> kind.equals(record.string("kind")) && task.equals(record.string("task")))
                .toList();
    }

    @Test
    void interruption_bySequence_isToldToBothByTheReplicaThatCommittedIt() throws Exception {
        TestAgent agent = TestAgent.release(one, HUMAN, WORKLOADS);
        HttpResponse<String> denied =
                agent.call(two, "PATCH", "/k8s/apis/apps/v1/namespaces/staging/deployments/payments", "{}");
        assertThat(denied.headers().firstValue("Errand-Code")).hasValue("sequence-violation");

        JsonObject claims = single("good", agent.task());
        assertThat(session(claims).string("initiating_entity")).isEqualTo("policy");
        assertThat(session(claims).object("reason_admin").string("en")).contains("sequence-violation");
        assertThat(claims.string("txn"))
                .isEqualTo(denied.headers().firstValue("Errand-Decision").orElseThrow());
        assertThat(Jcs.canonical(claims.object("sub_id").object("user")))
                .isEqualTo("{\"format\":\"iss_sub\",\"iss\":\"https://idp.example.org\",\"sub\":\"user:7f3c\"}");
        assertThat(claims.object("sub_id").get("holder")).isNull();
        single("failing", agent.task());

        await(() -> records(two, "event", agent.task()).size() == 3);
        assertThat(records(two, "event", agent.task()))
                .extracting(record -> record.string("receiver") + " " + record.string("outcome"))
                .containsExactlyInAnyOrder("good delivered", "failing delivered", "picky refused");
        assertThat(records(two, "ended", agent.task())).hasSize(1);
        assertThat(records(one, "ended", agent.task())).isEmpty();
        assertThat(records(one, "event", agent.task())).isEmpty();
        assertThat(events("good", agent.task())).hasSize(1);
        assertThat(LogVerifier.verify(two.directory().resolve("data/provenance"), null, null)
                        .faults())
                .isEmpty();
    }

    @Test
    void interruption_byTheOperator_isToldAsTheAdmins() throws Exception {
        TestAgent agent = TestAgent.explore(one, HUMAN, WORKLOADS);
        assertThat(agent.get(one, TestAgent.READ).statusCode()).isEqualTo(200);
        String token =
                Files.readString(one.directory().resolve("data/operator-token")).strip();
        URI url = URI.create("http://127.0.0.1:" + one.managementPort() + "/tasks/" + agent.task() + "/interrupt");
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> answer = TestAgent.HTTP.send(
                    HttpRequest.newBuilder(url)
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"why\":\"looks wrong\"}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
        JsonObject claims = single("good", agent.task());
        assertThat(session(claims).string("initiating_entity")).isEqualTo("admin");
        assertThat(session(claims).object("reason_admin").string("en")).isEqualTo("looks wrong");
        assertThat(records(one, "ended", agent.task())).hasSize(1);
        HttpResponse<String> tree = TestAgent.HTTP.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + one.managementPort() + "/tasks/" + agent.task()))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(tree.body()).contains("\"endings\":[{\"by\":\"operator:operator\"");
    }

    @Test
    void revocation_byAHolder_isToldOfTheTokenAndThenOfTheTask() throws Exception {
        TestAgent root = TestAgent.explore(one, HUMAN, WORKLOADS);
        TestAgent child = root.child();
        child.end(two);
        child.end(two);
        JsonObject part = single("good", root.task());
        assertThat(session(part).string("initiating_entity")).isEqualTo("user");
        assertThat(part.object("sub_id").object("holder").string("uri"))
                .isEqualTo("urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
                        + child.key().thumbprint());
        root.end(one);
        await(() -> events("good", root.task()).size() == 2);
        JsonObject whole = events("good", root.task()).get(1);
        assertThat(whole.object("sub_id").get("holder")).isNull();
        assertThat(records(two, "ended", root.task())).hasSize(1);
        assertThat(records(one, "ended", root.task()))
                .extracting(record -> record.string("state"))
                .containsExactly("completed");
    }

    @Test
    void receiver_awayWhileTheGatewayIsKilledAndStartsAgain_isToldAfterwards() throws Exception {
        int port = FreePort.next();
        try (GatewayProcess gateway = new GatewayProcess(telling("http://127.0.0.1:" + port, "24h", "late"))) {
            TestAgent agent = TestAgent.explore(one, HUMAN, WORKLOADS);
            AgentClient client = new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP);
            client.end(agent.key().agent(), agent.token(), List.of());
            await(() -> gateway.output().contains("sink events-late: does not take records"));
            assertThat(records(lines(gateway), "ended", agent.task())).hasSize(1);

            gateway.killAndStartAgain();
            WireMockServer late =
                    new WireMockServer(options().bindAddress("127.0.0.1").port(port));
            late.stubFor(post(urlEqualTo("/late")).willReturn(answer(202)));
            late.start();
            try {
                await(() -> !records(lines(gateway), "event", agent.task()).isEmpty());
                gateway.stop();

                List<JsonObject> told = events(late, "late", agent.task());
                assertThat(told).hasSize(1);
                assertThat(session(told.get(0)).string("initiating_entity")).isEqualTo("user");
                assertThat(records(lines(gateway), "ended", agent.task())).hasSize(1);
                assertThat(records(lines(gateway), "event", agent.task()))
                        .extracting(record -> record.string("outcome") + " " + record.string("id"))
                        .containsExactly("delivered " + told.get(0).string("jti"));
                assertThat(LogVerifier.verify(gateway.log(), null, null).faults())
                        .isEmpty();
            } finally {
                late.stop();
            }
        }
    }

    private static List<String> lines(GatewayProcess gateway) throws IOException {
        return Files.readAllLines(gateway.log().resolve("0000000000000000.jsonl"));
    }

    @Test
    void receiver_thatStaysAway_costsTheEventThatIsTooOld_andNotTheNext() throws Exception {
        TestAgent first = TestAgent.explore(one, HUMAN, WORKLOADS);
        first.end(impatient);
        await(() -> !records(impatient, "event", first.task()).isEmpty());
        JsonObject given = records(impatient, "event", first.task()).get(0);
        assertThat(given.string("outcome")).isEqualTo("expired");
        assertThat(given.string("receiver")).isEqualTo("gone");
        assertThat(given.get("status")).isEqualTo(JsonNull.NULL);
        assertThat(Integer.parseInt(Jcs.canonical(given.get("attempts")))).isGreaterThan(1);

        receivers.stubFor(post(urlEqualTo("/gone")).willReturn(answer(202)));
        TestAgent second = TestAgent.explore(one, HUMAN, WORKLOADS);
        second.end(impatient);
        await(() -> !records(impatient, "event", second.task()).isEmpty());
        assertThat(records(impatient, "event", second.task()))
                .extracting(record -> record.string("outcome"))
                .containsExactly("delivered");
        assertThat(records(impatient, "event", first.task())).hasSize(1);
    }
}
