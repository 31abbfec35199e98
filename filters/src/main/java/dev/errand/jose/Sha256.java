package dev.errand.jose;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, as every JDK has it. Thread-safe. */
public final class Sha256 {
    private static final ThreadLocal<MessageDigest> DIGESTS = ThreadLocal.withInitial(Sha256::create);

    private Sha256() {}

    /** The digest of the bytes. */
    public static byte[] of(byte[] bytes) {
        return DIGESTS.get().digest(bytes);
    }

    /** The digest of the text's UTF-8, unpadded base64url: the {@code ath} of a token (RFC 9449 section 4.2). */
    public static String base64UrlOf(String text) {
        return Base64Url.encode(of(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
