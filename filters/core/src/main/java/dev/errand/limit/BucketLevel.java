package dev.errand.limit;

/**
 * The level of one token bucket: Bucket4j's own stored state of one bandwidth, without its configuration. Immutable.
 *
 * @param refilledAtNanos the time of the last refill, epoch nanoseconds of the store's clock
 * @param tokens the whole tokens at that time
 * @param roundingError the fraction of a token carried to the next refill, in Bucket4j's units
 */
public record BucketLevel(long refilledAtNanos, long tokens, long roundingError) {}
