package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.log.proof.Tile;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, 3_071, 3_072, 4_096, 9_000, 1_000_000})
    void pauses_afterTheTilesOfTheRecords_takeAtMostASixteenthOfTheTimeToTheNextCheckpoint(int records) {
        // One tile more where what was sealed before ends within one. Those above them are a 256th of these.
        long tiles = records / Tile.FULL + 1;
        assertThat(tiles * Sealer.pauseNanos(records, SECOND)).isLessThanOrEqualTo(SECOND.toNanos() / 16);
    }

    @Test
    void pause_ofFewTiles_isBoundedByItself() {
        assertThat(Sealer.pauseNanos(256, SECOND))
                .isEqualTo(Duration.ofMillis(5).toNanos());
        assertThat(Sealer.pauseNanos(0, Duration.ofHours(1)))
                .isEqualTo(Duration.ofMillis(5).toNanos());
    }

    @Test
    void pause_getsShorter_fromThirteenTilesOn() {
        assertThat(Sealer.pauseNanos(3_071, SECOND))
                .isEqualTo(Duration.ofMillis(5).toNanos());
        assertThat(Sealer.pauseNanos(3_072, SECOND)).isEqualTo(SECOND.toNanos() / 16 / 13);
    }

    @Test
    void pause_ofManyTiles_isShared() {
        // 36 tiles, the last of them not full: each has a 36th of a sixteenth of a second.
        assertThat(Sealer.pauseNanos(9_000, SECOND)).isEqualTo(SECOND.toNanos() / 16 / 36);
    }
}
