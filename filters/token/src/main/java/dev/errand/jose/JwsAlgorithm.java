package dev.errand.jose;

import java.security.InvalidKeyException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * All JWS algorithms that are accepted anywhere here (RFC 7518 section 3.1, RFC 8037, RFC 9864), in the only list of
 * them. Each caller has a shorter list for its signers. Neither {@code none} nor a MAC is in the list, so a token
 * cannot ask for them.
 */
public enum JwsAlgorithm {
    ED25519("Ed25519", KeyType.ED25519, "Ed25519"),
    /** The older name, which does not name a curve; with an Ed25519 key only. */
    EDDSA("EdDSA", KeyType.ED25519, "Ed25519"),
    ES256("ES256", KeyType.P256, "SHA256withECDSAinP1363Format"),
    ES384("ES384", KeyType.P384, "SHA384withECDSAinP1363Format"),
    RS256("RS256", KeyType.RSA, "SHA256withRSA"),
    PS256("PS256", KeyType.RSA, "RSASSA-PSS");

    /** The algorithms that a holder may sign with, in the order of challenges and metadata. */
    public static final List<JwsAlgorithm> OF_HOLDERS = List.of(ES256, ED25519, EDDSA);

    private static final List<JwsAlgorithm> ALL = List.of(values());

    /** The types of key, each with its {@code kty} and, for ECDSA, the order of its group. */
    public enum KeyType {
        ED25519("OKP", ""),
        P256("EC", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        P384("EC", "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
        RSA("RSA", "");

        private final String kty;

        /** The order of the group, big-endian, as long as a coordinate; empty for other types. */
        private final byte[] order;

        private final byte[] zero;

        KeyType(String kty, String order) {
            this.kty = kty;
            this.order = HexFormat.of().parseHex(order);
            this.zero = new byte[this.order.length];
        }

        /** The {@code kty} of a JWK of this type. */
        String kty() {
            return kty;
        }

        int coordinateBytes() {
            return order.length;
        }

        /**
         * Whether the signature is {@code r || s} with both in [1, n-1]: a signature of zeros could verify for any
         * input.
         */
        private boolean isLegal(byte[] signature) {
            return signature.length == 2 * order.length && inRange(signature, 0) && inRange(signature, order.length);
        }

        private boolean inRange(byte[] signature, int offset) {
            int end = offset + order.length;
            return Arrays.compareUnsigned(signature, offset, end, zero, 0, zero.length) > 0
                    && Arrays.compareUnsigned(signature, offset, end, order, 0, order.length) < 0;
        }
    }

    private static final PSSParameterSpec PSS_SHA256 =
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, PSSParameterSpec.TRAILER_FIELD_BC);

    private final String id;
    private final KeyType keyType;
    private final String jcaName;

    JwsAlgorithm(String id, KeyType keyType, String jcaName) {
        this.id = id;
        this.keyType = keyType;
        this.jcaName = jcaName;
    }

    /** The value of {@code alg}. */
    public String id() {
        return id;
    }

    /** The type of key that it needs. */
    public KeyType keyType() {
        return keyType;
    }

    /** The JCA's name of the signature algorithm. */
    String jca() {
        return jcaName;
    }

    /** The algorithm of that exact {@code alg} value. */
    public static Optional<JwsAlgorithm> parse(String id) {
        for (JwsAlgorithm algorithm : ALL) {
            if (algorithm.id.equals(id)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** Whether this key signed the input; false for a key of another type. */
    public boolean verify(PublicKey key, byte[] input, byte[] signature) {
        return verify(key, input, input.length, signature);
    }

    /** Like {@link #verify(PublicKey, byte[], byte[])}, over the first {@code length} bytes of the array. */
    boolean verify(PublicKey key, byte[] input, int length, byte[] signature) {
        if (keyType.coordinateBytes() > 0 && !keyType.isLegal(signature)) {
            return false;
        }
        if (keyType == KeyType.ED25519 && signature.length != 64) {
            return false;
        }
        try {
            Signature verifier =
                    this == PS256 ? CryptoProvider.pssSignature(id, PSS_SHA256) : CryptoProvider.signature(jcaName);
            verifier.initVerify(key);
            verifier.update(input, 0, length);
            return verifier.verify(signature);
        } catch (InvalidKeyException | SignatureException refused) {
            return false;
        }
    }

    @Override
    public String toString() {
        return id;
    }
}
