package dev.errand.delegation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code errand_task} details of a token: bounds on the sum of calls that no argument constraint can express.
 *
 * @param calls calls that the token and all below it may make, or null for no bound of its own
 * @param children distinct direct children that may make a call, or null
 * @param limits token buckets that every call of the token and all below it is charged to
 * @param sequence {@code sha-256:} digest of the compiled plan, in a root only
 */
public record TaskBounds(
        @Nullable Long calls,
        @Nullable Long children,
        List<Limit> limits,
        @Nullable String sequence) {
    /** No bound at all. */
    public static final TaskBounds NONE = new TaskBounds(null, null, List.of(), null);

    public TaskBounds {
        limits = List.copyOf(limits);
    }

    /**
     * One token bucket: {@code capacity} tokens, refilled evenly within the period.
     *
     * @param capacity 1 to 2^53-1
     * @param periodSeconds 1 to 2^53-1
     */
    public record Limit(long capacity, long periodSeconds) {}
}
