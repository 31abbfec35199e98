package dev.errand.limit;

/**
 * What one token bucket holds: Bucket4j's own stored state of one bandwidth, without its configuration. Immutable.
 *
 * @param refilledAtNanos when it was last refilled, epoch nanoseconds of the store's clock
 * @param tokens whole tokens held then
 * @param roundingError the fraction of a token carried to the next refill, in Bucket4j's units
 */
public record BucketLevel(long refilledAtNanos, long tokens, long roundingError) {}
