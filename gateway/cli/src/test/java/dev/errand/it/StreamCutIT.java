package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.Patience;
import dev.errand.holder.Derivation;
import dev.errand.json.JsonValue.JsonNumber;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that last are cut within a second of their task's end, on every replica, and never look whole. */
class StreamCutIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String PATH = "/vault/v1/secret/data/docs/payments/a";
    private static final String DOWNLOAD = "/vault/v1/secret/data/docs/payments/large";
    private static final int LARGE = 100_000_000;

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static RawUpstream upstream;
    private static RunningGateway one;
    private static RunningGateway two;

    @BeforeAll
    static void start() throws IOException {
        redis = new SharedRedis(directory);
        upstream = new RawUpstream();
        upstream.behave((socket, head) -> {
            if (head.contains("/large ")) {
                RawUpstream.write(
                        socket,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " + LARGE
                                + "\r\n\r\n");
                for (int i = 0; i < 600; i++) {
                    RawUpstream.write(socket, "data: x".repeat(1000));
                    Thread.sleep(50);
                }
                return false;
            }
            RawUpstream.write(
                    socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 600; i++) {
                RawUpstream.write(socket, "9\r\ndata: x\n\n\r\n");
                Thread.sleep(50);
            }
            return false;
        });
        one = replica();
        two = replica();
    }

    private static RunningGateway replica() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/explore.yaml", TestAgent.EXPLORE_TEMPLATE + "streams: {max: 2, each: 30m}\n")
                .file(
                        "tasks/brief.yaml",
                        TestAgent.EXPLORE_TEMPLATE.replace("template: explore", "template: brief")
                                + "streams: {max: 2, each: 3s}\n")
                .sharing(redis, redis.keys())
                .property("vault.uri", upstream.uri())
                .start();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        upstream.close();
        redis.close();
    }

    /** An answer being read. */
    private record Stream(Socket socket, ByteArrayOutputStream read) implements AutoCloseable {
        static Stream open(RunningGateway gateway, TestAgent agent) throws IOException {
            return open(gateway, agent, PATH);
        }

        static Stream open(RunningGateway gateway, TestAgent agent, String path) throws IOException {
            Stream stream = begin(gateway, agent, path);
            for (int i = 0; i < 100 && !stream.text().contains("data: x"); i++) {
                assertThat(stream.endsWithin(Duration.ofMillis(100))).isFalse();
            }
            assertThat(stream.text()).startsWith("HTTP/1.1 200").contains("data: x");
            return stream;
        }

        static Stream begin(RunningGateway gateway, TestAgent agent) throws IOException {
            return begin(gateway, agent, PATH);
        }

        static Stream begin(RunningGateway gateway, TestAgent agent, String path) throws IOException {
            Socket socket = new Socket("127.0.0.1", gateway.port());
            String chain =
                    agent.ancestors().isEmpty() ? "" : "\r\nDelegation-Chain: " + String.join(", ", agent.ancestors());
            String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token()
                    + "\r\nDPoP: " + agent.dpop("GET", path) + chain + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new Stream(socket, new ByteArrayOutputStream());
        }

        /** Reads until the connection ends or the time is over; whether it ended. */
        boolean endsWithin(Duration time) throws IOException {
            long until = System.nanoTime() + time.toNanos();
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[8192];
            for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
                socket.setSoTimeout((int) Math.max(1, left / 1_000_000));
                try {
                    int n = in.read(buffer);
                    if (n < 0) {
                        return true;
                    }
                    read.write(buffer, 0, n);
                } catch (SocketTimeoutException over) {
                    return false;
                } catch (IOException reset) {
                    return true;
                }
            }
            return false;
        }

        String text() {
            return read.toString(StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void download_taskEndedOnAnotherReplica_isCutWithinASecondAndIsShort() throws Exception {
        TestAgent agent = TestAgent.explore(one, HUMAN, WORKLOADS);
        try (Stream download = Stream.open(one, agent, DOWNLOAD)) {
            agent.end(two);
            assertThat(download.endsWithin(Patience.of(Duration.ofMillis(1000))))
                    .isTrue();
            assertThat(download.text()).contains("Content-Length: " + LARGE).hasSizeLessThan(LARGE);
        }
    }

    @Test
    void stream_taskEndedOnAnotherReplica_isCutWithinASecondAndNeverWhole() throws Exception {
        TestAgent agent = TestAgent.explore(one, HUMAN, WORKLOADS);
        try (Stream here = Stream.open(one, agent);
                Stream there = Stream.open(two, agent)) {
            agent.end(two);
            long begun = System.nanoTime();
            assertThat(here.endsWithin(Patience.of(Duration.ofMillis(1000)))).isTrue();
            assertThat(there.endsWithin(Patience.of(Duration.ofMillis(1000)).minusNanos(System.nanoTime() - begun)))
                    .isTrue();
            assertThat(here.text()).doesNotContain("\r\n0\r\n");
            assertThat(there.text()).doesNotContain("\r\n0\r\n");
        }
    }

    @Test
    void stream_ofAChildThatWasRevoked_isCutTheRootsGoesOn() throws Exception {
        TestAgent root = TestAgent.explore(one, HUMAN, WORKLOADS);
        TestAgent child = root.child();
        try (Stream childs = Stream.open(one, child);
                Stream roots = Stream.open(one, root)) {
            child.end(two);
            assertThat(childs.endsWithin(Patience.of(Duration.ofMillis(1000)))).isTrue();
            assertThat(childs.text()).doesNotContain("\r\n0\r\n");
            assertThat(roots.endsWithin(Duration.ofMillis(1000))).isFalse();
        }
    }

    @Test
    void stream_belowATokenThatWasRevoked_isCut() throws Exception {
        TestAgent child = TestAgent.explore(one, HUMAN, WORKLOADS).child();
        try (Stream below = Stream.open(two, child.child())) {
            child.end(one);
            assertThat(below.endsWithin(Patience.of(Duration.ofMillis(1000)))).isTrue();
            assertThat(below.text()).doesNotContain("\r\n0\r\n");
        }
    }

    @Test
    void stream_whoseTokenExpires_isCutThen() throws Exception {
        TestAgent root = TestAgent.explore(one, HUMAN, WORKLOADS);
        TestKey key = TestKey.ed25519("child");
        String token = new Derivation(key.publicJwk(), null, Jws.object("{}"), 4, null, null, null)
                .derive(root.key().agent(), root.token(), Instant.now());
        try (Stream stream = Stream.open(one, root.below(key, token))) {
            JsonNumber expiry = (JsonNumber) Jws.claims(token).get("exp");
            long left = Long.parseLong(expiry.text()) * 1000 - System.currentTimeMillis();
            assertThat(stream.endsWithin(Duration.ofMillis(Math.max(1, left - 100))))
                    .isFalse();
            assertThat(stream.endsWithin(Patience.of(Duration.ofMillis(1100)))).isTrue();
            assertThat(stream.text()).doesNotContain("\r\n0\r\n");
        }
    }

    @Test
    void stream_whileTheStoreIsAway_isCutOnceThatLastsASecond() throws Exception {
        TestAgent agent = TestAgent.explore(one, HUMAN, WORKLOADS);
        try (Stream stream = Stream.open(one, agent)) {
            signal("-STOP");
            assertThat(stream.endsWithin(Duration.ofMillis(600))).isFalse();
            assertThat(stream.endsWithin(Patience.of(Duration.ofMillis(1900)))).isTrue();
            assertThat(stream.text()).doesNotContain("\r\n0\r\n");
        } finally {
            signal("-CONT");
        }
        // The tests that follow find a store that answers.
        for (int i = 0; i < 100 && agent.call(one, "DELETE", PATH, null).statusCode() == 503; i++) {
            Thread.onSpinWait();
        }
    }

    private static void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", name, Long.toString(redis.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void upload_whoseTaskEnds_isCutToo() throws Exception {
        TestAgent agent = TestAgent.explore(one, HUMAN, WORKLOADS);
        try (Socket socket = new Socket("127.0.0.1", one.port())) {
            Stream upload = new Stream(socket, new ByteArrayOutputStream());
            String head = "POST " + PATH + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nAuthorization: DPoP "
                    + agent.token() + "\r\nDPoP: " + agent.dpop("POST", PATH) + "\r\n\r\nbegun";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(upload.endsWithin(Duration.ofMillis(700))).isFalse();
            agent.end(two);
            await().atMost(Patience.of(Duration.ofMillis(1000)))
                    .until(() -> upload.endsWithin(Duration.ofMillis(50))
                            || upload.text().contains("task-ended"));
            assertThat(upload.text()).startsWith("HTTP/1.1 401").contains("task-ended");
        }
    }

    @Test
    void streams_moreThanTheTemplateAllows_newestIsCut() throws Exception {
        TestAgent agent = TestAgent.start(
                one,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"brief\",\"parameters\":{\"project\":\"payments\"}}");
        List<Stream> streams = new ArrayList<>();
        try {
            streams.add(Stream.open(one, agent));
            streams.add(Stream.open(one, agent));
            streams.add(Stream.begin(one, agent));
            assertThat(streams.get(2).endsWithin(Patience.of(Duration.ofMillis(2000))))
                    .isTrue();
            assertThat(streams.get(2).text()).doesNotContain("\r\n0\r\n");
            assertThat(streams.get(1).endsWithin(Duration.ofMillis(50))).isFalse();
            assertThat(streams.get(0).endsWithin(Patience.of(Duration.ofMillis(3000))))
                    .as("each: 3s")
                    .isTrue();
        } finally {
            for (Stream stream : streams) {
                stream.close();
            }
        }
    }
}
