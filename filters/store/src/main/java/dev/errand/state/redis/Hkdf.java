package dev.errand.state.redis;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with SHA-256 (RFC 5869), which JDK 17 has no API for. */
final class Hkdf {
    private static final byte[] STATE = "errand state".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PAGES = "pages 1".getBytes(StandardCharsets.US_ASCII);

    private static final String HMAC = "HmacSHA256";
    private static final int HASH_BYTES = 32;

    private Hkdf() {}

    /**
     * Derives bytes from a secret.
     *
     * @param length at most 255 times 32
     */
    static byte[] derive(byte[] secret, byte[] salt, byte[] info, int length) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(salt.length == 0 ? new byte[HASH_BYTES] : salt, HMAC));
            mac.init(new SecretKeySpec(mac.doFinal(secret), HMAC));
            byte[] derived = new byte[(length + HASH_BYTES - 1) / HASH_BYTES * HASH_BYTES];
            byte[] block = new byte[0];
            for (int at = 0; at < length; at += HASH_BYTES) {
                mac.update(block);
                mac.update(info);
                mac.update((byte) (at / HASH_BYTES + 1));
                block = mac.doFinal();
                System.arraycopy(block, 0, derived, at, HASH_BYTES);
            }
            return Arrays.copyOf(derived, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC with SHA-256", e);
        }
    }

    /** The key of the pages for people, derived from a secret of use {@code state}. */
    public static SecretKey pageKey(SecretKey secret) {
        return hmacKey(secret.getEncoded(), STATE, PAGES);
    }

    /** A key for HMAC with SHA-256, derived for one purpose. */
    static SecretKey hmacKey(byte[] secret, byte[] salt, byte[] info) {
        return new SecretKeySpec(derive(secret, salt, info, HASH_BYTES), HMAC);
    }
}
