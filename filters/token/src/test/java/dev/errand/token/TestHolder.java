package dev.errand.token;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/** A key pair made on the fly that signs with the JDK alone. */
public record TestHolder(String algorithm, KeyPair pair) {
    public static TestHolder ed25519() {
        try {
            return new TestHolder(
                    "Ed25519", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static TestHolder es256() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return new TestHolder("ES256", generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The public JWK as JSON text, with more members such as {@code ,"kid":"a"} behind its own. */
    public String jwk(String more) {
        if (pair.getPublic() instanceof ECPublicKey key) {
            return "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
                    + coordinate(key.getW().getAffineX()) + "\",\"y\":\""
                    + coordinate(key.getW().getAffineY()) + "\"" + more + "}";
        }
        byte[] spki = pair.getPublic().getEncoded();
        return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
                + base64(Arrays.copyOfRange(spki, spki.length - 32, spki.length)) + "\"" + more + "}";
    }

    public String jwk() {
        return jwk("");
    }

    public HolderKey key() {
        return new JoseSignatureVerifier().parsePublicKey(object(jwk())).orElseThrow();
    }

    public byte[] sign(byte[] input) {
        try {
            Signature signer =
                    Signature.getInstance(algorithm.equals("ES256") ? "SHA256withECDSAinP1363Format" : "Ed25519");
            signer.initSign(pair.getPrivate());
            signer.update(input);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** A compact JWS over these texts as they stand. */
    public String jws(String header, String payload) {
        String input = base64(header) + "." + base64(payload);
        return input + "." + base64(sign(input.getBytes(StandardCharsets.US_ASCII)));
    }

    public static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    public static JsonObject object(String json) {
        try {
            return Json.parseObject(json.getBytes(StandardCharsets.UTF_8), Json.MAX_DEPTH_OF_SIGNED_TEXT);
        } catch (MalformedJsonException e) {
            throw new AssertionError(json, e);
        }
    }

    private static String coordinate(BigInteger number) {
        byte[] signed = number.toByteArray();
        byte[] bytes = new byte[32];
        int from = Math.max(0, signed.length - 32);
        System.arraycopy(signed, from, bytes, 32 - (signed.length - from), signed.length - from);
        return base64(bytes);
    }
}
