package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that nobody needs to decide, byte by byte: they stream whatever the method, and a broken one is never made whole. */
class UploadIT {
    private static final String END_OF_CHUNKS = "\r\n0\r\n\r\n";
    private static final Duration SOON = Duration.ofSeconds(20);

    private static RawUpstream upstream;
    private static FrontedServer fronted;

    @BeforeAll
    static void start() {
        upstream = new RawUpstream();
        fronted = FrontedServer.start(
                "s3",
                upstream.uri(),
                FrontedServer.everything("s3"),
                Map.of("server.http2.enabled", "true"),
                List.of());
    }

    @AfterAll
    static void stop() {
        fronted.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            return true;
        });
        upstream.forget();
    }

    private static String head(String method, String path, String fields) {
        TestAgent agent = fronted.agent();
        return method + ' ' + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: DPoP " + agent.token() + "\r\nDPoP: "
                + agent.dpop(method, path) + "\r\n" + fields + "\r\n";
    }

    private static Socket open(String text) throws IOException {
        Socket socket = new Socket("127.0.0.1", fronted.gateway().port());
        socket.setSoTimeout((int) SOON.toMillis());
        write(socket, text);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void awaitSent(String text) {
        await().atMost(SOON).until(() -> upstream.bytes().contains(text));
    }

    private static String sentHead() {
        String bytes = upstream.bytes();
        return bytes.substring(0, bytes.indexOf("\r\n\r\n") + 4).toLowerCase(Locale.ROOT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "PUT"})
    void bodyOfAKnownLength_isSentOnAsItArrives(String method) throws Exception {
        try (Socket socket = open(head(method, "/s3/bucket/a", "Content-Length: 10\r\n") + "hello")) {
            awaitSent("\r\n\r\nhello");
            assertThat(sentHead())
                    .containsOnlyOnce("\r\ncontent-length: 10\r\n")
                    .doesNotContain("transfer-encoding");
            write(socket, "world");
            assertThat(RawHttp.parse(socket.getInputStream()).status()).isEqualTo(200);
        }
        assertThat(upstream.bytes()).endsWith("\r\n\r\nhelloworld");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "PUT"})
    void bodyInChunks_isSentOnAsItArrives(String method) throws Exception {
        String fields = "Transfer-Encoding: chunked\r\n";
        try (Socket socket = open(head(method, "/s3/bucket/a", fields) + "5\r\nhello\r\n")) {
            awaitSent("\r\n\r\n5\r\nhello");
            assertThat(sentHead())
                    .containsOnlyOnce("\r\ntransfer-encoding: chunked\r\n")
                    .doesNotContain("content-length");
            write(socket, "5\r\nworld\r\n0\r\n\r\n");
            assertThat(RawHttp.parse(socket.getInputStream()).status()).isEqualTo(200);
        }
        assertThat(upstream.bytes()).endsWith("\r\n\r\n5\r\nhello\r\n5\r\nworld" + END_OF_CHUNKS);
    }

    @ParameterizedTest
    @CsvSource({"GET,", "DELETE,", "GET,Content-Length: 0", "HEAD,", "PUT,Content-Length: 0"})
    void requestWithoutABody_getsNone(String method, String field) throws Exception {
        try (Socket socket = open(head(method, "/s3/bucket/a", field == null ? "" : field + "\r\n"))) {
            assertThat(RawHttp.parse(socket.getInputStream()).status()).isEqualTo(200);
        }
        assertThat(upstream.bytes()).endsWith("\r\n\r\n");
        assertThat(sentHead()).doesNotContain("transfer-encoding");
        if (field != null) {
            assertThat(sentHead()).containsOnlyOnce("\r\ncontent-length: 0\r\n");
        } else {
            assertThat(sentHead()).doesNotContain("content-length");
        }
    }

    @Test
    void expectation_isMetBeforeTheBodyIsSent() throws Exception {
        String fields = "Content-Length: 5\r\nExpect: 100-continue\r\n";
        try (Socket socket = open(head("PUT", "/s3/bucket/a", fields))) {
            byte[] met = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
            assertThat(new String(met, StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            write(socket, "hello");
            assertThat(RawHttp.parse(socket.getInputStream()).status()).isEqualTo(200);
        }
        assertThat(upstream.bytes()).endsWith("\r\n\r\nhello");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,'zz\r\n'",
        "PUT,'5;\u0000\r\nworld\r\n0\r\n\r\n'",
        "PUT,'-1\r\n'",
        "PUT,'0\r\nno trailer\r\n\r\n'",
        "PUT,'fffffffff\r\n'",
        "GET,'zz\r\n'",
        "HEAD,'zz\r\n'",
        "DELETE,'zz\r\n'"
    })
    void malformedChunk_abortsWhatIsSent(String method, String bad) throws Exception {
        String fields = "Transfer-Encoding: chunked\r\n";
        String answer;
        try (Socket socket = open(head(method, "/s3/bucket/a", fields) + "5\r\nhello\r\n")) {
            awaitSent("hello");
            write(socket, bad);
            // Read to its end: nothing that follows on that connection can be read.
            answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
        await().atMost(SOON).until(() -> upstream.ended() == 1);
        assertThat(upstream.bytes()).endsWith("5\r\nhello\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ").containsIgnoringCase("\r\nconnection: close\r\n");
        assertThat(answer).contains("\r\nErrand-Code: malformed-request\r\n");
        awaitRecorded(answer, method);
    }

    /** The permit's outcome: it was sent, it may have happened, and no answer came. */
    private static void awaitRecorded(String answer, String method) {
        if (method.equals("HEAD")) {
            return;
        }
        String decision = answer.replaceAll("(?s).*\r\nErrand-Decision: ([^\r]+)\r\n.*", "$1");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(fronted.gateway().records())
                        .filteredOn(line -> line.contains("\"" + decision + "\""))
                        .hasSize(2)
                        .last()
                        .asString()
                        .contains("\"kind\":\"outcome\"", "\"upstream_status\":null", "\"compensated\":false"));
    }

    @Test
    void malformedChunk_inARequestBehindAnother_spoilsOnlyItsOwn() throws Exception {
        upstream.behave((socket, head) -> {
            Thread.sleep(300);
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        String first = head("PUT", "/s3/bucket/a", "Content-Length: 5\r\n") + "first";
        String second = head("PUT", "/s3/bucket/b", "Transfer-Encoding: chunked\r\n") + "6\r\nsecond\r\nzz\r\n";
        String answers;
        try (Socket socket = open(first + second)) {
            answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
        assertThat(answers).startsWith("HTTP/1.1 200 ").contains("{}");
        assertThat(upstream.bytes()).contains("first").doesNotContain("second" + END_OF_CHUNKS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"})
    void agentThatLeaves_abortsWhatIsSent(String framed) throws Exception {
        for (String method : List.of("PUT", "GET", "DELETE")) {
            upstream.forget();
            String head = head(method, "/s3/bucket/a", "");
            try (Socket socket = open(head.substring(0, head.length() - 2) + framed)) {
                awaitSent("hello");
                socket.shutdownOutput();
                await().atMost(SOON).until(() -> upstream.ended() == 1);
            }
            assertThat(upstream.bytes()).matches("(?s).*hello(\r\n)?");
        }
    }

    @Test
    void http2Stream_thatIsReset_abortsWhatIsSent() {
        try (RawHttp2 connection = RawHttp2.cleartext(fronted.gateway().port())) {
            for (String method : List.of("PUT", "GET", "DELETE")) {
                upstream.forget();
                RawHttp2.Stream stream = http2(connection, method);
                connection.data(stream, "hello", false);
                awaitSent("hello");
                connection.reset(stream);
                await().atMost(SOON).until(() -> upstream.ended() == 1);
                assertThat(upstream.bytes()).endsWith("5\r\nhello\r\n");
            }
        }
    }

    @Test
    void http2Body_shorterThanItsLength_abortsWhatIsSent() {
        try (RawHttp2 connection = RawHttp2.cleartext(fronted.gateway().port())) {
            RawHttp2.Stream stream = http2(connection, "PUT", "content-length", "10");
            connection.data(stream, "hello", false);
            awaitSent("hello");
            connection.data(stream, "", true);
            await().atMost(SOON).until(() -> upstream.ended() == 1);
            assertThat(upstream.bytes()).endsWith("\r\n\r\nhello");
            connection.await(SOON, stream::isOver);
            assertThat(stream.status()).isNotEqualTo(200);
        }
    }

    private static RawHttp2.Stream http2(RawHttp2 connection, String method, String... more) {
        TestAgent agent = fronted.agent();
        String[] fields = new String[4 + more.length];
        fields[0] = "authorization";
        fields[1] = "DPoP " + agent.token();
        fields[2] = "dpop";
        fields[3] = agent.dpop(method, "/s3/bucket/a");
        System.arraycopy(more, 0, fields, 4, more.length);
        return connection.send(method, "/s3/bucket/a", false, fields);
    }
}
