package dev.errand.delegation.chain;

import dev.errand.delegation.HolderKey;
import org.jspecify.annotations.Nullable;

/**
 * One key that may sign root tokens.
 *
 * @param issuer what the root's {@code iss} must be; null accepts any
 * @param keyId its {@code kid}, or null
 * @param key the key
 * @param ours whether it is our own issuer's: only such a root says which of our tasks it is
 */
public record Anchor(@Nullable String issuer, @Nullable String keyId, HolderKey key, boolean ours) {}
