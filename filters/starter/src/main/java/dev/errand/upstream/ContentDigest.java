package dev.errand.upstream;

import dev.errand.token.Sha256;
import java.util.Base64;

/** The {@code Content-Digest} field (RFC 9530 section 2) by SHA-256. Thread-safe. */
public final class ContentDigest {
    private ContentDigest() {}

    /** The field value for a whole content. */
    public static String sha256(byte[] content) {
        return "sha-256=:" + Base64.getEncoder().encodeToString(Sha256.of(content)) + ":";
    }
}
