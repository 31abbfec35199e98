package dev.errand.task;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one call takes from one bucket.
 *
 * @param name the bucket's name in answers: {@code task}, an operation's id, or {@code token:<depth>}
 * @param owner the depth of the token that owns it, or -1 for the template
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
    /** The charges of one list of buckets. */
    static void add(
            List<Charge> charges,
            String name,
            int owner,
            String operation,
            List<TokenBucket> buckets,
            java.util.function.Function<BucketName, @Nullable BucketLevel> levels,
            long cost) {
        for (int i = 0; i < buckets.size(); i++) {
            BucketName key = BucketName.of(operation, i);
            charges.add(new Charge(name, owner, key, buckets.get(i), levels.apply(key), cost));
        }
    }

    boolean isObserved() {
        return bucket.bandwidth().observe();
    }
}
