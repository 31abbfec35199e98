package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.autoconfigure.ConfigurationLook;
import dev.errand.config.Faults;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.LivePolicies;
import dev.errand.template.ConfigurationFiles;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A changed configuration is taken up whole, without a restart and without a call that notices, or refused whole. */
class ReloadIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int RELOADS = Integer.getInteger("errand.reload.reloads", 10);
    /**
     * Each has one call in flight nearly all the time. 1,000 pass on a quiet machine. Beside other tests their bursts keep the
     * processors busy for longer than the store may be silent.
     */
    private static final int CALLERS = Integer.getInteger("errand.reload.callers", 100);

    private static final String TEMPLATE = TestAgent.EXPLORE_TEMPLATE.replace("capacity: 1000", "capacity: 1000000");

    private RecordingUpstream upstream;
    private RunningGateway gateway;

    @BeforeEach
    void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .property("errand.state.timeout", "20s")
                .file("application.yaml", application("a"))
                .file("operations/vault.yaml", catalogue("a"))
                .file("tasks/explore.yaml", TEMPLATE)
                .file("credentials/a", "a")
                .file("credentials/b", "b")
                .start();
    }

    @AfterEach
    void stop() {
        gateway.close();
        upstream.close();
    }

    /** One of two configurations whose routes, catalogue and credential tell which of them judged a call. */
    private static String application(String which) {
        return """
                spring.cloud.gateway.server.webflux:
                  default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
                  routes:
                    - id: vault
                      uri: ${vault.uri}
                      predicates: [Path=/vault/**]
                      filters: [StripPrefix=1, AddRequestHeader=X-Route, %1$s, OperationMapping=vault, UpstreamCredential=vault]
                errand:
                  issuer: https://gateway.example.org
                  trust:
                    humans: [{issuer: "https://idp.example.org", jwks: "file:idp.jwks", audience: errand}]
                    workloads: [{trust-domain: example.org, bundle: "file:example.org.json"}]
                  upstreams:
                    vault: {header: {name: X-Vault-Token, file: "file:credentials/%1$s"}}
                """.replace("AddRequestHeader=X-Route, %1$s", "\"AddRequestHeader=X-Route, %1$s\"")
                .replace("%1$s", which);
    }

    private static String catalogue(String which) {
        return """
                catalogue: vault
                resolver: template
                base-path: /v1
                operations:
                  - {id: kv.read, match: {method: GET, path: "/secret/data/docs/payments/{path+}"}, effect: read, resource: "secret/docs/payments/%s/{path}"}
                  - {id: kv.write, match: {method: POST, path: "/secret/data/docs/payments/{path+}"}, effect: write, resource: "secret/docs/payments/{path}"}
                """.formatted(which);
    }

    private void write(String file, String text) {
        try {
            Files.writeString(gateway.directory().resolve(file), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String read(String file) {
        try {
            return Files.readString(gateway.directory().resolve(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private LivePolicies.Report report() {
        return gateway.context().getBean(LivePolicies.class).report();
    }

    /** Waits until the files as they are now were read, and taken or refused. */
    private LivePolicies.Report awaitRead() {
        String revision = new ConfigurationFiles(gateway.directory()).revision(new Faults());
        await(() -> report().fileRevision().equals(revision));
        return report();
    }

    private void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        ConfigurationLook.at(gateway.context());
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for a minute").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private void awaitTaken() {
        assertThat(awaitRead().faults()).isEmpty();
    }

    /** Swaps the first key, which signs, with the second. */
    private void swapKeys(Path keys) {
        JsonObject ring = TestAgent.json(read(keys.toString()));
        var list = ((JsonArray) Objects.requireNonNull(ring.get("keys"))).values();
        write(keys.toString(), "{\"keys\":[" + Jcs.canonical(list.get(1)) + "," + Jcs.canonical(list.get(0)) + "]}");
    }

    private List<String> servedKeys() {
        String body = send("http://127.0.0.1:" + gateway.port() + "/.well-known/jwks.json", "")
                .body();
        var keys = (JsonArray) Objects.requireNonNull(TestAgent.json(body).get("keys"));
        return keys.values().stream()
                .map(key -> String.valueOf(((JsonObject) key).string("kid")))
                .toList();
    }

    private static HttpResponse<String> send(String url, String bearer) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
            if (!bearer.isEmpty()) {
                request.header("Authorization", "Bearer " + bearer);
            }
            return TestAgent.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private JsonObject configuration() {
        String token = read("data/operator-token").strip();
        return TestAgent.json(send("http://127.0.0.1:" + gateway.managementPort() + "/configuration", token)
                .body());
    }

    @Test
    void reloads_underLoad_noCallFailsOrIsJudgedByTwoRevisions() throws Exception {
        upstream.answer(seen -> RecordingUpstream.Answer.of(200, "{}").after(Duration.ofMillis(500)));
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        List<String> wrong = new CopyOnWriteArrayList<>();
        AtomicInteger calls = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            running.add(callers.submit(() -> {
                while (!done.get()) {
                    var answer = agent.get(gateway, TestAgent.READ);
                    if (answer.statusCode() != 200) {
                        wrong.add(answer.statusCode() + " " + answer.body());
                    }
                    calls.incrementAndGet();
                }
            }));
        }
        for (int i = 1; i <= RELOADS; i++) {
            String which = i % 2 == 0 ? "a" : "b";
            write("application.yaml", application(which));
            write("operations/vault.yaml", catalogue(which));
            write("tasks/explore.yaml", TEMPLATE + "# " + i + "\n");
            swapKeys(Path.of("data/keys.jwks"));
            awaitTaken();
            int ended = calls.get();
            // So at least one of them began after the reload.
            await(() -> calls.get() > ended + CALLERS);
        }
        done.set(true);
        for (Future<?> one : running) {
            one.get();
        }
        callers.shutdown();

        assertThat(wrong).isEmpty();
        List<String> mixed = new ArrayList<>();
        List<String> judges = new ArrayList<>();
        List<String> signers = new ArrayList<>();
        for (RecordingUpstream.Seen seen : upstream.seen()) {
            String token = Objects.requireNonNull(seen.header("Txn-Token"));
            String route = Objects.requireNonNull(seen.header("X-Route"));
            String resource = Jcs.canonical(Objects.requireNonNull(
                    Objects.requireNonNull(Jws.claims(token).object("tctx")).get("resource")));
            if (!route.equals(seen.header("X-Vault-Token"))
                    || !resource.equals("[\"secret/docs/payments/" + route + "/a\"]")) {
                mixed.add(route + " " + seen.header("X-Vault-Token") + " " + resource);
            }
            judges.add(route);
            signers.add(token.substring(0, token.indexOf('.')));
        }
        assertThat(mixed).isEmpty();
        assertThat(upstream.seen()).hasSize(calls.get());
        assertThat(judges).contains("a", "b");
        assertThat(signers.stream().distinct()).hasSize(2);
    }

    @Test
    void faultyChange_isRefusedWhole_andToldUntilItIsMended() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        String before = report().revision();
        write("application.yaml", application("b"));
        write("operations/vault.yaml", catalogue("b").replace("effect: read", "effect: raed"));
        LivePolicies.Report refused = awaitRead();

        assertThat(refused.revision()).isEqualTo(before);
        assertThat(refused.isCurrent()).isFalse();
        assertThat(refused.faults())
                .extracting(Object::toString)
                .anySatisfy(fault ->
                        assertThat(fault).startsWith("operations/vault.yaml:5:").contains("did you mean 'read'?"));
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(upstream.seen().get(0).header("X-Route")).isEqualTo("a");
        JsonObject told = configuration();
        assertThat(told.string("revision")).isEqualTo(before);
        assertThat(told.string("file_revision")).isEqualTo(refused.fileRevision());
        assertThat(Jcs.canonical(Objects.requireNonNull(told.get("faults")))).contains("operations/vault.yaml:5:");
        assertThat(send(
                                "http://127.0.0.1:" + gateway.managementPort() + "/actuator/health",
                                read("data/operator-token").strip())
                        .body())
                .contains("operations/vault.yaml:5:", before);
        assertThat(send(
                                "http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus",
                                read("data/operator-token").strip())
                        .body())
                .contains(
                        "errand_configuration_current 0.0",
                        "errand_configuration_reloads_total{outcome=\"refused\"} 1.0");

        write("operations/vault.yaml", catalogue("b"));
        awaitTaken();
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(upstream.seen().get(1).header("X-Route")).isEqualTo("b");
    }

    /** Keys, trust and credentials do not wait until somebody mends a template; what waits is named. */
    @Test
    void faultyTemplate_holdsBackNoKeyTrustOrCredential_andIsNamed() {
        TestHuman other = new TestHuman("https://idp.example.net", "user:1", TestKey.ed25519("idp-2"));
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        List<String> served = servedKeys();
        write("other.jwks", other.jwks());
        write("tasks/explore.yaml", TEMPLATE.replace("capacity:", "capaciti:"));
        write(
                "application.yaml",
                application("a")
                        .replace("idp.example.org", "idp.example.net")
                        .replace("idp.jwks", "other.jwks")
                        .replace("file:credentials/a", "file:credentials/b"));
        awaitRead();
        assertThat(report().isCurrent()).isFalse();
        assertThat(report().notInForce()).containsExactly("tasks/explore.yaml");
        assertThat(TestAgent.explore(gateway, other, WORKLOADS)
                        .get(gateway, TestAgent.READ)
                        .statusCode())
                .isEqualTo(200);
        assertThat(upstream.seen().get(0).header("X-Vault-Token")).isEqualTo("b");
        assertThatThrownBy(() -> TestAgent.explore(gateway, HUMAN, WORKLOADS)).hasMessageContaining("invalid_request");

        JsonObject ring = TestAgent.json(read("data/keys.jwks"));
        var keys = ((JsonArray) Objects.requireNonNull(ring.get("keys"))).values();
        JsonObject fresh = TestKey.ed25519("fresh").jwk();
        write("data/keys.jwks", "{\"keys\":[" + Jcs.canonical(fresh) + "," + Jcs.canonical(keys.get(1)) + "]}");
        await(() -> !servedKeys().contains(served.get(0)));
        assertThat(TestAgent.json(agent.get(gateway, TestAgent.READ).body()).string("code"))
                .as("a call of a token by the leaked key")
                .isEqualTo("invalid-token");
        await(() -> report().notInForce().equals(List.of("tasks/explore.yaml")));

        write("idp.jwks", "{}");
        write("other.jwks", "no document");
        write("application.yaml", application("b").replace("errand:", "errandd:"));
        await(() -> Jcs.canonical(Objects.requireNonNull(configuration().get("not_in_force")))
                .equals("[\"application.yaml\",\"tasks/explore.yaml\",\""
                        + gateway.directory().resolve("other.jwks") + "\"]"));

        write("other.jwks", other.jwks());
        write("tasks/explore.yaml", TEMPLATE);
        write("application.yaml", application("a"));
        write("idp.jwks", HUMAN.jwks());
        awaitTaken();
        await(() -> Jcs.canonical(configuration()).contains("\"not_in_force\":[]"));
    }

    @Test
    void routes_comeAndGo() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        write("application.yaml", application("a").replace("Path=/vault/**", "Path=/elsewhere/**"));
        awaitTaken();
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(404);
        assertThat(agent.get(gateway, TestAgent.READ.replace("/vault/", "/elsewhere/"))
                        .statusCode())
                .isEqualTo(200);
        write("application.yaml", application("a").replace("filters: [StripPrefix=1", "filters: [StripPrefix=one"));
        assertThat(awaitRead().faults())
                .extracting(Object::toString)
                .anySatisfy(fault -> assertThat(fault)
                        .startsWith("application.yaml:")
                        .contains("route 'vault' StripPrefix cannot be made"));
        assertThat(agent.get(gateway, TestAgent.READ.replace("/vault/", "/elsewhere/"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void openRoute_underTheDefaultFilters_asksNobody() {
        write("application.yaml", application("a").replace("errand:\n", """
                                    - id: status
                                      uri: ${vault.uri}
                                      predicates: [Path=/status]
                                      metadata: {errand: open}
                                errand:
                                """));
        awaitTaken();
        assertThat(send("http://127.0.0.1:" + gateway.port() + "/status", "").statusCode())
                .isEqualTo(200);
        assertThat(upstream.seen().get(0).header("Txn-Token")).isNull();
        assertThat(upstream.seen().get(0).header("X-Vault-Token")).isNull();
    }

    @Test
    void keys_rotate_andAGoneKeyIsDistrusted() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        List<String> served = servedKeys();
        swapKeys(Path.of("data/keys.jwks"));
        await(() -> servedKeys().get(0).equals(served.get(1)));
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        TestAgent later = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        assertThat(Jws.object(Jws.header(later.token())).string("kid")).isEqualTo(served.get(1));

        TestKey fresh = TestKey.ed25519("fresh");
        JsonObject ring = TestAgent.json(read("data/keys.jwks"));
        var list = ((JsonArray) Objects.requireNonNull(ring.get("keys"))).values();
        write("data/keys.jwks", "{\"keys\":[" + Jcs.canonical(fresh.jwk()) + "," + Jcs.canonical(list.get(0)) + "]}");
        await(() -> !servedKeys().contains(served.get(0)));
        assertThat(later.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(TestAgent.json(agent.get(gateway, TestAgent.READ).body()).string("code"))
                .isEqualTo("invalid-token");

        write("data/keys.jwks", "{\"keys\":[]}");
        await(() -> !report().isCurrent());
        assertThat(report().faults().get(0).toString()).startsWith("data/keys.jwks:1:1: no keys");
        assertThat(later.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
    }

    @Test
    void key_gone_cutsTheStreamsOfWhatItSigned() throws Exception {
        try (RawUpstream endless = new RawUpstream()) {
            endless.behave((socket, head) -> {
                RawUpstream.write(
                        socket,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                while (!socket.isClosed()) {
                    RawUpstream.write(socket, "9\r\ndata: x\n\n\r\n");
                    Thread.sleep(50);
                }
                return false;
            });
            write("application.yaml", application("a").replace("${vault.uri}", endless.uri()));
            awaitTaken();
            TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
            try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
                socket.setSoTimeout(20_000);
                String request = "GET " + TestAgent.READ + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP "
                        + agent.token() + "\r\nDPoP: " + agent.dpop("GET", TestAgent.READ) + "\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1))
                        .isEqualTo("HTTP/1.1 200");
                write(
                        "data/keys.jwks",
                        "{\"keys\":[" + Jcs.canonical(TestKey.ed25519("fresh").jwk()) + "]}");
                await(() -> servedKeys().size() == 1);
                long gone = System.nanoTime();
                while (socket.getInputStream().read() >= 0) {
                    assertThat(Duration.ofNanos(System.nanoTime() - gone)).isLessThan(Duration.ofSeconds(10));
                }
            }
        }
    }

    @Test
    void route_whoseSchemeNothingSends_failsTheCallAndGivesItBack() {
        write("application.yaml", application("a").replace("${vault.uri}", "ws://127.0.0.1:1"));
        awaitTaken();
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        HttpResponse<String> answer = agent.get(gateway, TestAgent.READ);
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("upstream-unavailable");
        assertThat(gateway.records()).anyMatch(line -> line.contains("\"compensated\":true"));
        assertThat(gateway.records()).noneMatch(line -> line.contains("\"upstream_status\":200"));
    }

    @Test
    void trust_isTakenUp_andWhatCannotBeIsToldToNeedARestart() {
        TestHuman other = new TestHuman("https://idp.example.net", "user:1", TestKey.ed25519("idp-2"));
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        write("other.jwks", other.jwks());
        write(
                "application.yaml",
                application("a")
                        .replace("idp.example.org", "idp.example.net")
                        .replace("idp.jwks", "other.jwks")
                        .replace("errand:\n  issuer", "errand:\n  mode: observe\n  issuer"));
        awaitTaken();
        assertThat(report().restartNeeded()).containsExactly("errand.mode");
        assertThat(Jcs.canonical(configuration())).contains("\"restart_needed\":[\"errand.mode\"]");
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        TestAgent later = TestAgent.explore(gateway, other, WORKLOADS);
        assertThat(later.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> TestAgent.explore(gateway, HUMAN, WORKLOADS)).hasMessageContaining("invalid_request");

        write("application.yaml", application("a"));
        awaitTaken();
        assertThat(report().restartNeeded()).isEmpty();
    }
}
