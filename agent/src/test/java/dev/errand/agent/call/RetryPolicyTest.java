package dev.errand.agent.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.agent.call.RetryPolicy.Again;
import dev.errand.agent.call.RetryPolicy.Pass;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** No call opens a second request for approval, whatever the clock says in between. */
class RetryPolicyTest {
    private static final long WAIT = TimeUnit.SECONDS.toNanos(30);

    private final RetryPolicy retryPolicy = new RetryPolicy(0, WAIT);

    private static Refusal asked(String id, int expires) {
        String approval = "https://gateway.example.org/approvals/" + id + "; expires_in=" + expires;
        return new Refusal("approval-required", "wait", "ci:job.start", "d-1", false, false, 5, approval);
    }

    private static Refusal rate(int retryAfter) {
        return new Refusal("rate-exceeded", "retry", "ci:job.start", "d-1", false, false, retryAfter, null);
    }

    private static long at(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private RetryPolicy.Verdict judge(Refusal refusal, long millis) {
        return retryPolicy.judge(refusal, true, true, at(millis));
    }

    @Test
    void lastCall_leavesTwoSecondsBeforeTheEnd() {
        assertThat(judge(asked("a-1", 20), 0))
                .isEqualTo(new Again(5_000, "https://gateway.example.org/approvals/a-1", 18_000));
        assertThat(judge(asked("a-1", 6), 14_500)).isEqualTo(new Again(3_500, null, 3_500));
        assertThat(judge(asked("a-1", 2), 18_000)).isEqualTo(new Pass(false));
    }

    @Test
    void requestOfTwoSeconds_isNotWaitedFor() {
        assertThat(judge(asked("a-1", 2), 0)).isEqualTo(new Pass(false));
    }

    @Test
    void secondRequest_thatTheLastCallMet_isNotWaitedFor() {
        judge(asked("a-1", 20), 0);
        assertThat(judge(asked("a-2", 20), 18_000)).isInstanceOf(Pass.class);
    }

    @Test
    void secondRequest_thatSomebodyOpenedBefore_isWaitedFor() {
        judge(asked("a-1", 20), 0);
        assertThat(judge(asked("a-2", 20), 17_999)).isInstanceOf(Again.class);
    }

    @Test
    void refusalOfAnotherKind_isNotWaitedForPastTheEnd() {
        judge(asked("a-1", 20), 0);
        assertThat(judge(rate(4), 14_000)).isEqualTo(new Again(4_000, null));
        assertThat(judge(rate(5), 14_000)).isInstanceOf(Pass.class);
    }

    @Test
    void heldRefusal_isHeldUntilTheLastCallAtMost() {
        Refusal refusal = asked("a-1", 20);
        Again again = (Again) judge(refusal, 0);
        assertThat(retryPolicy.holdMillis(refusal, again, 0)).isEqualTo(18_000);
        assertThat(retryPolicy.isTooLate(refusal, at(18_000) - 1)).isFalse();
        assertThat(retryPolicy.isTooLate(refusal, at(18_000))).isTrue();
        assertThat(retryPolicy.pass(refusal, at(18_000)).withRetryAfter()).isFalse();
        assertThat(retryPolicy.pass(refusal, at(13_001)).withRetryAfter()).isFalse();
        assertThat(retryPolicy.pass(refusal, at(13_000)).withRetryAfter()).isTrue();
    }

    @Test
    void heldRefusal_ofAnotherKind_isHeldAsLongAsTheWait() {
        Refusal refusal = rate(1);
        Again again = (Again) judge(refusal, 0);
        assertThat(retryPolicy.holdMillis(refusal, again, 0)).isEqualTo(30_000);
        assertThat(retryPolicy.isTooLate(refusal, at(29_000))).isFalse();
    }
}
