package dev.errand.offline.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTask.Decided;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UsageTest {
    private static Decided denied(String id, String more) throws Exception {
        String record = "{\"kind\":\"decision\",\"decision\":\"" + id + "\",\"time\":\"2026-11-28T09:00:00Z\","
                + "\"task\":\"t-1\",\"template\":\"pay\",\"revision\":\"sha-256:r\",\"outcome\":\"deny\","
                + "\"code\":\"approval-required\"," + more
                + "\"agents\":[{\"jkt\":\"k\",\"sub\":\"spiffe://a/b\"}]}";
        return new Decided(RecordedCall.of(Json.parseObject(record.getBytes(StandardCharsets.UTF_8)))
                .orElseThrow());
    }

    /** The call that opens the request is refused. Those that meet it wait, and one record counts many of them. */
    @Test
    void waitingCalls_areNotDenied() throws Exception {
        RecordedTask task = new RecordedTask(
                "t-1",
                "pay",
                "sha-256:r",
                List.of(
                        denied("d-1", ""),
                        denied("d-2", "\"waiting\":true,\"count\":1,"),
                        denied("d-3", "\"waiting\":true,\"count\":12,")));
        Usage usage = Usage.of(List.of(task)).get(0);
        assertThat(usage.denied()).isEqualTo(Map.of("approval-required", 1L));
        assertThat(usage.waiting()).isEqualTo(13);
    }
}
