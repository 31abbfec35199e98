package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code Errand-*} headers of every answer to a call (CONTRACT-2 section 9, first paragraph). */
class CallHeadersIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String READ = TestAgent.READ;

    private static final String PLANNED = """
            template: planned
            description: Read once, then write
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
            sequence:
              - vault:kv.read
              - vault:kv.write
            on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    private static RawUpstream upstream;
    private static RunningGateway gateway;
    private static final List<RunningGateway> alsoRunning = new ArrayList<>();
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        upstream = new RawUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/planned.yaml", PLANNED)
                .property("vault.uri", upstream.uri())
                .property("spring.cloud.gateway.server.webflux.httpclient.response-timeout", "1s")
                .start();
        agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        alsoRunning.forEach(RunningGateway::close);
        upstream.close();
    }

    @BeforeEach
    void forget() {
        answer("");
        upstream.forget();
    }

    private static void answer(String fields) {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 2\r\n\r\n{}");
            return true;
        });
    }

    private static @Nullable String field(HttpResponse<?> answer, String name) {
        List<String> values = answer.headers().allValues(name);
        assertThat(values).as(name).hasSizeLessThan(2);
        return values.isEmpty() ? null : values.get(0);
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String code, String sent) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(field(answer, "Errand-Code")).isEqualTo(code);
        assertThat(field(answer, "Errand-Sent")).isEqualTo(sent);
        assertThat(field(answer, "Errand-Decision")).isEqualTo(member(answer, "decision"));
        if (sent.equals("maybe")) {
            assertThat(field(answer, "Retry-After")).isNull();
        }
    }

    private static String member(HttpResponse<String> answer, String name) {
        return String.valueOf(TestAgent.json(answer.body()).string(name));
    }

    @Test
    void permitted_namesItsDecisionAndOperation_andNothingThatTheUpstreamSays() {
        answer("Errand-Decision: d-forged\r\nERRAND-Operation: forged\r\nErrand_Code: forged\r\nErrand-Sent: no\r\n"
                + "Errand-Whatever: x\r\nX-Errand: passes\r\n");
        HttpResponse<String> answer = agent.get(gateway, READ);
        assertThat(answer.statusCode()).isEqualTo(200);
        String decision = field(answer, "Errand-Decision");
        assertThat(decision).isNotNull().isNotEqualTo("d-forged");
        assertThat(gateway.records())
                .anyMatch(line -> line.contains("\"kind\":\"decision\"") && line.contains("\"" + decision + "\""));
        assertThat(field(answer, "Errand-Operation")).isEqualTo("vault:kv.read");
        assertThat(answer.headers().map())
                .doesNotContainKeys("Errand-Code", "Errand_Code", "Errand-Sent", "Errand-Whatever")
                .containsKey("X-Errand");
    }

    @Test
    void upstreamsTrailers_sayNothingAsErrand() throws Exception {
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Errand-Code\r\n\r\n"
                            + "2\r\n{}\r\n0\r\nErrand-Code: forged\r\nX-Other: a\r\n\r\n");
            return true;
        });
        try (java.net.Socket socket = new java.net.Socket("127.0.0.1", gateway.port())) {
            RawUpstream.write(
                    socket,
                    "GET " + READ + " HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nConnection: close\r\nAuthorization: DPoP "
                            + agent.token() + "\r\nDPoP: " + agent.dpop("GET", READ) + "\r\n\r\n");
            assertThat(new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200")
                    .doesNotContain("forged");
        }
    }

    @Test
    void refusalOfAStranger_hasNoOperation() throws Exception {
        HttpResponse<String> answer = TestAgent.HTTP.send(
                HttpRequest.newBuilder(gateway.address().resolve(READ)).build(), BodyHandlers.ofString());
        assertRefused(answer, 401, "authentication-required", "no");
        assertThat(field(answer, "Errand-Operation")).isNull();
        HttpResponse<String> head = TestAgent.HTTP.send(
                HttpRequest.newBuilder(gateway.address().resolve(READ))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
        assertThat(field(head, "Errand-Code")).isEqualTo("authentication-required");
        assertThat(field(head, "Errand-Sent")).isEqualTo("no");
        assertThat(field(head, "Errand-Decision")).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /vault/v1/secret/data/other/a, 403, constraint-violated, vault:kv.read",
        "GET, /vault/v1/nothing/here, 403, unknown-operation,",
        "GET, /vault/v1/secret/data/docs/payments/%zz, 400, malformed-request,"
    })
    void refusalOfAHolder_namesTheOperationIfItWasResolved(
            String method, String target, int status, String code, @Nullable String operation) throws Exception {
        if (target.contains("%zz")) {
            target = "/vault/v1/secret/data/docs/payments/a;b";
        }
        HttpResponse<String> answer = agent.call(gateway, method, target, null);
        assertRefused(answer, status, code, "no");
        assertThat(field(answer, "Errand-Operation")).isEqualTo(operation);
    }

    @Test
    void pending_saysToTryAgainInASecond() throws Exception {
        TestAgent planned = TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"planned\",\"parameters\":{\"project\":\"payments\"}}");
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            arrived.countDown();
            go.await(10, TimeUnit.SECONDS);
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        CompletableFuture<HttpResponse<String>> read = CompletableFuture.supplyAsync(() -> planned.get(gateway, READ));
        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
        HttpResponse<String> early = planned.call(gateway, "POST", READ, "{}");
        go.countDown();
        read.join();
        assertRefused(early, 403, "sequence-violation", "no");
        assertThat(member(early, "step")).isEqualTo("pending");
        assertThat(field(early, "Retry-After")).isEqualTo("1");
        HttpResponse<String> plain = planned.get(gateway, READ);
        assertRefused(plain, 403, "sequence-violation", "no");
        assertThat(field(plain, "Retry-After")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "close", "hang"})
    void upstreamThatDoesNotAnswer_mayHaveGotTheCall(String failure) {
        CountDownLatch over = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            if (failure.equals("hang")) {
                over.await(5, TimeUnit.SECONDS);
            }
            return failure.equals("close") ? false : RawUpstream.reset(socket);
        });
        HttpResponse<String> answer = agent.get(gateway, READ);
        over.countDown();
        assertRefused(answer, failure.equals("hang") ? 504 : 502, "upstream-unavailable", "maybe");
        assertThat(field(answer, "Errand-Operation")).isEqualTo("vault:kv.read");
    }

    @Test
    void upstreamThatIsNotThere_gotNothing() throws Exception {
        int closed = FreePort.next();
        RunningGateway nowhere = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("vault.uri", "http://127.0.0.1:" + closed)
                .start();
        alsoRunning.add(nowhere);
        TestAgent there = TestAgent.explore(nowhere, HUMAN, WORKLOADS);
        HttpResponse<String> answer = there.get(nowhere, READ);
        assertRefused(answer, 502, "upstream-unavailable", "no");
        assertThat(member(answer, "detail")).contains("could not be reached");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/oauth2/token", "/.well-known/jwks.json", "/nowhere"})
    void whatIsNoCall_hasNone(String path) throws Exception {
        HttpResponse<String> answer = TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create(gateway.address() + path)).build(), BodyHandlers.ofString());
        assertThat(answer.headers().map().keySet()).noneMatch(name -> name.startsWith("errand-"));
    }
}
