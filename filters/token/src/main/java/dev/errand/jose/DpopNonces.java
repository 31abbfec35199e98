package dev.errand.jose;

import dev.errand.token.Base64Url;
import dev.errand.token.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * DPoP nonces without state (RFC 9449 sections 8 and 9): a keyed hash of the time window, so that every replica with
 * the secret makes and accepts the same nonces. The nonces of the window before and the window after are accepted too,
 * the latter for replicas whose clock is ahead. So a nonce is valid for one to two windows. Thread-safe.
 */
public final class DpopNonces {
    private static final String LABEL = "errand dpop nonce v1";
    private static final int HASH_BYTES = 18;

    private final Supplier<?> source;
    private final Function<Object, byte[]> secretOf;
    private final long windowMillis;
    private volatile Window latest = new Window(Long.MIN_VALUE, "", "", "", "", List.of(), Long.MIN_VALUE);

    /**
     * The nonces that are accepted during one window.
     *
     * @param source the object that the secret was made from
     * @param former nonces of an earlier secret, accepted up to the window {@code formerUntil}, so that after a
     *     rotation of keys no recent nonce is refused
     */
    private record Window(
            long index, Object source, String before, String now, String after, List<String> former, long formerUntil) {
        List<String> own() {
            return List.of(before, now, after);
        }
    }

    /**
     * @param secret at least 16 bytes that all replicas share
     * @param window how long a nonce is handed out, 1 second or more
     */
    public DpopNonces(byte[] secret, Duration window) {
        this(() -> "", source -> secret, window);
        if (secret.length < 16) {
            throw new IllegalArgumentException("the nonce secret has at least 16 bytes, had " + secret.length);
        }
    }

    private DpopNonces(Supplier<?> source, Function<Object, byte[]> secretOf, Duration window) {
        if (window.toSeconds() < 1) {
            throw new IllegalArgumentException("the nonce window is at least 1 s, was " + window);
        }
        this.source = source;
        this.secretOf = secretOf;
        this.windowMillis = window.toMillis();
    }

    /**
     * Nonces whose secret is derived from the key of use {@code log}, which the replicas behind one address share. The
     * secret is the hash of an Ed25519 signature, which is always the same for the same text; the text is neither a JWS
     * nor a checkpoint, and the signature is never sent. The nonces follow a rotation of the keys.
     */
    public static DpopNonces of(SigningKeys keys, Duration window) {
        return new DpopNonces(
                keys::checkpointKey,
                key -> Sha256.of(((SigningKey) key).sign(LABEL.getBytes(StandardCharsets.US_ASCII))),
                window);
    }

    /** The nonce to hand out at this time, epoch milliseconds. */
    public String current(long nowMillis) {
        return window(nowMillis).now();
    }

    /** Whether the nonce was handed out recently. */
    public boolean accepts(String nonce, long nowMillis) {
        Window window = window(nowMillis);
        return isOneOf(nonce, window.own())
                || (window.index() <= window.formerUntil() && isOneOf(nonce, window.former()));
    }

    private Window window(long nowMillis) {
        long index = Math.floorDiv(nowMillis, windowMillis);
        Object now = source.get();
        Window window = latest;
        if (window.index() != index || window.source() != now) {
            boolean rotated = window.source() != now && window.index() != Long.MIN_VALUE;
            SecretKeySpec key = key(secretOf.apply(now));
            window = new Window(
                    index,
                    now,
                    nonce(key, index - 1),
                    nonce(key, index),
                    nonce(key, index + 1),
                    rotated ? window.own() : window.former(),
                    rotated ? window.index() + 1 : window.formerUntil());
            latest = window;
        }
        return window;
    }

    private static SecretKeySpec key(byte[] secret) {
        return new SecretKeySpec(
                hmac(new SecretKeySpec(secret, "HmacSHA256"), LABEL.getBytes(StandardCharsets.US_ASCII)), "HmacSHA256");
    }

    private static String nonce(SecretKeySpec key, long index) {
        byte[] hash = hmac(key, ByteBuffer.allocate(Long.BYTES).putLong(index).array());
        return Base64Url.encode(Arrays.copyOf(hash, HASH_BYTES));
    }

    private static boolean isOneOf(String nonce, List<String> nonces) {
        return nonces.stream().anyMatch(known -> same(nonce, known));
    }

    private static boolean same(String left, String right) {
        return MessageDigest.isEqual(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] hmac(SecretKeySpec key, byte[] input) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(input);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
