package dev.errand.delegation;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * What a token is known by everywhere: the SHA-256 of its JWS signing input, unpadded base64url. A child's
 * {@code par_hash} is its parent's; all state of a token is keyed by it, never by {@code jti}.
 */
public record TokenId(String hash) {
    /** The id of the token with this signing input (ASCII {@code header.payload}). */
    public static TokenId ofSigningInput(byte[] signingInput) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(signingInput);
            return new TokenId(Base64.getUrlEncoder().withoutPadding().encodeToString(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
