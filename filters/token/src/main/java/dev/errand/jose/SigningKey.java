package dev.errand.jose;

import dev.errand.token.HolderKey;

/** One private key of the gateway. Thread-safe. */
public interface SigningKey {
    /** Its {@code kid}. */
    String id();

    /** The JWS algorithm: {@code Ed25519} or {@code ES256}. */
    String algorithm();

    /** The public half. */
    HolderKey publicKey();

    /** The raw signature over the input (for ES256: r and s, 64 bytes). */
    default byte[] sign(byte[] input) {
        return sign(input, input.length);
    }

    /** Like {@link #sign(byte[])}, over the first {@code length} bytes of the array. */
    byte[] sign(byte[] input, int length);

    /** A compact JWS of the JSON payload; its header has {@code alg}, {@code kid} and {@code typ}. */
    String signJws(String type, byte[] payload);
}
