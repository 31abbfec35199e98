package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.RecordingUpstream.Answer;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No answer of a credential path holds the credential that the gateway sent. */
class CredentialAnswersIT {
    private static final String TOKEN = "of-the/gateway_alone.0";
    private static final int MOST = 256 * 1024;

    @TempDir
    private static Path directory;

    private static RecordingUpstream upstream;
    private static FrontedServer fronted;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RecordingUpstream();
        Path file = Files.writeString(directory.resolve("token"), TOKEN + '\n');
        fronted = FrontedServer.start(
                "api",
                upstream.uri(),
                FrontedServer.everything("api"),
                Map.of("errand.upstreams.api.bearer.file", "file:" + file),
                List.of("UpstreamCredential=api"),
                Map.of("operations/api.yaml", """
                        catalogue: api
                        resolver: template
                        base-path: /v1
                        credential-paths: [me/]
                        operations:
                          - {id: any, match: {method: [GET, POST], path: "/{path+}"}, effect: read}
                          - {id: large, match: {method: GET, path: /me/large}, effect: read, answer: large}
                          - {id: stream, match: {method: GET, path: /me/socket}, effect: connect}
                        """));
    }

    @AfterAll
    static void stop() {
        fronted.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static HttpResponse<String> get(String path, Map<String, String> headers) {
        return fronted.agent().call(fronted.gateway(), "GET", "/api/v1/" + path, headers, null);
    }

    private static HttpResponse<String> answered(String path, Map<String, String> headers, String body) {
        upstream.answer(request -> new Answer(200, headers, body, Duration.ZERO));
        return get(path, Map.of());
    }

    private static void withheld(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(502);
        assertThat(answer.body()).contains("upstream-unavailable").doesNotContain(TOKEN);
        assertThat(answer.headers().map().toString()).doesNotContain(TOKEN).doesNotContain("X-Of-Upstream");
        assertThat(upstream.last().header("Authorization")).isEqualTo("Bearer " + TOKEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"of-the/gateway_alone.0\"}",
                "of-the/gateway_alone.0",
                "{\"id\":\"of-the\\/gateway_alone.0\"}",
                "{\"id\":\"\\u006ff-the\\u002fgateway_alone.0\"}"
            })
    void bodyWithTheCredential_isWithheld(String body) {
        withheld(answered("me/token", Map.of("Content-Type", "application/json", "X-Of-Upstream", "x"), body));
        withheld(answered("me/token", Map.of("Content-Type", "text/event-stream"), "data: " + body + "\n\n"));
        upstream.answer(request -> Answer.of(400, body));
        withheld(get("me/token", Map.of()));
    }

    @Test
    void headWithTheCredential_isWithheld() {
        withheld(answered("me/token", Map.of("X-Echo", "Bearer " + TOKEN), "{}"));
        withheld(answered("me/token", Map.of("Set-Cookie", "token=" + TOKEN), ""));
    }

    @Test
    void encodedOrLongAnswer_isWithheld_andAWholeOneOfTheBoundIsNot() {
        withheld(answered("me/token", Map.of("Content-Encoding", "gzip"), "x"));
        withheld(answered("me/token", Map.of("Content-Encoding", "br"), "x"));
        withheld(answered("me/token", Map.of(), "x".repeat(MOST + 1)));
        withheld(answered("me/token", Map.of("Content-Length", String.valueOf(MOST + 1)), "x".repeat(MOST + 1)));
        HttpResponse<String> most = answered("me/token", Map.of(), "x".repeat(MOST));
        assertThat(most.statusCode()).isEqualTo(200);
        assertThat(most.body()).hasSize(MOST);
        HttpResponse<String> plain =
                answered("me/token", Map.of("Content-Encoding", "identity", "X-Of-Upstream", "x"), "{\"data\":1}");
        assertThat(plain.body()).isEqualTo("{\"data\":1}");
        assertThat(plain.headers().firstValue("X-Of-Upstream")).contains("x");
        assertThat(answered("me/token", Map.of(), "").statusCode()).isEqualTo(200);
    }

    @Test
    void request_asksForNoPartAndNoEncoding() {
        upstream.answer(request -> Answer.of(200, "{}"));
        Map<String, String> asked = Map.of("Accept-Encoding", "gzip", "Range", "bytes=0-1", "Accept", "a/b");
        assertThat(get("me/token", asked).statusCode()).isEqualTo(200);
        assertThat(upstream.last().header("Accept-Encoding")).isNull();
        assertThat(upstream.last().header("Range")).isNull();
        assertThat(upstream.last().header("Accept")).isEqualTo("a/b");
        assertThat(get("you/token", asked).statusCode()).isEqualTo(200);
        assertThat(upstream.last().header("Accept-Encoding")).isEqualTo("gzip");
        assertThat(upstream.last().header("Range")).isEqualTo("bytes=0-1");
    }

    @Test
    void largeAnswersOfACredentialPath_areNotSearched() {
        HttpResponse<String> large = answered("me/large", Map.of(), "x".repeat(MOST + 1));
        assertThat(large.statusCode()).isEqualTo(200);
        assertThat(large.body()).hasSize(MOST + 1);
    }

    private static double echoes() {
        return fronted.gateway().value("errand.credential.echoes", "route", "api");
    }

    /** Beside the credential paths: headers of every answer, and bodies that are not encoded. */
    @Test
    void otherPaths_headOrKnownBodyWithTheCredential_isWithheldAndCounted() {
        double before = echoes();
        withheld(answered("you/token", Map.of("Content-Type", "application/json"), "{\"a\":\"" + TOKEN + "\"}"));
        withheld(answered("you/token", Map.of("X-Echo", "Bearer " + TOKEN), "{}"));
        withheld(answered("you/token", Map.of("X-Echo", TOKEN, "X-Of-Upstream", "x"), ""));
        String json = "{\"a\":\"" + TOKEN.replace("/", "\\/") + "\"}";
        withheld(answered("you/token", Map.of("Content-Length", String.valueOf(json.length())), json));
        String large = "x".repeat(MOST - TOKEN.length()) + TOKEN;
        withheld(answered("you/token", Map.of("Content-Length", String.valueOf(MOST)), large));
        upstream.answer(request -> Answer.of(403, "no: " + TOKEN));
        withheld(get("you/token", Map.of()));
        assertThat(echoes()).isEqualTo(before + 6);
    }

    @Test
    void otherPaths_whatIsNotSearched_passes() {
        double before = echoes();
        String beyond = "x".repeat(MOST) + TOKEN;
        Map<String, String> length = Map.of("Content-Length", String.valueOf(beyond.length()));
        assertThat(answered("you/token", length, beyond).body()).isEqualTo(beyond);
        assertThat(answered("you/token", Map.of("Content-Encoding", "x-own"), TOKEN)
                        .body())
                .isEqualTo(TOKEN);
        assertThat(answered("you/token", Map.of(), TOKEN.substring(1)).body()).isEqualTo(TOKEN.substring(1));
        assertThat(echoes()).isEqualTo(before);
    }

    @Test
    void webSocket_isMalformed() {
        RawHttp.Response answer = RawHttp.send(
                fronted.gateway().port(),
                "GET",
                "/api/v1/me/socket",
                List.of(
                        "Authorization: DPoP " + fronted.agent().token(),
                        "DPoP: " + fronted.agent().dpop("GET", "/api/v1/me/socket"),
                        "Connection: Upgrade",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void head_isAnsweredAsEver() {
        upstream.answer(request -> new Answer(200, Map.of("X-Of-Upstream", "x"), "", Duration.ZERO));
        HttpResponse<String> answer = fronted.agent().call(fronted.gateway(), "HEAD", "/api/v1/me/token", null);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Of-Upstream")).contains("x");
    }
}
