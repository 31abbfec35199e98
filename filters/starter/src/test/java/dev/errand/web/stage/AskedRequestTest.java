package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Position;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.operation.Unlisted;
import dev.errand.state.redis.SecretSeal;
import dev.errand.token.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;

/** What of a request's body and headers a human approves. */
class AskedRequestTest {
    private static final Position HERE = new Position("x.yaml", 1, 1);

    private static String mcp(String body) {
        return AskedBody.hash(body.getBytes(StandardCharsets.UTF_8), true);
    }

    @Test
    void body_ofBytes_isTheirHash() {
        assertThat(AskedBody.hash("a".getBytes(StandardCharsets.UTF_8), false)).isEqualTo(Sha256.base64UrlOf("a"));
        assertThat(AskedBody.hash(null, false)).isNull();
        assertThat(AskedBody.hash(new byte[0], true)).isNull();
    }

    @Test
    void message_isHashedWithoutWhatARepetitionWritesAnew() {
        String plain = "{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}";
        assertThat(mcp("{\"id\":7,\"method\":\"tools/call\",\"jsonrpc\":\"2.0\",\"params\":{\"name\":\"echo\","
                        + "\"_meta\":{\"progressToken\":3}}}"))
                .isEqualTo(mcp(plain))
                .isEqualTo(Sha256.base64UrlOf(plain));
        assertThat(mcp("{\"id\":8,\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\","
                        + "\"_meta\":{\"progressToken\":3,\"x\":1}}}"))
                .isEqualTo(Sha256.base64UrlOf(
                        "{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"_meta\":{\"x\":1},"
                                + "\"name\":\"echo\"}}"));
        assertThat(mcp("{\"method\":\"tools/call\",\"params\":{\"name\":\"other\"}}"))
                .isNotEqualTo(mcp(plain));
        assertThat(mcp("{\"params\":{\"_meta\":{}}}")).isEqualTo(Sha256.base64UrlOf("{\"params\":{\"_meta\":{}}}"));
    }

    private static final HeaderRules RULES = HeaderRules.COMMON.with(
            List.of(),
            Map.of("X-A", HERE, "X-Trace-*", HERE, "X-Named", HERE, "b3", HERE, "X-B3-*", HERE),
            Unlisted.REMOVE);

    private static String headers(HeaderRules rules, Set<String> written, String... namesAndValues) {
        return asked(rules, written, namesAndValues).hash();
    }

    private static AskedHeaders asked(HeaderRules rules, Set<String> written, String... namesAndValues) {
        HttpHeaders headers = new HttpHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new AskedHeaders(headers, rules, written);
    }

    @Test
    void headers_areThoseThatReachTheUpstream() {
        String expected = Sha256.base64UrlOf("{\"content-type\":\"a/b\",\"x-a\":\"1, 2\"}");
        assertThat(headers(RULES, Set.of(), "X-A", "1", "Content-Type", "a/b", "X-A", "2"))
                .isEqualTo(expected);
        assertThat(headers(
                        RULES.unapproved(List.of("X-Trace-*")),
                        Set.of("x-vault-token"),
                        "X-A",
                        "1",
                        "x-a",
                        "2",
                        "content-type",
                        "a/b",
                        "User-Agent",
                        "x",
                        "Accept-Encoding",
                        "gzip",
                        "X-B3-TraceId",
                        "1",
                        "amz-sdk-invocation-id",
                        "1",
                        "Kubectl-Session",
                        "s",
                        "X-Vault-Token",
                        "mine",
                        "X-Trace-Id",
                        "t",
                        "Connection",
                        "X-Named",
                        "X-Named",
                        "n",
                        "Authorization",
                        "DPoP x",
                        "X-Forwarded-For",
                        "1.2.3.4",
                        "X-Unlisted",
                        "u",
                        "X_A",
                        "3"))
                .isEqualTo(expected);
        assertThat(headers(RULES, Set.of(), "X-A", "1", "Content-Type", "a/b")).isNotEqualTo(expected);
    }

