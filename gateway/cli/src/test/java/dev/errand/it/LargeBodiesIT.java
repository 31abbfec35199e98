package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.cli.AgentClient;
import dev.errand.holder.Proofs;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Bodies that no one needs to decide: they pass through a gateway whose whole memory is smaller than they are, and none
 * of its buffers is lost, whoever goes away in the middle.
 */
class LargeBodiesIT {
    private static final long SIZE = 200L << 20;
    private static final int PIECE = 64 << 10;
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final TestKey KEY = TestKey.ed25519("agent");
    private static final AtomicLong ARRIVED = new AtomicLong();

    private static DisposableServer upstream;
    private static GatewayProcess gateway;
    private static String token;

    @BeforeAll
    static void start() throws Exception {
        byte[] piece = new byte[PIECE];
        upstream = HttpServer.create()
                .runOn(RecordingUpstream.LOOPS)
                .host("127.0.0.1")
                .port(0)
                .route(routes -> routes.put(
                                "/reports/{key}",
                                (request, response) -> request.receive()
                                        .doOnNext(buffer -> ARRIVED.addAndGet(buffer.readableBytes()))
                                        .then(response.status(200).send()))
                        .put("/stalled/{key}", (request, response) -> Mono.never())
                        .get("/uploads/{key}", LargeBodiesIT::count)
                        .head("/uploads/{key}", LargeBodiesIT::count)
                        .delete("/uploads/{key}", LargeBodiesIT::count)
                        .put("/uploads/{key}", LargeBodiesIT::count)
                        .get(
                                "/reports/large",
                                (request, response) -> response.header("Content-Length", Long.toString(SIZE))
                                        .send(
                                                Flux.range(0, (int) (SIZE / PIECE))
                                                        .map(i -> Unpooled.wrappedBuffer(piece)),
                                                one -> true))
                        .get(
                                "/reports/events",
                                (request, response) -> response.sse()
                                        .sendString(Flux.range(0, 3).map(i -> "data: " + i + "\n\n")))
                        .get("/reports/small", (request, response) -> response.sendString(Flux.just("small"))))
                .bindNow();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        FrontedServer.application("s3", "http://127.0.0.1:" + upstream.port(), List.of()))
                .file("tasks/work.yaml", FrontedServer.template(FrontedServer.everything("s3")));
        gateway = new GatewayProcess(
                builder,
                GatewayProcess.Launch.classes(
                        List.of(
                                "-Xmx128m",
                                "-XX:MaxDirectMemorySize=64m",
                                "-Dio.netty.leakDetection.level=paranoid",
                                "-Dio.netty.leakDetection.targetRecords=0"),
                        Map.of()));
        token = String.valueOf(new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .start(
                        KEY.agent(),
                        new AgentClient.Start(
                                HUMAN.token(),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object("{\"template\":\"work\",\"parameters\":{}}"),
                                null))
                .string("access_token"));
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        upstream.disposeNow();
    }

    private static Publisher<Void> count(HttpServerRequest request, HttpServerResponse response) {
        return request.receive()
                .doOnNext(buffer -> ARRIVED.addAndGet(buffer.readableBytes()))
                .then(response.status(200).send());
    }

    private static String proof(String method, String path) {
        return Proofs.dpop(KEY.agent(), method, RunningGateway.ISSUER + path, token, null, Instant.now());
    }

    private static HttpRequest.Builder call(String method, String path) {
        return HttpRequest.newBuilder(URI.create(gateway.address() + path))
                .timeout(Duration.ofSeconds(120))
                .header("Authorization", "DPoP " + token)
                .header("DPoP", proof(method, path));
    }

    @Test
    void upload_largerThanTheGatewaysMemory_arrivesWhole() throws Exception {
        ARRIVED.set(0);
        byte[] piece = new byte[PIECE];
        HttpRequest request = call("PUT", "/s3/reports/large")
                .PUT(BodyPublishers.fromPublisher(
                        BodyPublishers.ofByteArrays(() -> java.util.stream.IntStream.range(0, (int) (SIZE / PIECE))
                                .mapToObj(i -> piece)
                                .iterator()),
                        SIZE))
                .build();
        assertThat(TestAgent.HTTP.send(request, BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
        assertThat(ARRIVED).hasValue(SIZE);
        assertThat(gateway.process().isAlive()).isTrue();
        assertThat(gateway.output()).doesNotContain("OutOfMemory").doesNotContain("OutOfDirectMemory");
    }

    /** A body of a GET costs the event loop no more than one of a PUT, and nobody else waits for it. */
    @ParameterizedTest
    @CsvSource({"GET,true", "GET,false", "HEAD,true", "DELETE,true", "DELETE,false", "PUT,true", "PUT,false"})
    void upload_byAnyMethod_streams_andHoldsUpNobody(String method, boolean chunked) throws Exception {
        int size = 64 << 20;
        ARRIVED.set(0);
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong longestNanos = new AtomicLong();
        Thread other = new Thread(() -> {
            while (!over.get()) {
                long begun = System.nanoTime();
                try {
                    TestAgent.HTTP.send(call("GET", "/s3/reports/small").build(), BodyHandlers.discarding());
                } catch (IOException | InterruptedException e) {
                    longestNanos.set(Long.MAX_VALUE);
                    return;
                }
                longestNanos.accumulateAndGet(System.nanoTime() - begun, Math::max);
            }
        });
        other.start();
        String path = "/s3/uploads/" + method + chunked;
        try (Socket socket = new Socket("127.0.0.1", gateway.address().getPort())) {
            socket.setSoTimeout(60_000);
            String framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + size;
            socket.getOutputStream()
                    .write((method + ' ' + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + token + "\r\nDPoP: "
                                    + proof(method, path) + "\r\n" + framing + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            byte[] piece = new byte[PIECE];
            byte[] chunk = (Integer.toHexString(PIECE) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            byte[] end = "\r\n".getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; i < size / PIECE; i++) {
                if (chunked) {
                    socket.getOutputStream().write(chunk);
                }
                socket.getOutputStream().write(piece);
                if (chunked) {
                    socket.getOutputStream().write(end);
                }
            }
            if (chunked) {
                socket.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            }
            byte[] answered = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            assertThat(new String(answered, StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1 200");
        } finally {
            over.set(true);
            other.join();
        }
        assertThat(ARRIVED).hasValue(size);
        System.out.println(path + ": the other agent waited at most " + longestNanos.get() / 1_000_000 + " ms");
        assertThat(Duration.ofNanos(longestNanos.get())).isLessThan(Patience.of(Duration.ofSeconds(2)));
        assertThat(gateway.output()).doesNotContain("OutOfMemory").doesNotContain("OutOfDirectMemory");
    }

    /** What an upstream does not take stays with the agent, not in the gateway's memory. */
    @Test
    void uploads_thatTheirUpstreamDoesNotTake_leaveMemoryForOthers() throws Exception {
        List<Thread> agents = new ArrayList<>();
        List<Socket> sockets = new CopyOnWriteArrayList<>();
        AtomicLong sent = new AtomicLong();
        try {
            for (int i = 0; i < 60; i++) {
                String path = "/s3/stalled/" + i;
                Thread agent = new Thread(() -> stall(path, sockets, sent));
                agents.add(agent);
                agent.start();
            }
            // Until each has begun and none gets on any more.
            AtomicLong before = new AtomicLong(-1);
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(60)).until(() -> {
                assertThat(small()).isEqualTo("small");
                long now = sent.get();
                return before.getAndSet(now) == now && sockets.size() == 60;
            });
            assertThat(sent.get()).isPositive();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
            for (Thread agent : agents) {
                agent.join();
            }
        }
        assertThat(gateway.process().isAlive()).isTrue();
        assertThat(gateway.output()).doesNotContain("OutOfMemory").doesNotContain("OutOfDirectMemory");
    }

    private static String small() throws Exception {
        return TestAgent.HTTP
                .send(call("GET", "/s3/reports/small").build(), BodyHandlers.ofString())
                .body();
    }

    private static void stall(String path, List<Socket> sockets, AtomicLong sent) {
        try (Socket socket = new Socket("127.0.0.1", gateway.address().getPort())) {
            sockets.add(socket);
            socket.getOutputStream()
                    .write(("PUT " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + token + "\r\nDPoP: "
                                    + proof("PUT", path) + "\r\nContent-Length: " + (64 << 20) + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            byte[] piece = new byte[PIECE];
            for (int i = 0; i < (64 << 20) / PIECE; i++) {
                socket.getOutputStream().write(piece);
                sent.addAndGet(PIECE);
            }
        } catch (IOException closed) {
            // By the test, while it was stalled.
        }
    }

    @Test
    void download_largerThanTheGatewaysMemory_toASlowReader_arrivesWhole() throws Exception {
        try (InputStream body = TestAgent.HTTP
                .send(call("GET", "/s3/reports/large").build(), BodyHandlers.ofInputStream())
                .body()) {
            byte[] buffer = new byte[PIECE];
            long total = 0;
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                total += n;
                if (total < 10 * n) {
                    // What is not read must stay with the upstream, not in the gateway.
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
            assertThat(total).isEqualTo(SIZE);
        }
        assertThat(gateway.process().isAlive()).isTrue();
        assertThat(gateway.output()).doesNotContain("OutOfMemory").doesNotContain("OutOfDirectMemory");
    }

    @Test
    void calls_thatTheirClientLeaves_loseNoBuffer() throws Exception {
        for (int i = 0; i < 24; i++) {
            leave("GET", "/s3/reports/small", "", i % 3);
            leave("GET", "/s3/reports/large", "", i % 3);
            leave("GET", "/s3/reports/events", "", i % 3);
            leave("PUT", "/s3/reports/large", "Content-Length: 100000\r\n\r\n" + "x".repeat(5_000), i % 3);
            leave("PUT", "/s3/reports/small", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", i % 3);
            leave(
                    "PUT",
                    "/s3/reports/small",
                    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
                    i % 3);
        }
        for (int i = 0; i < 2; i++) {
            collect();
            // Leaks are reported by the allocations behind a collection.
            for (int call = 0; call < 20; call++) {
                assertThat(small()).isEqualTo("small");
            }
        }
        assertThat(gateway.output()).doesNotContain("LEAK");
    }

    /** Sends a request and goes: at once with RST, after its half with FIN, or once an answer begins. */
    private static void leave(String method, String path, String rest, int how) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.address().getPort())) {
            String head = method + ' ' + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + token + "\r\nDPoP: "
                    + proof(method, path) + "\r\n" + (rest.isEmpty() ? "\r\n" : rest);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            if (how == 0) {
                socket.setSoLinger(true, 0);
            } else if (how == 1) {
                socket.shutdownOutput();
                socket.setSoTimeout(300);
                drain(socket, 1);
            } else {
                socket.setSoTimeout(300);
                drain(socket, 1);
                socket.setSoLinger(true, 0);
            }
        }
    }

    private static void drain(Socket socket, int reads) {
        try {
            byte[] buffer = new byte[1024];
            for (int i = 0; i < reads && socket.getInputStream().read(buffer) >= 0; i++) {
                // Looked at, not kept.
            }
        } catch (IOException noAnswer) {
            // Then it leaves without one.
        }
    }

    private static void collect() throws Exception {
        ServerProcess.run(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(gateway.process().pid()),
                "GC.run");
    }
}
