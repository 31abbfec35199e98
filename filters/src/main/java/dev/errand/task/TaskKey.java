package dev.errand.task;

/**
 * What a task's shared state is kept under: the task id for a root of our own, the hash of issuer and signing input for
 * a root of another anchor.
 *
 * @param value letters, digits, dashes and underscores, so that it can be a cluster hash tag
 */
public record TaskKey(String value) {
    public TaskKey {
        if (!value.matches("[A-Za-z0-9_-]{1,128}")) {
            throw new IllegalArgumentException("a task key is 1 to 128 letters, digits, '-' or '_'");
        }
    }
}
