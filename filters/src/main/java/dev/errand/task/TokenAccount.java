package dev.errand.task;

import dev.errand.delegation.TokenId;
import dev.errand.limit.TokenBucket;
import dev.errand.task.state.TokenLevels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One token of a presented chain as the task's state accounts for it: every call is charged to each of them.
 *
 * @param id the key of its state
 * @param calls its own absolute budget, or null
 * @param children how many distinct direct children may make a call, or null
 * @param limits its own token buckets, but for those that the task or a token above is charged for
 */
public record TokenAccount(
        TokenId id, @Nullable Long calls, @Nullable Long children, List<Limit> limits) {
    public TokenAccount {
        limits = List.copyOf(limits);
    }

    /**
     * One of its token buckets.
     *
     * @param place under which the token's state keeps its level, below {@value TokenLevels#MAX_PLACES}
     * @param bucket its arithmetic
     */
    public record Limit(int place, TokenBucket bucket) {}
}