    @Test
    void headers_areShownWithoutCredentials_andCut() {
        String long300 = "a".repeat(300);
        AskedHeaders asked = asked(
                HeaderRules.OPEN,
                Set.of(),
                "Content-Type",
                "a/b",
                "X-Long",
                long300,
                "Idempotency-Key",
                "i-1",
                "Private-Token",
                "s3cret",
                "X-Api-Key",
                "s3cret",
                "X_AuthToken",
                "s3cret",
                "Mcp-Session-Id",
                "s3cret",
                "X-Amz-Server-Side-Encryption-Customer-Key",
                "s3cret",
                "X-Password-Hint",
                "s3cret",
                "X-Author",
                "alice",
                "User-Agent",
                "is not approved");
        assertThat(asked.cut()).containsExactly("x-long");
        assertThat(asked.leftOut())
                .containsExactly(
                        "mcp-session-id",
                        "private-token",
                        "x-amz-server-side-encryption-customer-key",
                        "x-api-key",
                        "x-password-hint",
                        "x_authtoken");
        String emoji = "\uD83D\uDE00";
        assertThat(asked(HeaderRules.OPEN, Set.of(), "X-A", "a" + emoji.repeat(128))
                        .shown()
                        .string("x-a"))
                .as("no half of a character")
                .isEqualTo("a" + emoji.repeat(127));
        assertThat(Jcs.canonical(asked.shown()))
                .isEqualTo("{\"content-type\":\"a/b\",\"idempotency-key\":\"i-1\",\"x-author\":\"alice\",\"x-long\":\""
                        + long300.substring(0, 256) + "\"}");
    }

    private static final Operation SHOWING = new Operation("x:a", Effect.WRITE, false, false).showingBody(true);

    private static final SecretKey KEY = new SecretKeySpec(new byte[32], "AES");

    private static String shownAgain(List<SecretKey> keys, Operation operation, byte[] body) {
        ShownBodies bodies = new ShownBodies(new SecretSeal(() -> keys));
        String sealed =
                bodies.seal("a-1.t-1", body, List.of(new OperationCall(operation, "r", JsonObject.EMPTY, false)));
        if (sealed == null) {
            return null;
        }
        assertThat(new String(Base64.getUrlDecoder().decode(sealed), StandardCharsets.ISO_8859_1))
                .doesNotContain("ü-body");
        assertThat(bodies.open("a-2.t-1", sealed)).as("of another request").isNull();
        assertThat(new ShownBodies(new SecretSeal(List::of)).open("a-1.t-1", sealed))
                .isNull();
        assertThat(bodies.open("a-1.t-1", "?")).isNull();
        return bodies.open("a-1.t-1", sealed);
    }

    @Test
    void body_isShownWhereTheCatalogueSaysSo_upTo4KiB_andSealed() {
        byte[] body = "ü-body".getBytes(StandardCharsets.UTF_8);
        assertThat(shownAgain(List.of(KEY), SHOWING, body)).isEqualTo("ü-body");
        assertThat(shownAgain(List.of(), SHOWING, body))
                .as("no key of use state")
                .isNull();
        assertThat(shownAgain(List.of(KEY), SHOWING.showingBody(false), body)).isNull();
        assertThat(shownAgain(List.of(KEY), SHOWING, new byte[] {(byte) 0xff}))
                .as("no text")
                .isNull();
        assertThat(shownAgain(List.of(KEY), SHOWING, null)).isNull();
        assertThat(shownAgain(List.of(KEY), SHOWING, new byte[0])).isNull();
        assertThat(shownAgain(List.of(KEY), SHOWING, new byte[ShownBodies.MAX_BYTES]))
                .hasSize(4096);
        assertThat(shownAgain(List.of(KEY), SHOWING, new byte[ShownBodies.MAX_BYTES + 1]))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            true  | {"method":"initialize","params":{"capabilities":{"elicitation":{"url":{}}}}}
            true  | {"method":"initialize","params":{"capabilities":{"elicitation":{"form":{},"url":{}}}}}
            false | {"method":"initialize","params":{"capabilities":{"elicitation":{}}}}
            false | {"method":"initialize","params":{"capabilities":{}}}
            false | {"method":"tools/call","params":{"capabilities":{"elicitation":{"url":{}}}}}
            false | [
            """)
    void initialization_tellsWhetherTheClientOpensPages(boolean opens, String body) {
        assertThat(RpcInitialization.opensPages(body.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(opens);
    }
}
