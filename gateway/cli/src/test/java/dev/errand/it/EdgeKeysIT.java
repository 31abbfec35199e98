package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.autoconfigure.ConfigurationLook;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.jose.NewKeyFile;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.LogVerifier;
import dev.errand.policy.LivePolicies;
import dev.errand.token.KeyUse;
import dev.errand.upstream.UpstreamVerifier;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica that issues and one that has the public half of the issuing key alone, on one store. */
class EdgeKeysIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway issuer;
    private static RunningGateway edge;

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        Path whole = directory.resolve("issuer.jwks");
        NewKeyFile.of(EnumSet.allOf(KeyUse.class), KeyAlgorithm.ED25519).write(whole);
        issuer = replica(whole);
        edge = replica(write(directory.resolve("edge.jwks"), withoutIssuing(whole)));
    }

    private static RunningGateway replica(Path keys) {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property("errand.proof.nonce", "true")
                .sharing(redis, keys)
                .start();
    }

    @AfterAll
    static void stop() {
        edge.close();
        issuer.close();
        upstream.close();
        redis.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    /** The key set as docs/keys.md makes it for edges: the key of use {@code issue} without its private half. */
    private static String withoutIssuing(Path whole) throws Exception {
        List<JsonValue> keys = new ArrayList<>();
        for (JsonObject key : keys(whole)) {
            Map<String, JsonValue> members = new HashMap<>(key.members());
            if (KeyUse.ISSUE.permits(key)) {
                members.remove("d");
            }
            keys.add(new JsonObject(members));
        }
        return Jcs.canonical(new JsonObject(Map.of("keys", new JsonArray(keys))));
    }

    private static List<JsonObject> keys(Path file) throws Exception {
        JsonArray keys = (JsonArray) Json.parseObject(Files.readAllBytes(file)).get("keys");
        return keys.values().stream().map(JsonObject.class::cast).toList();
    }

    private static Path write(Path file, String text) throws IOException {
        Path fresh = Files.createTempFile(
                directory,
                "keys",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text);
        return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static HttpResponse<String> get(RunningGateway gateway, String path) throws Exception {
        URI uri = gateway.address().resolve(path);
        return TestAgent.HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    /** The answer to a start that would be granted by a replica that issues. */
    private static HttpResponse<String> startAtEdge() throws Exception {
        return TestAgent.HTTP.send(
                HttpRequest.newBuilder(edge.address().resolve("/oauth2/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("grant_type=x"))
                        .build(),
                BodyHandlers.ofString());
    }

    private static KeyRing ring(RunningGateway gateway) throws Exception {
        return KeyRing.load(gateway.directory().resolve("keys.jwks"));
    }

    @Test
    void token_atTheEdge_isUnavailableAndTheIssuerIssues() throws Exception {
        HttpResponse<String> refused = startAtEdge();
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(TestAgent.json(refused.body()).string("error")).isEqualTo("temporarily_unavailable");
        assertThat(get(edge, "/.well-known/oauth-authorization-server").statusCode())
                .isEqualTo(200);
        assertThatThrownBy(() -> TestAgent.explore(edge, HUMAN, WORKLOADS))
                .hasMessageContaining("temporarily_unavailable");

        TestAgent agent = TestAgent.explore(issuer, HUMAN, WORKLOADS);
        assertThat(TestAgent.json(Jws.header(agent.token())).string("kid"))
                .isEqualTo(ring(issuer).issuingKey().orElseThrow().id());
    }

    @Test
    void jwks_ofBoth_isTheSameAndSaysTheUses() throws Exception {
        String jwks = get(edge, "/.well-known/jwks.json").body();
        assertThat(jwks)
                .isEqualTo(get(issuer, "/.well-known/jwks.json").body())
                .contains(
                        "\"errand_use\":[\"issue\"]",
                        "\"errand_use\":[\"txn\"]",
                        "\"errand_use\":[\"message\"]",
                        "\"errand_use\":[\"log\"]")
                .doesNotContain("\"d\":", "\"oct\"", "state");
    }

    @Test
    void call_atTheEdge_isSignedByTheKeysOfItsUses() throws Exception {
        TestAgent agent = TestAgent.explore(issuer, HUMAN, WORKLOADS);
        assertThat(agent.child().get(edge, TestAgent.READ).statusCode()).isEqualTo(200);

        RecordingUpstream.Seen seen = upstream.last();
        KeyRing ring = ring(edge);
        assertThat(TestAgent.json(Jws.header(String.valueOf(seen.header("Txn-Token"))))
                        .string("kid"))
                .isEqualTo(ring.transactionKey().id());
        assertThat(seen.header("Signature-Input"))
                .contains("keyid=\"" + ring.messageKey().id() + "\"");
        Map<String, List<String>> headers = new HashMap<>();
        seen.headers()
                .forEach(line -> headers.computeIfAbsent(line.getKey().toLowerCase(Locale.ROOT), n -> new ArrayList<>())
                        .add(line.getValue()));
        String[] target = seen.target().split("\\?", 2);
        UpstreamVerifier.Result result = new UpstreamVerifier(
                        RunningGateway.ISSUER,
                        "example.org",
                        get(edge, "/.well-known/jwks.json").body())
                .verify(
                        new UpstreamVerifier.Request(
                                seen.method(),
                                "http",
                                URI.create(upstream.uri()).getAuthority(),
                                target[0],
                                target.length > 1 ? target[1] : null,
                                headers,
                                seen.body()),
                        Instant.now());
        assertThat(result).as(result.toString()).isInstanceOf(UpstreamVerifier.Result.Verified.class);
    }

    /** What a thief of the edge's file could do before: a root for any human. */
    @Test
    void root_byAKeyOfAnotherUse_isRefusedByBoth() throws Exception {
        TestAgent agent = TestAgent.explore(issuer, HUMAN, WORKLOADS);
        for (JsonObject jwk : keys(edge.directory().resolve("keys.jwks"))) {
            if (jwk.get("d") == null) {
                continue;
            }
            TestKey key = new TestKey("", KeyAlgorithm.ED25519, jwk);
            for (String kid : List.of(
                    key.thumbprint(), ring(issuer).issuingKey().orElseThrow().id())) {
                String header = "{\"alg\":\"Ed25519\",\"kid\":\"" + kid + "\",\"typ\":\"aat+jwt\"}";
                TestAgent forged = new TestAgent(agent.key(), key.jws(header, Jws.payload(agent.token())), List.of());
                for (RunningGateway gateway : List.of(issuer, edge)) {
                    HttpResponse<String> answer = forged.get(gateway, TestAgent.READ);
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
                    assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("invalid-token");
                }
            }
        }
        assertThat(upstream.seen()).isEmpty();
        assertThat(agent.get(edge, TestAgent.READ).statusCode()).isEqualTo(200);
    }

    @Test
    void end_atTheEdge_endsTheTask() {
        TestAgent agent = TestAgent.explore(issuer, HUMAN, WORKLOADS);
        agent.end(edge);
        assertThat(agent.get(issuer, TestAgent.READ).statusCode()).isEqualTo(401);
    }

    @Test
    void reload_theIssuingKeyComesAndGoes_andTheTaskGoesOn() throws Exception {
        TestAgent agent = TestAgent.explore(issuer, HUMAN, WORKLOADS);
        Path file = edge.directory().resolve("keys.jwks");
        String without = Files.readString(file);
        try {
            write(file, Files.readString(issuer.directory().resolve("keys.jwks")));
            awaitStart(400);
            assertThat(agent.get(edge, TestAgent.READ).statusCode()).isEqualTo(200);
            TestAgent another = TestAgent.explore(edge, HUMAN, WORKLOADS);
            assertThat(another.get(issuer, TestAgent.READ).statusCode()).isEqualTo(200);
        } finally {
            write(file, without);
        }
        awaitStart(503);
        assertThat(agent.get(edge, TestAgent.READ).statusCode()).isEqualTo(200);
    }

    private static void awaitStart(int status) throws Exception {
        ConfigurationLook.at(edge.context());
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (startAtEdge().statusCode() != status) {
            assertThat(System.nanoTime()).as("waited for a minute").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    /** Without the key this replica would believe what anybody put into the store, and the others would not believe it. */
    @Test
    void reload_withoutTheStateKey_isRefused_andTheTaskGoesOn() throws Exception {
        TestAgent agent = TestAgent.explore(issuer, HUMAN, WORKLOADS);
        LivePolicies live = edge.context().getBean(LivePolicies.class);
        Path file = edge.directory().resolve("keys.jwks");
        Path faulty = edge.directory().resolve("tasks/faulty.yaml");
        String whole = Files.readString(file);
        List<JsonValue> others = new ArrayList<>();
        keys(file).stream().filter(key -> !"oct".equals(key.string("kty"))).forEach(others::add);
        assertThat(others).hasSameSizeAs(KeyUse.SIGNING);
        Instant before = live.report().since();
        try {
            write(file, Jcs.canonical(new JsonObject(Map.of("keys", new JsonArray(others)))));
            await(() -> !live.report().isCurrent() || live.report().since().isAfter(before));
            for (RunningGateway each : List.of(edge, issuer, edge)) {
                HttpResponse<String> answer = agent.get(each, TestAgent.READ);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            }
            assertThat(live.report().faults())
                    .singleElement()
                    .asString()
                    .endsWith(
                            "keys.jwks has no key of use 'state' any more: put one back, or end all tasks and restart the"
                                    + " replicas without it");
            // Another fault does not hide this one.
            write(faulty, "template: [\n");
            await(() -> live.report().faults().size() > 1);
            assertThat(live.report().faults())
                    .anySatisfy(fault -> assertThat(fault.toString()).contains("has no key of use 'state' any more"));
        } finally {
            Files.deleteIfExists(faulty);
            write(file, whole);
        }
        await(() -> live.report().isCurrent());
    }

    private static void await(BooleanSupplier condition) {
        ConfigurationLook.at(edge.context());
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for a minute").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    @Test
    void log_ofTheEdge_isSignedByTheKeyOfUseLogAlone() throws Exception {
        TestAgent agent = TestAgent.explore(issuer, HUMAN, WORKLOADS);
        assertThat(agent.get(edge, TestAgent.READ).statusCode()).isEqualTo(200);
        String jwks = get(edge, "/.well-known/jwks.json").body();
        Path all = Files.writeString(directory.resolve("public.jwks"), jwks);
        Path log = edge.directory().resolve("data/provenance");
        LogVerifier.Report report = LogVerifier.verify(log, all, null);
        assertThat(report.faults()).isEmpty();
        assertThat(report.signed()).isTrue();
        Path others = Files.writeString(
                directory.resolve("others.jwks"),
                jwks.replace("[\"log\"]", "[\"was\"]").replace("[\"txn\"]", "[\"log\"]"));
        assertThat(LogVerifier.verify(log, others, null).faults())
                .anyMatch(fault -> fault.contains("not signed by any of the keys given"));
    }
}
