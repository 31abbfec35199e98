package dev.errand.credential;

import org.jspecify.annotations.Nullable;

/**
 * The parts that kinds of credentials of tasks need. Immutable.
 *
 * @param tokens signs the JWTs that name tasks
 * @param credentials holds the credentials that were obtained; null if none is ever sent, as for a check
 */
public record Minting(TaskTokens tokens, @Nullable TaskCredentials credentials) {}
