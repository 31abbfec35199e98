package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes between a tool and the gateway, byte by byte. */
class WireTest {
    private static final Duration WAIT = Duration.ofSeconds(5);

    private static TestCompanion companion(ScriptedGateway gateway) {
        return new TestCompanion(gateway.url(), WAIT);
    }

    private static String get(String path) {
        return "GET " + TestCompanion.SECRET + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    }

    @Test
    void target_goesOnAsItWasSent() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> request.answer(200, "", "done"));
                TestCompanion companion = companion(gateway)) {
            assertThat(companion.raw(get("/s3/a%20b%2Fc//d;e?x=%41&y"))).startsWith("HTTP/1.1 200");
            assertThat(gateway.arrived().get(0).head()).startsWith("GET /s3/a%20b%2Fc//d;e?x=%41&y HTTP/1.1\r\n");
        }
    }

    @Test
    void requests_outsideTheSecret_areNotThere() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> request.answer(200, "", "done"));
                TestCompanion companion = companion(gateway)) {
            String wrong = "/0123456789abcdef0123456789abcdee";
            for (String target : new String[] {
                "/",
                "/vault/a",
                wrong + "/vault/a",
                TestCompanion.SECRET,
                TestCompanion.SECRET + "x/vault",
                "//" + TestCompanion.SECRET + "/a",
                "*",
                "http://127.0.0.1" + TestCompanion.SECRET + "/vault/a"
            }) {
                String answer = companion.raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                assertThat(answer).as(target).startsWith("HTTP/1.1 404").containsIgnoringCase("connection: close");
            }
            assertThat(gateway.arrived()).isEmpty();
        }
    }

    @Test
    void malformedRequests_areRefused() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> request.answer(200, "", "done"));
                TestCompanion companion = companion(gateway)) {
            assertThat(companion.raw("GET\r\n\r\n")).startsWith("HTTP/1.1 400");
            assertThat(companion.raw("GET " + TestCompanion.SECRET + "/a HTTP/1.1\r\nHost : x\r\n\r\n"))
                    .startsWith("HTTP/1.1 400");
            assertThat(companion.raw("POST " + TestCompanion.SECRET
                            + "/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"))
                    .startsWith("HTTP/1.1 400");
            assertThat(gateway.arrived()).isEmpty();
        }
    }

    @Test
    void calls_followEachOtherOnOneConnection() throws Exception {
        try (ScriptedGateway gateway =
                        new ScriptedGateway(request -> request.answer(200, "", "answer " + request.number()));
                TestCompanion companion = companion(gateway)) {
            String kept = get("/a").replace("Connection: close\r\n", "");
            String answers = companion.raw(kept + kept + get("/b"));
            assertThat(answers).contains("answer 0", "answer 1", "answer 2");
        }
    }

    @Test
    void http10_isAnsweredAndClosed() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request ->
                        request.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndone\r\n0\r\n\r\n"));
                TestCompanion companion = companion(gateway)) {
            String answer = companion.raw("GET " + TestCompanion.SECRET + "/a HTTP/1.0\r\n\r\n");
            assertThat(answer).endsWith("\r\n\r\ndone").doesNotContainIgnoringCase("chunked");
        }
    }

    @Test
    void expectation_isTheGatewaysToMeet() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    request.write("HTTP/1.1 100 Continue\r\n\r\n");
                    byte[] body = request.socket().getInputStream().readNBytes(4);
                    request.answer(200, "", "got " + new String(body, StandardCharsets.US_ASCII));
                });
                TestCompanion companion = companion(gateway)) {
            assertThat(TestCompanion.HTTP
                            .send(
                                    companion
                                            .request("/a")
                                            .expectContinue(true)
                                            .POST(BodyPublishers.ofString("body"))
                                            .build(),
                                    BodyHandlers.ofString())
                            .body())
                    .isEqualTo("got body");
        }
    }

    @Test
    void expectation_thatIsRefused_isAnsweredWithoutTheBody() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(
                        request -> request.answer(403, "Errand-Code: not-granted\r\nErrand-Sent: no\r\n", "no"));
                TestCompanion companion = companion(gateway)) {
            String answer = companion.raw("POST " + TestCompanion.SECRET
                    + "/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n");
            assertThat(answer)
                    .startsWith("HTTP/1.1 403")
                    .containsIgnoringCase("connection: close")
                    .endsWith("no");
        }
    }

    @Test
    void refusal_beforeTheBodyWasSent_reachesTheTool() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    request.answer(403, "Errand-Code: not-granted\r\nErrand-Sent: no\r\n", "no");
                    request.socket().shutdownOutput();
                });
                TestCompanion companion = companion(gateway);
                Socket tool = companion.connect()) {
            OutputStream out = tool.getOutputStream();
            out.write(("POST " + TestCompanion.SECRET + "/a HTTP/1.1\r\nHost: x\r\nExpect: later\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            byte[] chunk = ("10000\r\n" + "x".repeat(65_536) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; i < 100; i++) {
                out.write(chunk);
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(ScriptedGateway.head(tool.getInputStream())).startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void events_passAsTheyCome() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    request.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
                    assertThat(seen.await(20, TimeUnit.SECONDS)).isTrue();
                    request.write("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
                });
                TestCompanion companion = companion(gateway)) {
            InputStream events = TestCompanion.HTTP
                    .send(companion.request("/events").build(), BodyHandlers.ofInputStream())
                    .body();
            assertThat(new String(events.readNBytes(9), StandardCharsets.US_ASCII))
                    .isEqualTo("data: 1\n\n");
            seen.countDown();
            assertThat(new String(events.readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("data: 2\n\n");
        }
    }

    @Test
    void upgrade_passesBytesBothWays() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> {
                    request.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: x\r\n\r\nfirst");
                    InputStream in = request.socket().getInputStream();
                    for (byte[] word = in.readNBytes(4); word.length == 4; word = in.readNBytes(4)) {
                        request.write("<" + new String(word, StandardCharsets.US_ASCII) + ">");
                    }
                });
                TestCompanion companion = companion(gateway);
                Socket tool = companion.connect()) {
            tool.setSoTimeout(20_000);
            tool.getOutputStream()
                    .write(("GET " + TestCompanion.SECRET + "/exec HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                                    + "Connection: Upgrade\r\nSec-WebSocket-Key: k\r\n\r\nword")
                            .getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = tool.getInputStream();
            String head = ScriptedGateway.head(in);
            assertThat(head).startsWith("HTTP/1.1 101").containsIgnoringCase("upgrade: websocket");
            assertThat(new String(in.readNBytes(5), StandardCharsets.US_ASCII)).isEqualTo("first");
            assertThat(new String(in.readNBytes(6), StandardCharsets.US_ASCII)).isEqualTo("<word>");
            tool.getOutputStream().write("next".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(in.readNBytes(6), StandardCharsets.US_ASCII)).isEqualTo("<next>");
            assertThat(gateway.arrived().get(0).header("Upgrade")).isEqualTo("websocket");
            assertThat(gateway.arrived().get(0).header("Authorization")).isEqualTo("DPoP leaf");
        }
    }

    @Test
    void headers_ofOneHopAndOfTheTool_endHere() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> request.answer(200, "", "done"));
                TestCompanion companion = companion(gateway)) {
            companion.raw("GET " + TestCompanion.SECRET + "/a HTTP/1.1\r\nHost: tool\r\nConnection: close, X-One\r\n"
                    + "X-One: 1\r\nKeep-Alive: 1\r\nTE: trailers\r\nProxy-Authorization: mine\r\nAUTHORIZATION: mine\r\n"
                    + "x_vault_token: mine\r\nCookie: mine\r\nKept: yes\r\n\r\n");
            ScriptedGateway.Arrived arrived = gateway.arrived().get(0);
            assertThat(arrived.head()).doesNotContain("mine", "X-One", "Keep-Alive", "trailers", "tool");
            assertThat(arrived.header("Kept")).isEqualTo("yes");
            assertThat(arrived.header("Host")).isEqualTo(gateway.url().substring("http://".length()));
        }
    }

    @Test
    void addresses_leadBackToTheListener() throws Exception {
        String link = "<https://gateway.example.org/registry/v2/tags?n=1>; rel=\"next\"";
        try (ScriptedGateway gateway = new ScriptedGateway(
                        request -> request.answer(201, "Location: /registry/v2/x\r\nLink: " + link + "\r\n", ""));
                TestCompanion companion = companion(gateway)) {
            String answer = companion.raw(get("/registry/v2/"));
            assertThat(answer)
                    .contains("Location: " + TestCompanion.SECRET + "/registry/v2/x")
                    .contains("Link: <" + companion.url() + "/registry/v2/tags?n=1>; rel=\"next\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/registry"})
    void challenge_isNoChallengeAnyMore_atAnyListener(String root) throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(
                        request -> request.answer(401, "WWW-Authenticate: Bearer realm=\"http://evil\"\r\n", "no"));
                TestCompanion companion =
                        new TestCompanion(gateway.url(), WAIT, java.util.List.of(), Guard.NONE, root)) {
            String path = root.isEmpty() ? TestCompanion.SECRET + "/registry/v2/" : "/v2/";
            String answer = companion.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(answer).startsWith("HTTP/1.1 403").doesNotContainIgnoringCase("www-authenticate");
            assertThat(gateway.arrived().get(0).head()).startsWith("GET /registry/v2/ HTTP/1.1");
        }
    }

    @Test
    void head_hasNoBody_andItsLengthStays() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(
                        request -> request.write("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"));
                TestCompanion companion = companion(gateway)) {
            String answer = companion.raw(get("/a").replace("GET", "HEAD"));
            assertThat(answer).containsIgnoringCase("content-length: 1234").endsWith("\r\n\r\n");
        }
    }
}
