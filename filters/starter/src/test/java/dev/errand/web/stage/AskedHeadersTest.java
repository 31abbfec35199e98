package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.operation.HeaderRules;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;

class AskedHeadersTest {
    private static final HeaderRules RULES =
            HeaderRules.COMMON.declaring(List.of("x-note", "x-trace-token", "x-written"));

    private static AskedHeaders asked(Map<String, String> fields) {
        HttpHeaders headers = new HttpHeaders();
        fields.forEach(headers::add);
        return new AskedHeaders(headers, RULES, Set.of("x-written"));
    }

    @Test
    void longValues_areCut_andNamed_andTheHashIsThatOfTheWhole() {
        String note = "n".repeat(256);
        AskedHeaders whole = asked(Map.of("X-Note", note, "Prefer", "wait=5"));
        AskedHeaders longer = asked(Map.of("X-Note", note + "!", "Prefer", "wait=5"));
        assertThat(whole.cut()).isEmpty();
        assertThat(longer.cut()).containsExactly("x-note");
        assertThat(longer.shown()).isEqualTo(whole.shown());
        assertThat(Jcs.canonical(whole.shown())).isEqualTo("{\"prefer\":\"wait=5\",\"x-note\":\"" + note + "\"}");
        assertThat(longer.hash()).isNotEqualTo(whole.hash());
        // No half of a pair of surrogates.
        AskedHeaders pair = asked(Map.of("X-Note", "n".repeat(255) + "\uD83D\uDE00"));
        assertThat(Jcs.canonical(pair.shown())).isEqualTo("{\"x-note\":\"" + "n".repeat(255) + "\"}");
    }

    @Test
    void credentials_areLeftOut_andNamed_andTheGatewaysOwnAreNotThere() {
        AskedHeaders asked =
                asked(Map.of("X-Trace-Token", "t".repeat(300), "X-Written", "by the gateway", "User-Agent", "curl"));
        assertThat(asked.leftOut()).containsExactly("x-trace-token");
        assertThat(asked.cut()).isEmpty();
        assertThat(Jcs.canonical(asked.shown())).isEqualTo("{}");
        assertThat(asked.hash()).isNotEqualTo(asked(Map.of()).hash());
    }
}
