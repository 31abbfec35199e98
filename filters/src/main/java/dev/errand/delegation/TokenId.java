package dev.errand.delegation;

/**
 * What a token is known by everywhere: the SHA-256 of its JWS signing input, unpadded base64url. A child's
 * {@code par_hash} is its parent's; all state of a token is keyed by it, never by {@code jti}.
 */
public record TokenId(String hash) {}
