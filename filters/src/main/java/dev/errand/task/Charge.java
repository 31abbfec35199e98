package dev.errand.task;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import java.util.List;
import java.util.Map;
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
    /** Adds the charges of one of the template's lists of buckets. */
    static void ofTemplate(
            List<Charge> charges,
            String name,
            String operation,
            List<TokenBucket> buckets,
            Map<BucketName, BucketLevel> levels,
            long cost) {
        for (int i = 0; i < buckets.size(); i++) {
            BucketName key = BucketName.of(operation, i);
            charges.add(new Charge(name, -1, key, buckets.get(i), levels.get(key), cost));
        }
    }

    boolean isObserved() {
        return bucket.bandwidth().observe();
    }
}
