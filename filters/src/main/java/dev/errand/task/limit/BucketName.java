package dev.errand.task.limit;

import java.util.stream.IntStream;

/**
 * Which bucket of a template.
 *
 * @param operation the operation that it bounds; empty for the task's own
 * @param index its place in the template's list
 */
public record BucketName(String operation, int index) {
    private static final BucketName[] OF_TASK =
            IntStream.range(0, 16).mapToObj(index -> new BucketName("", index)).toArray(BucketName[]::new);

    /** The name; the first of the task's own are made once. */
    public static BucketName of(String operation, int index) {
        return operation.isEmpty() && index < OF_TASK.length ? OF_TASK[index] : new BucketName(operation, index);
    }
}
