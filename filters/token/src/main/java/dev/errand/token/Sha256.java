package dev.errand.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 by the JDK, with one digest object for each thread. Thread-safe. */
public final class Sha256 {
    /** The length of a digest, in bytes. */
    public static final int BYTES = 32;

    private static final ThreadLocal<MessageDigest> DIGESTS = ThreadLocal.withInitial(Sha256::create);

    private Sha256() {}

    /** The digest of the bytes. The thread's digest object keeps none of the bytes. */
    public static byte[] of(byte[] bytes) {
        MessageDigest sha256 = DIGESTS.get();
        byte[] digest = sha256.digest(bytes);
        // Erases the last bytes, which may belong to a secret: otherwise they would stay until the next digest.
        sha256.reset();
        return digest;
    }

    /** The digest of the text's UTF-8. */
    public static byte[] of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The first 64 bits of the digest of the text's UTF-8. */
    public static long fingerprint(String text) {
        return ByteBuffer.wrap(of(text)).getLong();
    }

    /** The digest of the bytes, unpadded base64url. */
    public static String base64UrlOf(byte[] bytes) {
        return Base64Url.encode(of(bytes));
    }

    /** The digest of the text's UTF-8, unpadded base64url: the {@code ath} of a token (RFC 9449 section 4.2). */
    public static String base64UrlOf(String text) {
        return Base64Url.encode(of(text));
    }

    /** The digest of the bytes as records and revisions write it: {@code sha-256:} and unpadded base64url. */
    public static String labelOf(byte[] bytes) {
        return label(of(bytes));
    }

    /** As {@link #labelOf(byte[])}, of the text's UTF-8. */
    public static String labelOf(String text) {
        return label(of(text));
    }

    /** A digest that was computed already, as records and revisions write it. */
    public static String label(byte[] digest) {
        return "sha-256:" + Base64Url.encode(digest);
    }

    /** A new digest object, for data that is read in parts. */
    public static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }
}
