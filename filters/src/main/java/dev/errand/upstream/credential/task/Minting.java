package dev.errand.upstream.credential.task;

import org.jspecify.annotations.Nullable;

/**
 * What the kinds need that live with a task. Immutable.
 *
 * @param tokens signs the JWTs by which tasks are named
 * @param credentials holds what was had; null where nothing is ever sent, as for a check
 */
public record Minting(TaskTokens tokens, @Nullable TaskCredentials credentials) {}
