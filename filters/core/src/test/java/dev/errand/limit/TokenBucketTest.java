package dev.errand.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long T0 = 1_795_000_000_000L;

    private static TokenBucket bucket(long capacity, Duration period) {
        return TokenBucket.compile(new Bandwidth(capacity, period, false));
    }

    @Test
    void consume_fullBucket_givesItsCapacityAndNoMore() {
        TokenBucket bucket = bucket(3, Duration.ofSeconds(3));
        BucketLevel level = null;
        for (int i = 0; i < 3; i++) {
            level = bucket.consume(level, 1, T0);
            assertThat(level).isNotNull();
        }
        assertThat(bucket.available(level, T0)).isZero();
        assertThat(bucket.consume(level, 1, T0 + 999)).isNull();
        assertThat(bucket.waitFor(level, 1, T0)).isEqualTo(Duration.ofSeconds(1));
        assertThat(bucket.consume(level, 1, T0 + 1000)).isNotNull();
        assertThat(bucket.isFull(level, T0 + 2999)).isFalse();
        assertThat(bucket.isFull(level, T0 + 3000)).isTrue();
    }

    @Test
    void level_isRefillTimeTokensAndRoundingError() {
        BucketLevel level = bucket(3, Duration.ofSeconds(3)).consume(null, 2, T0);
        assertThat(level).isEqualTo(new BucketLevel(T0 * 1_000_000, 1, 0));
    }

    @Test
    void compile_equalBandwidths_areEqualAlsoWhenTheFirstIsForgotten() {
        TokenBucket first = bucket(7, Duration.ofSeconds(7));
        for (int i = 1; i <= 5_000; i++) {
            bucket(i, Duration.ofDays(1));
        }
        assertThat(bucket(7, Duration.ofSeconds(7)))
                .isEqualTo(first)
                .hasSameHashCodeAs(first)
                .isNotEqualTo(bucket(7, Duration.ofSeconds(8)));
        assertThat(TokenBucket.compile(new Bandwidth(7, Duration.ofSeconds(7), true)))
                .isNotEqualTo(first);
    }

    @Test
    void compile_extremeBandwidths_neverGiveMore() {
        long most = (1L << 53) - 1;
        TokenBucket fast = bucket(most, Duration.ofMillis(1));
        assertThat(fast.consume(null, most, T0)).isNotNull();
        TokenBucket slow = bucket(2, Duration.ofSeconds(most));
        BucketLevel empty = slow.consume(null, 2, T0);
        assertThat(empty).isNotNull();
        assertThat(slow.consume(empty, 1, T0 + Duration.ofDays(365).toMillis())).isNull();
    }

    @Test
    void consume_randomWalk_staysWithinCapacityPlusRefill() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        for (int walk = 0; walk < 200; walk++) {
            long capacity = 1 + random.nextLong(20);
            long periodMillis = 1 + random.nextLong(5000);
            TokenBucket bucket = bucket(capacity, Duration.ofMillis(periodMillis));
            BucketLevel level = null;
            long now = T0;
            long taken = 0;
            for (int i = 0; i < 200; i++) {
                now += random.nextLong(periodMillis);
                long cost = 1 + random.nextLong(3);
                BucketLevel next = bucket.consume(level, cost, now);
                if (next != null) {
                    level = next;
                    taken += cost;
                }
                assertThat((double) taken)
                        .isLessThanOrEqualTo(capacity + (double) (now - T0) * capacity / periodMillis + 1e-6);
            }
        }
    }
}
