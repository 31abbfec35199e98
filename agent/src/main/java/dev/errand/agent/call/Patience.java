package dev.errand.agent.call;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is done about the refusals of one call: whether it is sent again, and when. A call that may have reached the upstream
 * is never sent again. Not thread-safe; time is an argument, in nanoseconds of one clock.
 */
final class Patience {
    /** Refusals that pass by themselves. */
    private static final Set<String> PASSING = Set.of("rate-exceeded", "decision-unavailable");

    /** Refusals that pass by themselves where they say when: another call of the task is under way. */
    private static final Set<String> PENDING = Set.of("sequence-violation", "rule-violation");

    private static final String ASKED = "approval-required";
    private static final int MOST_AT_ONCE = 3;
    private static final long LEAST_MILLIS = 50;
    private static final long APPROVAL_MILLIS = 5_000;

    /**
     * The last call leaves so long before the end of a request for approval: the end is told in whole seconds, rounded up, and the
     * call needs time to arrive.
     */
    private static final long LAST_MILLIS = 2_000;

    private final long deadline;
    private int atOnce;
    private @Nullable String approval;
    private long lastCall;

    /** @param wait for all repeats of the call together */
    Patience(long now, long wait) {
        deadline = now + wait;
    }

    /** What is to be done. */
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
     * @param announced where a human decides, if that is to be said now
     */
    record Again(long millis, @Nullable String announced) implements Verdict {}

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
        if (refusal.code().equals(ASKED) && refusal.approval() != null) {
            return again ? askedFor(refusal, now) : pass(refusal, now);
        }
        boolean passes = PASSING.contains(refusal.code()) || PENDING.contains(refusal.code());
        long millis = millis(refusal);
        boolean inTime = millis <= left(now) && (approval == null || millis <= untilLastCall(now));
        return again && passes && inTime && refusal.retryAfterSeconds() >= 0
                ? new Again(millis, null)
                : pass(refusal, now);
    }

    /**
     * The tool gets a refusal. It is told to come again only where that is within what is left of the wait, and before the end of
     * the request for approval that is waited for.
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

    /** Whether it is too late to send a call again that got this refusal: the call could open another request for approval. */
    boolean isTooLate(Refusal refusal, long now) {
        return isAwaited(refusal) && now - lastCall >= 0;
    }

    /** How long the end of a body is waited for before the tool gets a refusal that could be met by another sending. */
    long holdMillis(Refusal refusal, Again again, long now) {
        long most = Math.max(again.millis(), left(now));
        return isAwaited(refusal) ? Math.min(most, untilLastCall(now)) : most;
    }

    /**
     * Waits as long as the request for approval stands. The last call comes before the request's end: a call behind the end would
     * open another request.
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
        return new Again(Math.min(millis, left), first ? approval : null);
    }
}
