package dev.errand.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.limit.BucketLevel;
import org.junit.jupiter.api.Test;

class TokenLevelsTest {
    private static final BucketLevel LEVEL = new BucketLevel(1, 2, 3);

    @Test
    void with_leavesTheOthersAsTheyWere_andTheOneItWasMadeOf() {
        TokenLevels one = TokenLevels.FULL.with(2, LEVEL);
        TokenLevels two = one.with(0, new BucketLevel(4, 5, 6));
        assertThat(one.get(0)).isNull();
        assertThat(two.get(0)).isEqualTo(new BucketLevel(4, 5, 6));
        assertThat(two.get(1)).isNull();
        assertThat(two.get(2)).isEqualTo(LEVEL);
        assertThat(two.get(3)).isNull();
        assertThat(one.size()).isEqualTo(1);
        assertThat(two.size()).isEqualTo(2);
        assertThat(TokenLevels.FULL.size()).isZero();
    }

    @Test
    void equal_areThoseThatHoldTheSame() {
        assertThat(TokenLevels.FULL.with(1, LEVEL).with(0, LEVEL))
                .isEqualTo(TokenLevels.FULL.with(0, LEVEL).with(1, LEVEL))
                .hasSameHashCodeAs(TokenLevels.FULL.with(0, LEVEL).with(1, LEVEL))
                .isNotEqualTo(TokenLevels.FULL.with(1, LEVEL));
    }

    @Test
    void with_aPlaceThatNoTokenHas_isRefused() {
        assertThatThrownBy(() -> TokenLevels.FULL.with(TokenLevels.MAX_PLACES, LEVEL))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TokenLevels.FULL.with(-1, LEVEL)).isInstanceOf(IllegalArgumentException.class);
        assertThat(TokenLevels.FULL.with(TokenLevels.MAX_PLACES - 1, LEVEL).size())
                .isEqualTo(1);
    }
}
