package dev.errand.offline.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static String verdict(String members) throws Exception {
        byte[] record = ("{\"decision\":\"d-1\",\"time\":\"T\"," + members + "}").getBytes(StandardCharsets.UTF_8);
        return Explanation.of(Json.parseObject(record), null, null, null).verdict();
    }

    @Test
    void verdict_saysWhatTheViolationLedTo() throws Exception {
        assertThat(
                        verdict(
                                "\"outcome\":\"deny\",\"code\":\"rule-violation\",\"step\":\"rule:0\",\"reaction\":\"interrupt\",\"over\":null"))
                .isEqualTo("denied: rule-violation (rule:0), reaction interrupt, at T");
        assertThat(verdict("\"outcome\":\"permit\",\"code\":\"rate-exceeded\",\"reaction\":\"throttle\",\"over\":null"))
                .isEqualTo("permitted (only observed: rate-exceeded, reaction throttle) at T, no outcome recorded");
    }

    @Test
    void verdict_saysThatTheTaskWouldHaveBeenOver() throws Exception {
        assertThat(verdict("\"outcome\":\"permit\",\"code\":null,\"reaction\":null,\"over\":true"))
                .isEqualTo("permitted (enforced, the task would have ended before) at T, no outcome recorded");
    }

    @Test
    void verdict_ofARecordOfAnOlderBuild_isAsItWas() throws Exception {
        assertThat(verdict("\"outcome\":\"deny\",\"code\":\"not-granted\"")).isEqualTo("denied: not-granted, at T");
        assertThat(verdict("\"outcome\":\"permit\"")).isEqualTo("permitted at T, no outcome recorded");
    }
}
