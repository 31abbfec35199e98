package dev.errand.task;

/**
 * The key under which the store keeps a task's state. If this gateway issued the root, it is the task id. If another
 * anchor issued the root, it is the hash of issuer and signing input.
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
