package dev.errand.task;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What one call takes from one bucket.
 *
 * @param name the bucket's name in answers: {@code task}, an operation's id, or {@code token:<depth>}
 * @param owner the depth of the token that owns it, or {@link #TEMPLATE}
 * @param key its place in the task's state
 * @param bucket its arithmetic
 * @param level what it holds, or null for a full one
 * @param cost tokens to take
 */
record Charge(
        String name,
        int owner,
        BucketName key,
        TokenBucket bucket,
        @Nullable BucketLevel level,
        long cost) {
    /** The owner of the task's and the operations' buckets. */
    static final int TEMPLATE = -1;

    private static final List<String> TOKENS =
            IntStream.range(0, 16).mapToObj(depth -> "token:" + depth).toList();

    /** The name of what is a token's own, in answers and records. */
    static String tokenName(int depth) {
        return depth < TOKENS.size() ? TOKENS.get(depth) : "token:" + depth;
    }

    boolean isOfTemplate() {
        return owner == TEMPLATE;
    }

    boolean isObserved() {
        return bucket.bandwidth().observe();
    }

    /** Its name among what is left. */
    String budgetName() {
        return key.operation().isEmpty() ? name : "op:" + name;
    }
}
