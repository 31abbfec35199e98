package dev.errand.jose;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, as every JDK has it. Thread-safe. */
public final class Sha256 {
    private Sha256() {}

    /** The digest of the bytes. */
    public static byte[] of(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The digest of the text's UTF-8, unpadded base64url: the {@code ath} of a token (RFC 9449 section 4.2). */
    public static String base64UrlOf(String text) {
        return Base64Url.encode(of(text.getBytes(StandardCharsets.UTF_8)));
    }
}
