package dev.errand.state.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepScriptTest {
    /** Fields that an earlier record left behind are never taken for a part of the next one. */
    @Test
    void record_ofAnyLength_isReadAsItWasWritten_whateverWasThereBefore() {
        Random random = new Random(7);
        Map<String, byte[]> hash = new HashMap<>();
        for (int round = 0; round < 20_000; round++) {
            byte[] record = new byte[1 + random.nextInt(round % 2 == 0 ? 330 : 5) * (round % 2 == 0 ? 1 : 64)];
            if (round % 2 == 1) {
                record = new byte[Math.max(1, record.length - 1)];
            }
            random.nextBytes(record);
            boolean small = random.nextBoolean();
            List<StepScript.Field> fields = StepScript.fields(record, small);
            fields.forEach(field -> hash.put(text(field.name()), field.value()));
            if (small && record.length <= 256) {
                assertThat(fields).allMatch(field -> field.value().length <= 64);
            }
            List<KeyValue<byte[], byte[]>> values = new ArrayList<>();
            for (byte[] name : StepScript.recordFields()) {
                values.add(KeyValue.fromNullable(name, hash.get(text(name))));
            }
            assertThat(StepScript.record(values)).isEqualTo(record);
        }
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.US_ASCII);
    }
}
