package dev.errand.denial;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One refusal.
 *
 * @param reason the code and status
 * @param step the check that refused: a label of AAT-02 section 5 ({@code 4p2}), {@code task:<member>}, or
 *     {@code operation}, {@code limits}, {@code sequence}, {@code pending}, {@code rule}, {@code flow}, {@code approval}; null where
 *     the reason is enough
 * @param detail what was refused and what the caller can do, without any secret; shown to verified holders and the
 *     log, never to an unverified caller
 * @param rule the place ({@code file:line}) of the plan step or rule that refused; null if none did
 * @param unknown the decisions of earlier calls whose outcome is unknown, where that outcome decides; else empty
 * @param unasked whether the policy asks a human about such a call, and no request could be opened
 */
public record Denial(
        DenyReason reason,
        @Nullable String step,
        String detail,
        @Nullable String rule,
        List<String> unknown,
        boolean unasked) {
    public Denial {
        unknown = List.copyOf(unknown);
    }

    /** A refusal about which no policy asks a human, or about which one is asked. */
    public Denial(
            DenyReason reason, @Nullable String step, String detail, @Nullable String rule, List<String> unknown) {
        this(reason, step, detail, rule, unknown, false);
    }

    /** A refusal that does not come from an unknown outcome. */
    public Denial(DenyReason reason, @Nullable String step, String detail, @Nullable String rule) {
        this(reason, step, detail, rule, List.of());
    }

    /** A refusal that does not come from the plan or a rule. */
    public Denial(DenyReason reason, @Nullable String step, String detail) {
        this(reason, step, detail, null);
    }

    /** The same refusal with another detail. */
    public Denial saying(String text) {
        return new Denial(reason, step, text, rule, unknown, unasked);
    }

    /** The same refusal, about which a human would have been asked if that had been possible. */
    public Denial unasked(String because) {
        String told = detail + (detail.endsWith(".") ? " " : ". ") + because;
        return new Denial(reason, step, told, rule, unknown, true);
    }

    /** Whether it refused since so many outcomes are unknown that no more is kept: no single step or rule did. */
    public boolean isFull() {
        return rule == null && !unknown.isEmpty() && reason != DenyReason.APPROVAL_REQUIRED;
    }

    /** Whether it refused only since an earlier call of the task has no outcome yet. */
    public boolean isPending() {
        return "pending".equals(step);
    }
}
