package dev.errand.agent.call;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the refusals of one call: whether the call is sent again, and when. A call that may have reached the
 * upstream is never sent again. Not thread-safe. Time is an argument, in nanoseconds of one clock.
 */
final class RetryPolicy {
    /** {@code Errand-Next} of a refusal that ends by itself. */
    private static final String RETRY = "retry";

    /** {@code Errand-Next} of a refusal that a human may lift. */
    private static final String WAIT = "wait";

    private static final int MOST_AT_ONCE = 3;
    private static final long LEAST_MILLIS = 50;
    private static final long APPROVAL_MILLIS = 5_000;

    /**
     * The last repeat is sent this long before a request for approval ends: the end is told in whole seconds, rounded
     * up, and the call needs time to arrive.
     */
    private static final long LAST_MILLIS = 2_000;

    private final long deadline;
    private int atOnce;
    private @Nullable String approval;
    private long lastCall;

    /** @param wait the longest time for all repeats of the call together, in nanoseconds */
    RetryPolicy(long now, long wait) {
        deadline = now + wait;
    }

    /** What is done about a refusal. */
    sealed interface Verdict {}

    /**
     * The tool gets the refusal.
     *
     * @param withRetryAfter whether the tool is told when to come again
     */
    record Pass(boolean withRetryAfter) implements Verdict {}

    /**
     * The call is sent again.
     *
     * @param millis how long to wait before that
     * @param announced the address where a human decides, if it is to be told now; else null
     * @param askableMillis how long the gateway may be asked for the human's decision instead of the wait; 0 for a call that waits
     *     for no human
     */
    record Again(long millis, @Nullable String announced, long askableMillis) implements Verdict {
        Again(long millis, @Nullable String announced) {
            this(millis, announced, 0);
        }
    }

    /**
     * Judges a refusal.
     *
     * @param repeatable whether the companion has the whole body, or will have it
     * @param withChain whether the ancestors went with the call
     */
    Verdict judge(Refusal refusal, boolean repeatable, boolean withChain, long now) {
        boolean again = repeatable && !refusal.maybeSent();
        if (refusal.nonce() || refusal.code().equals("chain-incomplete")) {
            boolean helps = refusal.nonce() || !withChain;
            return again && helps && atOnce++ < MOST_AT_ONCE ? new Again(0, null) : pass(refusal, now);
        }
        if (refusal.next().equals(WAIT) && refusal.approval() != null) {
            return again ? askedFor(refusal, now) : pass(refusal, now);
        }
        long millis = millis(refusal);
        boolean inTime = millis <= left(now) && (approval == null || millis <= untilLastCall(now));
        return again && refusal.next().equals(RETRY) && inTime && refusal.retryAfterSeconds() >= 0
                ? new Again(millis, null)
                : pass(refusal, now);
    }

    /**
     * Passes a refusal to the tool. The tool gets {@code Retry-After} only if that time is within the rest of the wait,
     * and before the end of the request for approval that the call waits for.
     */
    Pass pass(Refusal refusal, long now) {
        long most = isAwaited(refusal) ? Math.min(left(now), untilLastCall(now)) : left(now);
        return new Pass(refusal.retryAfterSeconds() < 0 || millis(refusal) <= most);
    }

    private static long millis(Refusal refusal) {
        return Math.max(LEAST_MILLIS, TimeUnit.SECONDS.toMillis(refusal.retryAfterSeconds()));
    }

    private long left(long now) {
        return TimeUnit.NANOSECONDS.toMillis(deadline - now);
    }

    private long untilLastCall(long now) {
        return TimeUnit.NANOSECONDS.toMillis(lastCall - now);
    }

    private boolean isAwaited(Refusal refusal) {
        return refusal.approvalUri().equals(approval);
    }

    /**
     * Whether it is too late to send a call again after this refusal: the repeat could open another request for
     * approval.
     */
    boolean isTooLate(Refusal refusal, long now) {
        return isAwaited(refusal) && now - lastCall >= 0;
    }

    /**
     * How long to wait for the end of a body before the tool gets a refusal that a repeat could avoid, in milliseconds.
     */
    long holdMillis(Refusal refusal, Again again, long now) {
        long most = Math.max(again.millis(), left(now));
        return isAwaited(refusal) ? Math.min(most, untilLastCall(now)) : most;
    }

    /**
     * Repeats the call as long as the request for approval stands. The last repeat comes before the request's end: a
     * later one would open another request.
     */
    private Verdict askedFor(Refusal refusal, long now) {
        boolean first = !isAwaited(refusal);
        if (first && approval != null && now - lastCall >= 0) {
            return pass(refusal, now);
        }
        if (first) {
            approval = refusal.approvalUri();
            lastCall = now
                    + TimeUnit.SECONDS.toNanos(refusal.approvalSeconds())
                    - TimeUnit.MILLISECONDS.toNanos(LAST_MILLIS);
        }
        long left = untilLastCall(now);
        long millis = refusal.retryAfterSeconds() > 0
                ? TimeUnit.SECONDS.toMillis(refusal.retryAfterSeconds())
                : APPROVAL_MILLIS;
        if (left <= 0) {
            return new Pass(false);
        }
        return new Again(Math.min(millis, left), first ? approval : null, left);
    }
}
