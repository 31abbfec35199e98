package dev.errand.agent.command;

import dev.errand.agent.task.TaskRoute;

/**
 * A listener whose root is one route, and what a tool shows there.
 *
 * @param hostPort such as {@code 127.0.0.1:40123}
 * @param password for Basic, or the secret key of Signature Version 4
 */
public record RootAddress(TaskRoute route, String hostPort, String user, String password) {}
