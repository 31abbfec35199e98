package dev.errand.state.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals secrets that are kept in the store: AES-256 in GCM (NIST SP 800-38D) with a key that HKDF derives from a secret
 * of use {@code state}. A sealed secret is 12 random bytes and the ciphertext with its tag of 16 bytes. Thread-safe.
 */
public final class SecretSeal {
    private static final byte[] SALT = "errand state".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] INFO = "credential 1".getBytes(StandardCharsets.US_ASCII);
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final Supplier<List<SecretKey>> secrets;
    private final SecureRandom random = new SecureRandom();

    /** @param secrets the secrets of use {@code state}: the first one seals, all of them open */
    public SecretSeal(Supplier<List<SecretKey>> secrets) {
        this.secrets = secrets;
    }

    /** Whether there is a secret to seal with. */
    public boolean isPossible() {
        return !secrets.get().isEmpty();
    }

    /**
     * Seals a secret.
     *
     * @param context names what the secret belongs to; it can be opened only with the same context
     * @throws IllegalStateException without a secret of use {@code state}
     */
    public byte[] seal(byte[] context, byte[] secret) {
        List<SecretKey> keys = secrets.get();
        if (keys.isEmpty()) {
            throw new IllegalStateException("there is no key of use state");
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] text =
                    cipher(Cipher.ENCRYPT_MODE, keys.get(0), nonce, context).doFinal(secret);
            return ByteBuffer.allocate(nonce.length + text.length)
                    .put(nonce)
                    .put(text)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES in GCM", e);
        }
    }

    /** The secret; null if none of our keys sealed it for this context. */
    public byte @Nullable [] open(byte[] context, byte[] sealed) {
        if (sealed.length < NONCE_BYTES + TAG_BITS / 8) {
            return null;
        }
        byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
        for (SecretKey key : secrets.get()) {
            try {
                return cipher(Cipher.DECRYPT_MODE, key, nonce, context)
                        .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
            } catch (GeneralSecurityException anotherKey) {
                // sealed with another key, maybe the next
            }
        }
        return null;
    }

    private static Cipher cipher(int mode, SecretKey secret, byte[] nonce, byte[] context)
            throws GeneralSecurityException {
        byte[] key = Hkdf.derive(secret.getEncoded(), SALT, INFO, KEY_BYTES);
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        return cipher;
    }
}
