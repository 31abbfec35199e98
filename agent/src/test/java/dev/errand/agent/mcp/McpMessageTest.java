package dev.errand.agent.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json.MalformedJsonException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the transport reads of a client's message. */
class McpMessageTest {
    private static String token(String json) throws MalformedJsonException {
        return McpMessage.parse("{\"method\":\"tools/call\",\"params\":{\"_meta\":{\"progressToken\":" + json + "}}}")
                .progressToken();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {"7, 7", "1.50, 1.5", "'\"a\\u0062\"', '\"ab\"'", "'\"\"', '\"\"'"})
    void progressToken_isCanonical(String json, String canonical) throws Exception {
        assertThat(token(json)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "[]", "{\"a\":1}"})
    void progressToken_ofAnotherType_isNone(String json) throws Exception {
        assertThat(token(json)).isNull();
    }

    @Test
    void progressToken_hasABound() throws Exception {
        assertThat(token("\"" + "a".repeat(256) + "\"")).hasSize(258);
        assertThat(token("\"" + "a".repeat(257) + "\"")).isNull();
    }
}
