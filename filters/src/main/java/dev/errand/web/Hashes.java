package dev.errand.web;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Digests as the contract writes them: {@code sha-256:} and unpadded base64url. */
final class Hashes {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private Hashes() {}

    static String sha256(byte[] bytes) {
        try {
            return "sha-256:"
                    + ENCODER.encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
