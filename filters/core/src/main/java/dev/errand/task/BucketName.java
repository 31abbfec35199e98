package dev.errand.task;

import java.util.stream.IntStream;

/**
 * Identifies a bucket of a template.
 *
 * @param operation the operation that it limits; empty for a bucket of the task itself
 * @param index its index in the template's list
 */
public record BucketName(String operation, int index) {
    private static final BucketName[] OF_TASK =
            IntStream.range(0, 16).mapToObj(index -> new BucketName("", index)).toArray(BucketName[]::new);

    /** The name; names of the task's first 16 buckets are shared objects. */
    public static BucketName of(String operation, int index) {
        return operation.isEmpty() && index < OF_TASK.length ? OF_TASK[index] : new BucketName(operation, index);
    }
}
