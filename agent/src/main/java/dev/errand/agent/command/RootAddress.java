package dev.errand.agent.command;

import dev.errand.agent.task.TaskRoute;

/**
 * A listener with a single route at its root, and the credential that a tool needs there.
 *
 * @param hostPort such as {@code 127.0.0.1:40123}
 * @param password for Basic, or the secret key of Signature Version 4
 */
public record RootAddress(TaskRoute route, String hostPort, String user, String password) {}
