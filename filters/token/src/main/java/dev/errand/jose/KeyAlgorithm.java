package dev.errand.jose;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.token.Sha256;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** The two kinds of key that the gateway signs with, and their JWK members (RFC 8037, RFC 7518 section 6.2). */
public enum KeyAlgorithm {
    ED25519(JwsAlgorithm.ED25519, "Ed25519"),
    ES256(JwsAlgorithm.ES256, "P-256");

    private static final byte[] ED25519_PKCS8 = HexFormat.of().parseHex("302e020100300506032b657004220420");
    private static final byte[] ED25519_X509 = HexFormat.of().parseHex("302a300506032b6570032100");

    private final JwsAlgorithm algorithm;
    private final String curve;

    KeyAlgorithm(JwsAlgorithm algorithm, String curve) {
        this.algorithm = algorithm;
        this.curve = curve;
    }

    public String jws() {
        return algorithm.id();
    }

    /** The {@code kty} of its JWK. */
    public String keyType() {
        return algorithm.keyType().kty();
    }

    /** The {@code crv} of its JWK. */
    public String curve() {
        return curve;
    }

    /** The JCA's name of the signature algorithm. */
    public String jca() {
        return algorithm.jca();
    }

    /** The public key with these raw coordinates, 32 bytes each; {@code y} is ignored for Ed25519. */
    public PublicKey publicKey(byte[] x, byte[] y) throws GeneralSecurityException {
        return switch (this) {
            case ED25519 -> CryptoProvider.publicKey("Ed25519", new X509EncodedKeySpec(concatenate(ED25519_X509, x)));
            case ES256 ->
                KeyFactory.getInstance("EC")
                        .generatePublic(
                                new ECPublicKeySpec(new ECPoint(new BigInteger(1, x), new BigInteger(1, y)), p256()));
        };
    }

    /** The private key with these raw 32 bytes, in the form that signs fastest here. */
    public PrivateKey privateKey(byte[] d) throws GeneralSecurityException {
        Provider signer = CryptoProvider.signature(jca()).getProvider();
        return switch (this) {
            case ED25519 ->
                factory("Ed25519", signer).generatePrivate(new PKCS8EncodedKeySpec(concatenate(ED25519_PKCS8, d)));
            case ES256 -> factory("EC", signer).generatePrivate(new ECPrivateKeySpec(new BigInteger(1, d), p256()));
        };
    }

    private static KeyFactory factory(String algorithm, Provider signer) throws NoSuchAlgorithmException {
        return signer.getService("KeyFactory", algorithm) == null
                ? KeyFactory.getInstance(algorithm)
                : KeyFactory.getInstance(algorithm, signer);
    }

    /** A new key as a private JWK without {@code kid}. */
    public JsonObject generate() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(this == ED25519 ? "Ed25519" : "EC");
        if (this == ES256) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        KeyPair pair = generator.generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        JsonMembers jwk = new JsonMembers();
        jwk.put("kty", keyType());
        jwk.put("crv", curve);
        if (this == ED25519) {
            jwk.put("x", base64(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)));
            byte[] secret = pair.getPrivate().getEncoded();
            jwk.put("d", base64(Arrays.copyOfRange(secret, ED25519_PKCS8.length, ED25519_PKCS8.length + 32)));
        } else {
            ECPoint point = ((ECPublicKey) pair.getPublic()).getW();
            jwk.put("x", base64(fixed(point.getAffineX())));
            jwk.put("y", base64(fixed(point.getAffineY())));
            jwk.put("d", base64(fixed(((ECPrivateKey) pair.getPrivate()).getS())));
        }
        return jwk.toJson();
    }

    /** The members of the JWK that make up the public key, in no particular order. */
    public JsonObject publicMembers(JsonObject jwk) {
        JsonMembers members = new JsonMembers();
        for (String name : new String[] {"kty", "crv", "x", "y"}) {
            JsonValue value = jwk.get(name);
            if (value != null && !(this == ED25519 && name.equals("y"))) {
                members.put(name, value);
            }
        }
        return members.toJson();
    }

    /** The SHA-256 thumbprint (RFC 7638) of the public members. */
    public static String thumbprint(JsonObject publicMembers) {
        return Sha256.base64UrlOf(Jcs.canonicalBytes(publicMembers));
    }

    private static ECParameterSpec p256() throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    private static JsonString base64(byte[] bytes) {
        return new JsonString(Base64Url.encode(bytes));
    }

    private static byte[] fixed(BigInteger value) {
        byte[] bytes = value.toByteArray();
        byte[] out = new byte[32];
        int length = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - length, out, 32 - length, length);
        return out;
    }

    private static byte[] concatenate(byte[] head, byte[] tail) {
        byte[] out = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, out, head.length, tail.length);
        return out;
    }
}
