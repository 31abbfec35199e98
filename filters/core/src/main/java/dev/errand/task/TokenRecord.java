package dev.errand.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of one token of a task. Immutable.
 *
 * @param permitted whether a call under the token, or under one below it, was ever permitted
 * @param ended how the token ended before its task did, or null: {@code COMPLETED} revoked, {@code INTERRUPTED} cut
 * @param why one sentence on how it ended, or null
 * @param calls how many calls the token and all tokens below it have used of its absolute budget
 * @param children how many distinct direct children had a permitted call
 * @param levels the levels of the token's buckets
 * @param denials the denials that were counted at this token, oldest first; only those that the template's reaction
 *     looks at
 */
public record TokenRecord(
        boolean permitted,
        @Nullable TaskState ended,
        @Nullable String why,
        long calls,
        long children,
        TokenLevels levels,
        List<CountedDenial> denials) {
    public static final TokenRecord NEW = new TokenRecord(false, null, null, 0, 0, TokenLevels.FULL, List.of());

    public TokenRecord {
        denials = List.copyOf(denials);
    }

    /** How the token ended, or null. */
    public TaskOutcome.@Nullable Ended over() {
        return ended == null ? null : new TaskOutcome.Ended(ended, why, true);
    }

    public TokenRecord charged(long callsUsed, TokenLevels newLevels) {
        return new TokenRecord(true, ended, why, callsUsed, children, newLevels, denials);
    }

    public TokenRecord withLevels(TokenLevels newLevels) {
        return new TokenRecord(permitted, ended, why, calls, children, newLevels, denials);
    }

    public TokenRecord withCalls(long callsUsed) {
        return new TokenRecord(permitted, ended, why, callsUsed, children, levels, denials);
    }

    public TokenRecord withOneMoreChild() {
        return new TokenRecord(permitted, ended, why, calls, children + 1, levels, denials);
    }

    public TokenRecord withDenials(List<CountedDenial> counted) {
        return new TokenRecord(permitted, ended, why, calls, children, levels, counted);
    }

    public TokenRecord ended(TaskState how, String reason) {
        return new TokenRecord(permitted, how, reason, calls, children, levels, List.of());
    }
}
