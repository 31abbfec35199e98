package dev.errand.jose;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks that 32 bytes are an Ed25519 public key that only its owner can sign for (RFC 8032 section 5.1.3): encoded
 * canonically, on the curve, and not of small order. With a key of small order one signature would verify for many
 * messages. Pure.
 */
final class Ed25519Point {
    static final int BYTES = 32;

    private static final byte[] SPKI_PREFIX = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    private static final BigInteger P = BigInteger.ONE.shiftLeft(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger D = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(P))
            .mod(P);
    private static final BigInteger LEGENDRE = P.subtract(BigInteger.ONE).shiftRight(1);

    /** The y of every point whose order divides 8: the identity, order 2, order 4, and the two of order 8. */
    private static final Set<BigInteger> SMALL_ORDER = Set.of(
            BigInteger.ONE,
            P.subtract(BigInteger.ONE),
            BigInteger.ZERO,
            new BigInteger("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16),
            new BigInteger("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16));

    private Ed25519Point() {}

    static boolean isAcceptableKey(byte[] encoded) {
        if (encoded.length != BYTES) {
            return false;
        }
        byte[] bigEndian = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bigEndian[i] = encoded[BYTES - 1 - i];
        }
        bigEndian[0] &= 0x7f;
        BigInteger y = new BigInteger(1, bigEndian);
        return y.compareTo(P) < 0 && !SMALL_ORDER.contains(y) && isOnCurve(y);
    }

    static byte[] subjectPublicKeyInfo(byte[] encoded) {
        byte[] info = new byte[SPKI_PREFIX.length + BYTES];
        System.arraycopy(SPKI_PREFIX, 0, info, 0, SPKI_PREFIX.length);
        System.arraycopy(encoded, 0, info, SPKI_PREFIX.length, BYTES);
        return info;
    }

    /** The 32 bytes of a key in X.509 encoding; null if it is of another algorithm. */
    static byte @Nullable [] ofSubjectPublicKeyInfo(byte @Nullable [] info) {
        if (info == null
                || info.length != SPKI_PREFIX.length + BYTES
                || !Arrays.equals(info, 0, SPKI_PREFIX.length, SPKI_PREFIX, 0, SPKI_PREFIX.length)) {
            return null;
        }
        return Arrays.copyOfRange(info, SPKI_PREFIX.length, info.length);
    }

    /** x² = (y² - 1) / (d y² + 1) has a root; a quotient is a square exactly when the product is. */
    private static boolean isOnCurve(BigInteger y) {
        BigInteger square = y.multiply(y).mod(P);
        BigInteger product = square.subtract(BigInteger.ONE)
                .multiply(D.multiply(square).add(BigInteger.ONE))
                .mod(P);
        return product.modPow(LEGENDRE, P).equals(BigInteger.ONE);
    }
}
