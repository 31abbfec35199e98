package dev.errand.denial;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NextTest {
    @ParameterizedTest
    @CsvSource({
        "AUTHENTICATION_REQUIRED, change",
        "INVALID_TOKEN, stop",
        "CHAIN_INCOMPLETE, retry",
        "TASK_ENDED, stop",
        "IDENTITY_MISMATCH, stop",
        "INVALID_PROOF, change",
        "MALFORMED_REQUEST, change",
        "UNKNOWN_OPERATION, change",
        "AMBIGUOUS_OPERATION, change",
        "NOT_GRANTED, change",
        "CONSTRAINT_VIOLATED, change",
        "SEQUENCE_VIOLATION, change",
        "RULE_VIOLATION, change",
        "FLOW_DENIED, change",
        "APPROVAL_REQUIRED, wait",
        "APPROVAL_REFUSED, stop",
        "BUDGET_EXHAUSTED, stop",
        "RATE_EXCEEDED, retry",
        "UPSTREAM_UNAVAILABLE, retry",
        "DECISION_UNAVAILABLE, retry"
    })
    void aCodeAlone(DenyReason reason, String next) {
        assertThat(Next.usual(reason).wire()).isEqualTo(next);
        assertThat(Next.usual(reason).instruction(reason)).isEqualTo(reason.instruction());
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_GRANTED, , 403, true, false, true, stop",
        "RATE_EXCEEDED, limits, 429, true, false, true, stop",
        "APPROVAL_REQUIRED, approval, 403, true, false, true, stop",
        "INVALID_PROOF, 7h, 401, false, true, true, retry",
        "SEQUENCE_VIOLATION, pending, 403, false, false, true, retry",
        "RULE_VIOLATION, pending, 403, false, false, true, retry",
        "RATE_EXCEEDED, limits, 429, false, false, false, retry",
        "UPSTREAM_UNAVAILABLE, , 502, false, false, false, check",
        "UPSTREAM_UNAVAILABLE, , 504, false, false, true, retry",
        "UPSTREAM_UNAVAILABLE, , 504, false, false, false, check",
        "DECISION_UNAVAILABLE, , 503, false, false, false, check",
        "MALFORMED_REQUEST, , 400, false, false, false, check",
        "TASK_ENDED, , 401, false, false, false, stop"
    })
    void theFirstThatFits(
            DenyReason reason,
            @Nullable String step,
            int status,
            boolean ended,
            boolean nonce,
            boolean unsent,
            String next) {
        assertThat(Next.of(new Denial(reason, step, "x"), status, ended, nonce, unsent)
                        .wire())
                .isEqualTo(next);
    }

    @Test
    void whereNobodyCouldBeAsked_theUserIs() {
        Denial unasked = new Denial(DenyReason.FLOW_DENIED, "flow", "No").unasked("Nobody is asked.");

        assertThat(unasked.detail()).isEqualTo("No. Nobody is asked.");
        assertThat(Next.of(unasked, 403, false, false, true)).isEqualTo(Next.ASK);
        assertThat(Next.of(unasked.saying("Other."), 403, false, false, true)).isEqualTo(Next.ASK);
        assertThat(Next.of(unasked, 403, true, false, true)).isEqualTo(Next.STOP);
        assertThat(Next.ASK.instruction(DenyReason.FLOW_DENIED)).contains("Tell your user");
    }

    /** One or two sentences, of which each speaks to the agent. */
    @ParameterizedTest
    @EnumSource
    void everyCodeSaysWhatToDo(DenyReason reason) {
        for (Next next : Next.values()) {
            String said = next.instruction(reason);
            assertThat(said).endsWith(".").hasSizeLessThan(200).doesNotContain("The agent", "\n");
            assertThat(said.split("\\. ")).hasSizeLessThanOrEqualTo(2);
        }
    }
}
