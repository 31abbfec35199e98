package dev.errand.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactJwsTest {
    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void parse_threeParts_areTakenApart() {
        String header = encode("{\"alg\":\"ES256\",\"typ\":\"aat+jwt\"}");
        CompactJws jws = CompactJws.parse(header + "." + encode("{}") + "." + encode("sig"))
                .orElseThrow();

        assertThat(jws.algorithm()).isEqualTo("ES256");
        assertThat(jws.type()).isEqualTo("aat+jwt");
        assertThat(jws.payload())
                .hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo("{}".getBytes(StandardCharsets.UTF_8)));
        assertThat(jws.signature())
                .hasValueSatisfying(bytes -> assertThat(bytes).hasSize(3));
        assertThat(jws.signingInput()).asString(StandardCharsets.US_ASCII).isEqualTo(header + "." + encode("{}"));
        assertThat(jws.parts().headerText()).isEqualTo(header);
        assertThat(jws.claims()).contains(JsonObject.EMPTY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "e30",
                "e30.e30",
                "e30.e30.e30.e30",
                ".e30.e30",
                "e30=.e30.e30",
                "e31.e30.e30",
                "e 30.e30.e30",
                "e30\n.e30.e30",
                "W10.e30.e30",
                "+30.e30.e30",
                "é30.e30.e30"
            })
    void parse_otherShape_isRefused(String text) {
        assertThat(CompactJws.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"alg\":\"ES256\",\"alg\":\"none\"}",
                "{\"crit\":[\"exp\"],\"exp\":1}",
                "{\"crit\":[]}",
                "{\"crit\":null}",
                "{\"b64\":false}",
                "{\"b64\":\"true\"}",
                "{\"crit\":[\"b64\"],\"b64\":false}",
                "{} {}",
                "{\"alg\":\"\\ud800\"}"
            })
    void parse_headerThatMustNotPass_isRefused(String header) {
        assertThat(CompactJws.parse(encode(header) + ".e30.e30")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"e31", "e30=", "e3", "e", "e30 ", "+//+"})
    void payloadAndSignature_notStrictBase64Url_areEmpty(String encoded) {
        CompactJws jws = CompactJws.parse("e30." + encoded + "." + encoded).orElseThrow();

        assertThat(jws.payload()).isEmpty();
        assertThat(jws.signature()).isEmpty();
    }

    @Test
    void parse_withABound_demandsASignatureAndTheLength() {
        assertThat(CompactJws.parse("e30.e30.e30", 11)).isPresent();
        assertThat(CompactJws.parse("e30.e30.e30", 10)).isEmpty();
        assertThat(CompactJws.parse("e30.e30.", 11)).isEmpty();
        assertThat(CompactJws.parse("e30.e30.e31", 11)).isEmpty();
    }

    @Test
    void signature_withoutAByte_isEmpty() {
        assertThat(CompactJws.parse("e30.e30.").orElseThrow().signature()).isEmpty();
    }
}
