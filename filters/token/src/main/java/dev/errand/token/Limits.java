package dev.errand.token;

/**
 * How large, deep and long-lived a chain may be.
 *
 * @param tokenBytes the most bytes of one compact token (step 2a)
 * @param chainBytes the most bytes of all tokens of a chain together (step 2b)
 * @param depth the largest {@code del_depth} and {@code del_max_depth} (steps 3i, 4f)
 * @param nesting the most levels of a constraint (steps 3n, 4o)
 * @param lifetimeSeconds the longest {@code exp - iat} of a root (step 3h)
 * @param clockAllowanceSeconds how far {@code iat} may be in the future (steps 3f, 4k), and a proof's {@code iat} in
 *     the past or future (7g)
 */
public record Limits(
        int tokenBytes, int chainBytes, int depth, int nesting, long lifetimeSeconds, long clockAllowanceSeconds) {
    /** 16 KiB, 48 KiB, 8, 32, one hour, 30 seconds. */
    public static final Limits DEFAULT = new Limits(16 << 10, 48 << 10, 8, CapabilityParser.MAX_NESTING, 3600, 30);

    public Limits {
        if (tokenBytes < 1
                || chainBytes < 1
                || depth < 0
                || nesting < 1
                || nesting > CapabilityParser.MAX_NESTING
                || lifetimeSeconds < 1
                || clockAllowanceSeconds < 0) {
            throw new IllegalArgumentException("limits must be positive, nesting at most 32");
        }
    }

    /** These limits with another longest lifetime. */
    public Limits withLifetimeSeconds(long seconds) {
        return new Limits(tokenBytes, chainBytes, depth, nesting, seconds, clockAllowanceSeconds);
    }

    /** These limits with another window for proofs and clocks. */
    public Limits withClockAllowanceSeconds(long seconds) {
        return new Limits(tokenBytes, chainBytes, depth, nesting, lifetimeSeconds, seconds);
    }
}
