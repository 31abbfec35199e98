package dev.errand.web.step.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.bytes.Sha256;
import dev.errand.operation.header.HeaderRules;
import dev.errand.operation.jsonrpc.RpcInitialization;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;

/** What of a request's body and headers a human approves. */
class AskedRequestTest {
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

    private static String headers(HeaderRules rules, Set<String> written, String... namesAndValues) {
        HttpHeaders headers = new HttpHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return AskedHeaders.hash(headers, rules, written);
    }

    @Test
    void headers_areThoseThatReachTheUpstream() {
        String expected = Sha256.base64UrlOf("{\"content-type\":\"a/b\",\"x-a\":\"1, 2\"}");
        assertThat(headers(HeaderRules.COMMON, Set.of(), "X-A", "1", "Content-Type", "a/b", "X-A", "2"))
                .isEqualTo(expected);
        assertThat(headers(
                        HeaderRules.COMMON.unapproved(List.of("X-Trace-*")),
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
                        "1.2.3.4"))
                .isEqualTo(expected);
        assertThat(headers(HeaderRules.COMMON, Set.of(), "X-A", "1", "Content-Type", "a/b"))
                .isNotEqualTo(expected);
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
