package dev.errand.log.proof;

import java.security.PublicKey;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * The Ed25519 key that signs checkpoints. Thread-safe.
 *
 * @param publicKey the public half, 32 bytes (RFC 8032)
 * @param sign maps a text to the 64 bytes of its signature; if it throws, no checkpoint is made and the log refuses
 *     appends
 */
public record CheckpointSigner(byte[] publicKey, UnaryOperator<byte[]> sign) {
    private static final int RAW_LENGTH = 32;

    public CheckpointSigner {
        if (publicKey.length != RAW_LENGTH) {
            throw new IllegalArgumentException("an Ed25519 public key has 32 bytes, had " + publicKey.length);
        }
    }

    /** Makes a signer from a JCA key, whose X.509 form ends with the raw key (RFC 8410). */
    public static CheckpointSigner of(PublicKey key, UnaryOperator<byte[]> sign) {
        if (!key.getAlgorithm().equals("Ed25519") && !key.getAlgorithm().equals("EdDSA")) {
            throw new IllegalArgumentException("checkpoints are signed by an Ed25519 key, was " + key.getAlgorithm());
        }
        return new CheckpointSigner(raw(key), sign);
    }

    /** The 32 bytes of an Ed25519 key. */
    public static byte[] raw(PublicKey key) {
        byte[] spki = key.getEncoded();
        return Arrays.copyOfRange(spki, spki.length - RAW_LENGTH, spki.length);
    }
}
