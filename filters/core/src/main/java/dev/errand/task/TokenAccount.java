package dev.errand.task;

import dev.errand.limit.TokenBucket;
import dev.errand.token.TokenId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The account of one token of a presented chain in the task's state. Every call is charged to each token of its chain.
 *
 * @param id identifies the token's state
 * @param calls the token's own absolute budget, or null
 * @param children how many distinct direct children may make a call, or null
 * @param limits the token's own buckets, without those that are charged to the task or to a token above
 */
public record TokenAccount(
        TokenId id, @Nullable Long calls, @Nullable Long children, List<Limit> limits) {
    public TokenAccount {
        limits = List.copyOf(limits);
    }

    /**
     * One bucket of the token.
     *
     * @param place the number under which the token's state keeps the level, below {@value TokenLevels#MAX_PLACES}
     * @param bucket the bucket's arithmetic
     */
    public record Limit(int place, TokenBucket bucket) {}
}
