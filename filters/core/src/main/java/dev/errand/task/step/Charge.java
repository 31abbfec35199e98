package dev.errand.task.step;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import dev.errand.operation.OperationCall;
import dev.errand.task.BucketName;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The amount that one call takes from one bucket.
 *
 * @param name the bucket's name in answers: {@code task}, an operation's id, or {@code token:<depth>}
 * @param owner the depth of the token that owns the bucket, or {@link #TEMPLATE}
 * @param key identifies the bucket in the task's state
 * @param bucket the bucket's arithmetic
 * @param level the bucket's level, or null if it is full
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

    /** The name of the task's own buckets. */
    public static final String TASK = "task";

    private static final List<String> TOKENS =
            IntStream.range(0, 16).mapToObj(depth -> "token:" + depth).toList();

    /** The name of a token's own budget and buckets, in answers and records. */
    public static String tokenName(int depth) {
        return depth < TOKENS.size() ? TOKENS.get(depth) : "token:" + depth;
    }

    /**
     * The amounts that a call takes from the buckets of a template: first from those of the task, then from those of
     * each operation.
     *
     * @param levels the level of each bucket
     */
    public static List<Charge> ofTemplate(
            TaskPolicy policy, List<OperationCall> calls, Function<BucketName, @Nullable BucketLevel> levels) {
        List<Charge> charges = new ArrayList<>();
        add(charges, TASK, "", policy.limits(), calls.size(), levels);
        if (!policy.operationLimits().isEmpty()) {
            Map<String, Integer> costs = new LinkedHashMap<>();
            for (OperationCall pair : calls) {
                costs.merge(pair.operation().id(), 1, Integer::sum);
            }
            costs.forEach((operation, cost) -> add(
                    charges,
                    operation,
                    operation,
                    policy.operationLimits().getOrDefault(operation, List.of()),
                    cost,
                    levels));
        }
        return charges;
    }

    private static void add(
            List<Charge> charges,
            String name,
            String operation,
            List<TokenBucket> buckets,
            int cost,
            Function<BucketName, @Nullable BucketLevel> levels) {
        for (int i = 0; i < buckets.size(); i++) {
            BucketName key = BucketName.of(operation, i);
            charges.add(new Charge(name, TEMPLATE, key, buckets.get(i), levels.apply(key), cost));
        }
    }

    public boolean isOfTemplate() {
        return owner == TEMPLATE;
    }

    /** The advice for a refused call: what is left, and when the call would fit. */
    public TaskOutcome.RateAdvice advice(long nowMillis) {
        return new TaskOutcome.RateAdvice(
                name,
                bucket.bandwidth().capacity(),
                bucket.bandwidth().period(),
                bucket.available(level, nowMillis),
                bucket.waitFor(level, cost, nowMillis));
    }

    public boolean isObserved() {
        return bucket.bandwidth().observe();
    }

    /** The bucket's name in the list of what is left. */
    public String budgetName() {
        return key.operation().isEmpty() ? name : "op:" + name;
    }
}
