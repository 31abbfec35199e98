package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.cli.AgentClient;
import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.redis.RedisProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Envoy before an Errand that is killed, stopped, drained, or without its store or log; and an Envoy that is killed. Nothing
 * that was not decided reaches the upstream, and the table of docs/behind/envoy.md says what the agent gets.
 */
@Tag("envoy")
class EnvoyFaultsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String DOC = TestAgent.READ;
    private static final int STREAMS = 8;
    private static final Duration RESPONSE = Duration.ofSeconds(4);

    private static final String PLANNED = """
            template: planned
            description: Write once, then read
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/payments"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/payments"}}
            sequence: [vault:kv.write, {vault:kv.read: 0..*}]
            on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static RawUpstream upstream;
    private static GatewayProcess gateway;
    private static Envoy envoy;
    private static boolean mounted;

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        upstream = new RawUpstream();
        Path disk = Files.createDirectory(directory.resolve("disk"));
        mounted = mount("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString());
        gateway = new GatewayProcess(RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .property("vault.uri", upstream.uri())
                .file("tasks/planned.yaml", PLANNED)
                .file("application.yaml", AskedRoutesFile.with("vault"))
                .property("errand.decision-service.listen", "unix:" + socket())
                .property("errand.provenance.directory", disk.resolve("log").toString())
                .property("errand.drain", "10s")
                .property("errand.decision-service.streams", Integer.toString(STREAMS))
                .property("spring.cloud.gateway.server.webflux.httpclient.response-timeout", RESPONSE.toSeconds() + "s")
                .sharing(redis, redis.keys()));
        envoy = envoy();
    }

    private static boolean mount(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }

    private static Path socket() {
        return directory.resolve("decide.sock");
    }

    private static Envoy envoy() {
        return Envoy.before(
                gateway.directory(),
                gateway.address(),
                directory,
                List.of("--vault.uri=" + upstream.uri(), "--errand.decision-service.listen=unix:" + socket()),
                printed -> printed.replace("message_timeout: 10s", "message_timeout: 3s"));
    }

    @AfterAll
    static void stop() throws Exception {
        envoy.close();
        gateway.close();
        upstream.close();
        redis.close();
        mount("umount", "-l", directory.resolve("disk").toString());
    }

    @BeforeEach
    void forget() throws Exception {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        passesAgain();
    }

    private static AgentClient client() {
        return new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP);
    }

    private static TestAgent agent(String start) {
        TestKey key = TestKey.ed25519("agent");
        JsonObject answer = client().start(
                        key.agent(),
                        new AgentClient.Start(
                                HUMAN.token(),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object(start),
                                null));
        return new TestAgent(key, String.valueOf(answer.string("access_token")), List.of());
    }

    private static TestAgent explorer() {
        return agent("{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}");
    }

    private static HttpResponse<String> call(TestAgent agent, String method, @Nullable String body) {
        return new AgentClient(envoy.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .call(
                        agent.key().agent(),
                        agent.token(),
                        List.of(),
                        method,
                        DOC,
                        Map.of("Content-Type", "application/json"),
                        body == null ? null : body.getBytes(StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> read(TestAgent agent) {
        return call(agent, "GET", null);
    }

    /** Waits until calls pass again by themselves, and forgets them. */
    private static void passesAgain() throws Exception {
        RedisProcess.until("calls pass again", () -> {
            try {
                return read(explorer()).statusCode() == 200;
            } catch (AgentException notYet) {
                return false;
            }
        });
        upstream.forget();
    }

    private static String code(HttpResponse<String> answer) {
        return answer.headers().firstValue("Errand-Code").orElse("");
    }

    private static void signal(String name) throws Exception {
        ServerProcess.run("kill", "-" + name, Long.toString(gateway.process().pid()));
    }

    private static List<String> records() {
        try (Stream<Path> files = Files.list(directory.resolve("disk/log"))) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(one -> one.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList()) {
                all.append(Files.readString(file));
            }
            return all.toString().lines().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A write that the upstream holds; what happens then, and what the agent gets. */
    private static HttpResponse<String> held(TestAgent agent, CheckedRunnable then) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            arrived.countDown();
            released.await();
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        CompletableFuture<HttpResponse<String>> answer = CompletableFuture.supplyAsync(() -> call(agent, "POST", "{}"));
        try {
            assertThat(arrived.await(20, TimeUnit.SECONDS))
                    .as("the call reaches the upstream")
                    .isTrue();
            then.run(released);
            return answer.get(30, TimeUnit.SECONDS);
        } finally {
            released.countDown();
        }
    }

    private interface CheckedRunnable {
        void run(CountDownLatch release) throws Exception;
    }

    /** The write of that task stands as unknown, not as in flight, once the time for its answer is over. */
    private static void assertUnknownSoon(TestAgent agent) throws Exception {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        long begun = System.nanoTime();
        RedisProcess.until("the place in the plan is free of the call", () -> {
            HttpResponse<String> next = read(agent);
            return code(next).equals("sequence-violation") && next.body().contains("\"unknown\":[\"d-");
        });
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(RESPONSE.plusSeconds(8));
    }

    @Test
    void errandKilled_whileTheUpstreamWorks() throws Exception {
        TestAgent agent = agent("{\"template\":\"planned\"}");
        long[] ended = new long[1];
        HttpResponse<String> answer = held(agent, release -> {
            ended[0] = System.nanoTime();
            gateway.process().destroyForcibly().waitFor();
        });
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(Duration.ofNanos(System.nanoTime() - ended[0])).isLessThan(Duration.ofSeconds(10));
        upstream.forget();
        TestAgent other = new TestAgent(agent.key(), agent.token(), List.of());
        HttpResponse<String> refused = read(other);
        assertThat(refused.statusCode()).isBetween(500, 504);
        assertThat(code(refused)).isEmpty();
        assertThat(upstream.bytes()).isEmpty();
        gateway.killAndStartAgain();
        assertUnknownSoon(agent);
    }

    @Test
    void errandKilled_whileAnAnswerPasses_breaksTheAnswerOff() throws Exception {
        upstream.behave((socket, head) -> {
            RawUpstream.write(
                    socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 1200; i++) {
                RawUpstream.write(socket, "9\r\ndata: x\n\n\r\n");
                TimeUnit.MILLISECONDS.sleep(50);
            }
            return false;
        });
        TestAgent agent = explorer();
        try (Socket socket = new Socket("127.0.0.1", envoy.port())) {
            socket.setSoTimeout(20_000);
            RawUpstream.write(
                    socket,
                    "GET " + DOC + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token() + "\r\nDPoP: "
                            + agent.dpop("GET", DOC) + "\r\n\r\n");
            byte[] buffer = new byte[8192];
            StringBuilder came = new StringBuilder();
            while (came.indexOf("data: x") < 0) {
                came.append(new String(buffer, 0, socket.getInputStream().read(buffer), StandardCharsets.ISO_8859_1));
            }
            assertThat(came.toString()).startsWith("HTTP/1.1 200");
            long begun = System.nanoTime();
            gateway.process().destroyForcibly();
            int n = 0;
            while (n >= 0) {
                came.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
                try {
                    n = socket.getInputStream().read(buffer);
                } catch (java.net.SocketException reset) {
                    n = -1;
                }
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
            assertThat(came.toString()).doesNotEndWith("0\r\n\r\n");
        }
        gateway.killAndStartAgain();
    }

    @Test
    void errandStopped_isATimeoutOfEnvoys_andNothingIsSent() throws Exception {
        TestAgent agent = agent("{\"template\":\"planned\"}");
        signal("STOP");
        HttpResponse<String> answer;
        try {
            answer = call(agent, "POST", "{}");
        } finally {
            signal("CONT");
        }
        assertThat(answer.statusCode()).isEqualTo(504);
        passesAgain();
        assertThat(upstream.bytes()).isEmpty();
        // Whatever the late decision was: its place in the plan is not held.
        RedisProcess.until("the plan goes on", () -> {
            HttpResponse<String> again = call(agent, "POST", "{}");
            return again.statusCode() == 200 || again.body().contains("\"unknown\":[\"d-");
        });
    }

    @Test
    void errandDrained_finishesWhatItBegan_andEnvoySendsNothingMore() throws Exception {
        TestAgent agent = agent("{\"template\":\"planned\"}");
        TestAgent later = explorer();
        HttpResponse<String> answer = held(agent, release -> {
            gateway.process().destroy();
            RedisProcess.until("the drain begins", () -> gateway.output().contains("stopping: readiness is down"));
            release.countDown();
        });
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(gateway.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        upstream.forget();
        assertThat(read(later).statusCode()).isBetween(500, 504);
        assertThat(upstream.bytes()).isEmpty();
        gateway.killAndStartAgain();
        RedisProcess.until("the plan goes on", () -> read(agent).statusCode() == 200);
    }

    @Test
    void storeAway_isErrandsRefusal() throws Exception {
        TestAgent agent = explorer();
        redis.signal("STOP");
        try {
            HttpResponse<String> answer = read(agent);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            assertThat(code(answer)).isEqualTo("decision-unavailable");
            assertThat(answer.headers().firstValue("Errand-Sent")).hasValue("no");
            assertThat(upstream.bytes()).isEmpty();
        } finally {
            redis.signal("CONT");
        }
        passesAgain();
    }

    @Test
    void moreDecisionsAtOnceThanStreams_areRefusedAtOnce_andReachNobody() throws Exception {
        CountDownLatch arrived = new CountDownLatch(STREAMS);
        CountDownLatch released = new CountDownLatch(1);
        upstream.behave((socket, head) -> {
            arrived.countDown();
            released.await();
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        List<TestAgent> agents =
                Stream.generate(EnvoyFaultsIT::explorer).limit(2 * STREAMS).toList();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<CompletableFuture<HttpResponse<String>>> held = agents.subList(0, STREAMS).stream()
                    .map(agent -> CompletableFuture.supplyAsync(() -> read(agent), threads))
                    .toList();
            assertThat(arrived.await(20, TimeUnit.SECONDS))
                    .as("all places are taken")
                    .isTrue();
            List<TestAgent> more = agents.subList(STREAMS, 2 * STREAMS);
            long begun = System.nanoTime();
            for (TestAgent agent : more) {
                HttpResponse<String> refused = read(agent);
                assertThat(refused.statusCode()).isEqualTo(500);
                assertThat(code(refused)).isEmpty();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .as("at once")
                    .isLessThan(RESPONSE.minusSeconds(1));
            assertThat(upstream.bytes().split("GET /v1", -1)).hasSize(STREAMS + 1);
            released.countDown();
            for (CompletableFuture<HttpResponse<String>> each : held) {
                assertThat(each.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            }
            for (TestAgent agent : more) {
                assertThat(read(agent).statusCode()).as("there is room again").isEqualTo(200);
            }
        } finally {
            released.countDown();
            threads.shutdownNow();
        }
    }

    @Test
    void logFull_isErrandsRefusal() throws Exception {
        assumeTrue(mounted, "no right to mount");
        TestAgent agent = explorer();
        Path filler = directory.resolve("disk/filler");
        try {
            ServerProcess.run("bash", "-c", "cat /dev/zero > " + filler + " 2> /dev/null || true");
            RedisProcess.until("the log is full", () -> code(read(agent)).equals("decision-unavailable"));
            upstream.forget();
            assertThat(read(agent).statusCode()).isEqualTo(503);
            assertThat(upstream.bytes()).isEmpty();
        } finally {
            Files.deleteIfExists(filler);
        }
        passesAgain();
    }

    @Test
    void envoyKilled_isAnOutcomeThatNobodyKnows_atOnce() throws Exception {
        TestAgent agent = agent("{\"template\":\"planned\"}");
        CompletableFuture<Object> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return held(agent, release -> envoy.kill());
            } catch (Exception gone) {
                return gone;
            }
        });
        answer.get(40, TimeUnit.SECONDS);
        envoy.close();
        RedisProcess.until("the outcome is recorded", () -> {
            List<String> all = records();
            String last = all.stream()
                    .filter(line -> line.contains("\"kind\":\"decision\"") && line.contains("vault:kv.write"))
                    .reduce((one, other) -> other)
                    .orElseThrow();
            String decision = String.valueOf(TestAgent.json(last).string("decision"));
            return all.stream()
                    .anyMatch(line -> line.contains("\"kind\":\"outcome\"")
                            && line.contains(decision)
                            && line.contains("\"upstream_status\":null"));
        });
        envoy = envoy();
        assertUnknownSoon(agent);
    }
}
