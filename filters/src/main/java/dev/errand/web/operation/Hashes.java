package dev.errand.web.operation;

import dev.errand.jose.Sha256;
import java.util.Base64;

/** Digests as the contract writes them: {@code sha-256:} and unpadded base64url. */
final class Hashes {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private Hashes() {}

    static String sha256(byte[] bytes) {
        return "sha-256:" + ENCODER.encodeToString(Sha256.of(bytes));
    }
}
