package dev.errand.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a human must have signed in. */
class ApproversTest {
    private static final long NOW = 1_795_512_000_400L;
    private static final long OPENED = NOW - 20_000;

    private static boolean admits(@Nullable Duration maxAge, boolean fresh, String authTime) throws Exception {
        HumanPolicy humans = new HumanPolicy(null, List.of(), "i", false);
        byte[] claims = ("{" + authTime + "}").getBytes(StandardCharsets.UTF_8);
        return new Approvers(humans, Set.of("c"), Set.of(), maxAge, fresh, false)
                .admitsSignIn(Json.parseObject(claims), OPENED, NOW, 60_000);
    }

    private static String at(long seconds) {
        return "\"auth_time\":" + (NOW / 1000 + seconds);
    }

    @ParameterizedTest
    @ValueSource(longs = {-20, -1, 0, 5})
    void fresh_isSinceTheRequest_andAtMostFiveSecondsAhead(long seconds) throws Exception {
        assertThat(admits(null, true, at(seconds))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {-3600, -21, 6, 60, 3600, 7_000_000_000L})
    void earlierSignIn_orOneOfTheFuture_isNotFresh(long seconds) throws Exception {
        assertThat(admits(null, true, at(seconds))).isFalse();
    }

    @Test
    void maxAge_takesNoSignInOfTheFuture() throws Exception {
        Duration age = Duration.ofMinutes(5);
        assertThat(admits(age, false, at(-359))).isTrue();
        assertThat(admits(age, false, at(-361))).isFalse();
        assertThat(admits(age, false, at(5))).isTrue();
        assertThat(admits(age, false, at(6))).isFalse();
        // 2^63-1, and a time whose milliseconds, as 64 bits, are those of now.
        assertThat(admits(age, false, "\"auth_time\":9223372036854775807")).isFalse();
        assertThat(admits(age, false, "\"auth_time\":" + (NOW / 1000 - (1L << 61))))
                .isFalse();
    }

    @Test
    void without_theDemand_noTimeIsNeeded() throws Exception {
        assertThat(admits(null, false, "\"x\":1")).isTrue();
        assertThat(admits(null, false, at(5))).isTrue();
        assertThat(admits(null, false, at(6))).as("a sign-in of the future").isFalse();
        assertThat(admits(null, true, "\"x\":1")).isFalse();
        assertThat(admits(null, true, "\"auth_time\":\"now\"")).isFalse();
    }
}
