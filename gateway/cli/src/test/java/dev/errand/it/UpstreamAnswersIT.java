package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Upstreams that break HTTP/1.1: bytes that nobody asked for are no other agent's answer, interim answers are not the
 * answer, and one that breaks off is told as such. Over a connection of an event loop, over one that all calls share, and
 * over TLS.
 */
class UpstreamAnswersIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String READ = TestAgent.READ;
    private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL";
    private static final String MINE = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine";

    @TempDir
    private static Path directory;

    private static RawUpstream upstream;
    private static RawUpstream secure;
    private static Map<String, RunningGateway> gateways;
    private static ExecutorService threads;

    /** Sockets of the upstream on which something was answered already. */
    private final Set<Socket> used = ConcurrentHashMap.newKeySet();

    @BeforeAll
    static void start() {
        threads = Executors.newCachedThreadPool();
        upstream = new RawUpstream();
        secure = new RawUpstream(new TestTls(directory).server().getServerSocketFactory());
        String client = "spring.cloud.gateway.server.webflux.httpclient.";
        gateways = Map.of(
                "loops", gateway().property("vault.uri", upstream.uri()).start(),
                "one",
                        gateway()
                                .property("vault.uri", upstream.uri())
                                .property(client + "pool.type", "FIXED")
                                .property(client + "pool.max-connections", "1")
                                .start(),
                "tls",
                        gateway()
                                .property("vault.uri", "https://127.0.0.1:" + secure.port())
                                .property(client + "ssl.use-insecure-trust-manager", "true")
                                .start());
    }

    private static RunningGateway.Builder gateway() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("spring.cloud.gateway.server.webflux.httpclient.response-timeout", "10s");
    }

    @AfterAll
    static void stop() {
        gateways.values().forEach(RunningGateway::close);
        upstream.close();
        secure.close();
        threads.shutdownNow();
    }

    @BeforeEach
    void forget() {
        used.clear();
        upstream.forget();
        secure.forget();
    }

    private static RunningGateway on(String name) {
        return gateways.get(name);
    }

    private static void behave(RawUpstream.Behaviour behaviour) {
        upstream.behave(behaviour);
        secure.behave(behaviour);
    }

    private static TestAgent agent(RunningGateway gateway) {
        return TestAgent.explore(gateway, HUMAN, WORKLOADS);
    }

    private static String member(HttpResponse<String> answer, String name) {
        return String.valueOf(TestAgent.json(answer.body()).string(name));
    }

    private static void assertBroken(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(502);
        assertThat(member(answer, "code")).isEqualTo("upstream-unavailable");
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue("upstream-unavailable");
        assertThat(answer.headers().firstValue("Errand-Sent")).hasValue("maybe");
        assertThat(answer.headers().firstValue("Errand-Next")).hasValue("check");
        assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
    }

    /** An answer's head, and how it is asked for. */
    private static String head(String kind) {
        return switch (kind) {
            case "HEAD" -> "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n";
            case "HEAD without length" -> "HTTP/1.1 200 OK\r\n\r\n";
            case "204" -> "HTTP/1.1 204 No Content\r\n\r\n";
            case "304" -> "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 44\r\n\r\n";
            default -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        };
    }

    private static HttpResponse<String> ask(TestAgent agent, RunningGateway gateway, String kind) {
        Map<String, String> headers = kind.equals("304") ? Map.of("If-None-Match", "\"a\"") : Map.of();
        return agent.call(gateway, kind.startsWith("HEAD") ? "HEAD" : "GET", READ, headers, null);
    }

    private static int statusOf(String kind) {
        return kind.equals("204") || kind.equals("304") ? Integer.parseInt(kind) : 200;
    }

    @ParameterizedTest
    @CsvSource({
        "loops, HEAD, at once",
        "loops, HEAD, later",
        "loops, HEAD, cut",
        "loops, HEAD without length, at once",
        "loops, HEAD without length, later",
        "loops, 204, at once",
        "loops, 204, later",
        "loops, 204, cut",
        "loops, 304, at once",
        "loops, 304, later",
        "loops, 304, cut",
        "loops, GET, at once",
        "loops, GET, later",
        "loops, GET, cut",
        "one, HEAD, at once",
        "one, HEAD, later",
        "one, HEAD, cut",
        "one, GET, cut",
        "tls, HEAD, at once",
        "tls, HEAD, later",
        "tls, HEAD, cut",
        "tls, 204, at once",
        "tls, 304, cut",
        "tls, GET, at once"
    })
    void bytesNobodyAskedFor_areNoOtherAgentsAnswer(String name, String kind, String when) throws Exception {
        RunningGateway gateway = on(name);
        TestAgent first = agent(gateway);
        TestAgent second = agent(gateway);
        for (int round = 0; round < 6; round++) {
            String surplus = when.equals("cut") ? EVIL.substring(0, EVIL.length() - 4) : EVIL;
            CountDownLatch written = new CountDownLatch(1);
            behave((socket, head) -> {
                if (when.equals("later")) {
                    RawUpstream.write(socket, head(kind));
                    threads.submit(() -> {
                        Thread.sleep(30);
                        RawUpstream.write(socket, surplus);
                        return null;
                    });
                } else {
                    RawUpstream.write(socket, head(kind) + surplus);
                }
                written.countDown();
                return true;
            });
            HttpResponse<String> own = ask(first, gateway, kind);
            assertThat(own.statusCode()).isEqualTo(statusOf(kind));
            assertThat(own.body()).isEqualTo(kind.equals("GET") ? "{}" : "");
            assertThat(written.await(1, TimeUnit.SECONDS)).isTrue();
            if (when.equals("later")) {
                Thread.sleep(100);
            }
            behave((socket, head) -> {
                RawUpstream.write(socket, MINE);
                return true;
            });
            HttpResponse<String> others = second.get(gateway, READ);
            assertThat(others.statusCode()).isEqualTo(200);
            assertThat(others.body()).isEqualTo("mine");
        }
    }

    /** The body of an answer that may have none may come when the next request is on its way. */
    @ParameterizedTest
    @CsvSource({"loops, HEAD", "loops, 304", "one, HEAD", "one, 304", "tls, HEAD"})
    void bodyThatIsAnnouncedAndComesLate_findsItsConnectionClosed(String name, String kind) {
        RunningGateway gateway = on(name);
        TestAgent first = agent(gateway);
        TestAgent second = agent(gateway);
        behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    used.add(socket)
                            ? head.startsWith("HEAD") || head.contains("If-None-Match") ? head(kind) : MINE
                            : EVIL + MINE);
            return true;
        });
        assertThat(ask(first, gateway, kind).statusCode()).isEqualTo(statusOf(kind));
        assertThat(second.get(gateway, READ).body()).isEqualTo("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"204", "GET"})
    void connection_afterAnAnswerAsItShouldBe_isUsedAgain(String kind) {
        TestAgent agent = agent(on("one"));
        behave((socket, head) -> {
            RawUpstream.write(socket, head(kind));
            return true;
        });
        for (int i = 0; i < 5; i++) {
            assertThat(ask(agent, on("one"), kind).statusCode()).isEqualTo(statusOf(kind));
        }
        assertThat(upstream.connections()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"loops", "one", "tls"})
    void switchOfProtocols_thatNobodyAskedFor_is502AndClosed(String name) throws Exception {
        RunningGateway gateway = on(name);
        TestAgent first = agent(gateway);
        behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    used.isEmpty() && used.add(socket)
                            ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
                            : MINE);
            return true;
        });
        Future<HttpResponse<String>> refused = threads.submit(() -> first.get(gateway, READ));
        assertBroken(refused.get(5, TimeUnit.SECONDS));
        assertThat(agent(gateway).get(gateway, READ).body()).isEqualTo("mine");
        assertThat((name.equals("tls") ? secure : upstream).connections()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"loops, at once", "loops, apart", "tls, apart"})
    void interimAnswers_areNotTheAnswer(String name, String when) {
        RunningGateway gateway = on(name);
        TestAgent agent = agent(gateway);
        behave((socket, head) -> {
            for (int status : List.of(102, 103, 100, 199)) {
                RawUpstream.write(socket, "HTTP/1.1 " + status + " Interim\r\nX-Interim: a\r\n\r\n");
                Thread.sleep(when.equals("apart") ? 30 : 0);
            }
            RawUpstream.write(socket, "HTTP/1.1 404 Not Found\r\nX-Final: a\r\nContent-Length: 4\r\n\r\nreal");
            return true;
        });
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = agent.get(gateway, READ);
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).isEqualTo("real");
            assertThat(answer.headers().map()).containsKey("X-Final").doesNotContainKey("X-Interim");
        }
        assertThat((name.equals("tls") ? secure : upstream).connections()).hasSize(1);
    }

    @Test
    void interimAnswers_withoutEnd_are502() {
        TestAgent agent = agent(on("loops"));
        behave((socket, head) -> {
            for (int i = 0; i < 1_000; i++) {
                RawUpstream.write(socket, "HTTP/1.1 103 Early Hints\r\n\r\n");
            }
            RawUpstream.write(socket, MINE);
            return true;
        });
        assertBroken(agent.get(on("loops"), READ));
    }

    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: y",
                CHUNKED + "zz\r\nhello\r\n0\r\n\r\n",
                CHUNKED + "5\r\nhel",
                CHUNKED + "5",
                CHUNKED,
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
            })
    void answer_thatBreaksBeforeItsHeadWasSent_is502(String text) throws Exception {
        for (String name : List.of("loops", "tls")) {
            TestAgent agent = agent(on(name));
            behave((socket, head) -> {
                RawUpstream.write(socket, text);
                Thread.sleep(50);
                return false;
            });
            // A cut within the first chunk: its bytes went out with the head.
            if (text.endsWith("hel")) {
                assertThatThrownBy(() -> agent.get(on(name), READ)).hasMessageContaining("chunked transfer encoding");
            } else {
                Future<HttpResponse<String>> answer = threads.submit(() -> agent.get(on(name), READ));
                assertBroken(answer.get(5, TimeUnit.SECONDS));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\r\nhello\r\n0\r\n\r\n", "5\r\nhel", "5\r\nhelloXX0\r\n\r\n"})
    void answer_thatBreaksAfterItsHeadWasSent_isBrokenOff(String rest) throws Exception {
        TestAgent agent = agent(on("loops"));
        behave((socket, head) -> {
            RawUpstream.write(socket, CHUNKED + "5\r\nhello\r\n");
            Thread.sleep(100);
            RawUpstream.write(socket, rest);
            Thread.sleep(50);
            return false;
        });
        try (Socket socket = new Socket("127.0.0.1", on("loops").port())) {
            socket.setSoTimeout(10_000);
            String request = "GET " + READ + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token()
                    + "\r\nDPoP: " + agent.dpop("GET", READ) + "\r\n\r\n";
            RawUpstream.write(socket, request);
            String all = new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
            assertThat(all).startsWith("HTTP/1.1 200").contains("hello").doesNotContain("\r\n0\r\n");
        }
    }
}
