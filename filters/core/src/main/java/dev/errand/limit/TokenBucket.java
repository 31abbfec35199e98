package dev.errand.limit;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketState;
import io.github.bucket4j.MathType;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The compiled bucket of one {@link Bandwidth}; the arithmetic is Bucket4j's. Pure and thread-safe. A null level is a
 * full bucket, so that an unused bucket takes no space in a record. Times are the store's, epoch milliseconds.
 */
public final class TokenBucket {
    private static final long MAX_PERIOD_NANOS = Duration.ofDays(36_500).toNanos();
    private static final int MAX_COMPILED = 4096;
    private static final Map<Bandwidth, TokenBucket> COMPILED = new ConcurrentHashMap<>();

    private final Bandwidth bandwidth;
    private final BucketConfiguration configuration;

    private TokenBucket(Bandwidth bandwidth) {
        this.bandwidth = bandwidth;
        this.configuration = configure(bandwidth);
    }

    /** The bucket of a bandwidth; equal bandwidths share one. */
    public static TokenBucket compile(Bandwidth bandwidth) {
        TokenBucket known = COMPILED.get(bandwidth);
        if (known != null) {
            return known;
        }
        if (COMPILED.size() >= MAX_COMPILED) {
            COMPILED.clear();
        }
        return COMPILED.computeIfAbsent(bandwidth, TokenBucket::new);
    }

    /** The buckets of bandwidths, in their order. */
    public static List<TokenBucket> compile(List<Bandwidth> bandwidths) {
        return bandwidths.stream().map(TokenBucket::compile).toList();
    }

    // Bucket4j allows at most one token a nanosecond, and periods below 292 years. Beyond these bounds the refill is
    // rounded down: a bucket never gives more than its bandwidth allows.
    private static BucketConfiguration configure(Bandwidth bandwidth) {
        long capacity = bandwidth.capacity();
        BigInteger asked = BigInteger.valueOf(bandwidth.period().getSeconds())
                .multiply(BigInteger.valueOf(1_000_000_000L))
                .add(BigInteger.valueOf(bandwidth.period().getNano()));
        BigInteger most = BigInteger.valueOf(MAX_PERIOD_NANOS);
        long periodNanos;
        long refill;
        if (asked.compareTo(most) > 0) {
            periodNanos = MAX_PERIOD_NANOS;
            refill = BigInteger.valueOf(capacity).multiply(most).divide(asked).longValueExact();
            if (refill == 0) {
                refill = 1;
            }
        } else {
            periodNanos = asked.longValueExact();
            refill = capacity;
        }
        long admitted = Math.min(refill, periodNanos);
        return BucketConfiguration.builder()
                .addLimit(limit -> limit.capacity(capacity).refillGreedy(admitted, Duration.ofNanos(periodNanos)))
                .build();
    }

    public Bandwidth bandwidth() {
        return bandwidth;
    }

    /** Whole tokens that can be taken now. */
    public long available(@Nullable BucketLevel level, long nowMillis) {
        return level == null ? bandwidth.capacity() : tokensAt(level, nowMillis);
    }

    /** Whether a full bucket can hold the cost. */
    public boolean admits(long cost) {
        return cost <= bandwidth.capacity();
    }

    /** Takes the cost if the bucket holds it; else takes nothing and returns null. */
    public @Nullable BucketLevel consume(@Nullable BucketLevel level, long cost, long nowMillis) {
        BucketState state = stateAt(level, nowMillis);
        if (state.getAvailableTokens() < cost) {
            return null;
        }
        state.consume(cost);
        return StoredBucket.level(state);
    }

    /** How long until the bucket holds the cost, if nobody else takes any; zero if it holds the cost now. */
    public Duration waitFor(@Nullable BucketLevel level, long cost, long nowMillis) {
        long nanos =
                stateAt(level, nowMillis).calculateDelayNanosAfterWillBePossibleToConsume(cost, nanos(nowMillis), true);
        return Duration.ofNanos(Math.max(0, nanos));
    }

    /** Whether the bucket is full by now, so that its level need not be kept. */
    public boolean isFull(BucketLevel level, long nowMillis) {
        return tokensAt(level, nowMillis) >= bandwidth.capacity();
    }

    private long tokensAt(BucketLevel level, long nowMillis) {
        // Bucket4j adds nothing before the time of the last refill.
        boolean refilledByThen = level.refilledAtNanos() >= nanos(nowMillis);
        return refilledByThen ? level.tokens() : stateAt(level, nowMillis).getAvailableTokens();
    }

    private BucketState stateAt(@Nullable BucketLevel level, long nowMillis) {
        if (level == null) {
            return BucketState.createInitialState(configuration, MathType.INTEGER_64_BITS, nanos(nowMillis));
        }
        BucketState state = StoredBucket.state(level);
        state.setConfiguration(configuration);
        state.refillAllBandwidth(nanos(nowMillis));
        return state;
    }

    /** Buckets of equal bandwidths are equal. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TokenBucket that && bandwidth.equals(that.bandwidth);
    }

    @Override
    public int hashCode() {
        return bandwidth.hashCode();
    }

    @Override
    public String toString() {
        return bandwidth.toString();
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
