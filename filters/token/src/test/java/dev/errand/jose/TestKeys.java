package dev.errand.jose;

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
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;

/** Keys made on the fly, signed with by the JDK alone, so that both sides of a test do not share their code. */
public final class TestKeys {
    private TestKeys() {}

    public record TestKey(JwsAlgorithm algorithm, KeyPair pair, String kid) {
        /** The public JWK, with more members such as {@code ,"kid":"a"} behind its own. */
        public String jwk(String more) {
            return publicJwk(pair, more);
        }

        public JsonObject jwk() {
            return object(jwk(""));
        }

        public PublicJwk parsed() {
            return PublicJwk.parse(jwk()).orElseThrow();
        }

        public byte[] sign(byte[] input) {
            return TestKeys.sign(algorithm, pair, input);
        }

        public String jws(String header, String payload) {
            String input = base64(header) + "." + base64(payload);
            return input + "." + base64(sign(input.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    public static TestKey of(JwsAlgorithm algorithm) {
        return of(algorithm, "k1");
    }

    public static TestKey of(JwsAlgorithm algorithm, String kid) {
        try {
            KeyPairGenerator generator;
            switch (algorithm.keyType()) {
                case ED25519 -> generator = KeyPairGenerator.getInstance("Ed25519");
                case P256 -> {
                    generator = KeyPairGenerator.getInstance("EC");
                    generator.initialize(new ECGenParameterSpec("secp256r1"));
                }
                case P384 -> {
                    generator = KeyPairGenerator.getInstance("EC");
                    generator.initialize(new ECGenParameterSpec("secp384r1"));
                }
                case RSA -> {
                    return new TestKey(algorithm, TestRsa.pair(), kid);
                }
                default -> throw new AssertionError();
            }
            return new TestKey(algorithm, generator.generateKeyPair(), kid);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static byte[] sign(JwsAlgorithm algorithm, KeyPair pair, byte[] input) {
        try {
            Signature signer = Signature.getInstance(
                    switch (algorithm) {
                        case ED25519, EDDSA -> "Ed25519";
                        case ES256 -> "SHA256withECDSAinP1363Format";
                        case ES384 -> "SHA384withECDSAinP1363Format";
                        case RS256 -> "SHA256withRSA";
                        case PS256 -> "RSASSA-PSS";
                    });
            if (algorithm == JwsAlgorithm.PS256) {
                signer.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
            }
            signer.initSign(pair.getPrivate());
            signer.update(input);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static String publicJwk(KeyPair pair, String more) {
        if (pair.getPublic() instanceof RSAPublicKey rsa) {
            return "{\"kty\":\"RSA\",\"n\":\"" + base64(unsigned(rsa.getModulus(), 256)) + "\",\"e\":\"AQAB\"" + more
                    + "}";
        }
        if (pair.getPublic() instanceof ECPublicKey ec) {
            int bytes = ec.getParams().getCurve().getField().getFieldSize() / 8;
            return "{\"kty\":\"EC\",\"crv\":\"P-" + bytes * 8 + "\",\"x\":\""
                    + base64(unsigned(ec.getW().getAffineX(), bytes)) + "\",\"y\":\""
                    + base64(unsigned(ec.getW().getAffineY(), bytes)) + "\"" + more + "}";
        }
        byte[] spki = pair.getPublic().getEncoded();
        byte[] x = new byte[32];
        System.arraycopy(spki, spki.length - 32, x, 0, 32);
        return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + base64(x) + "\"" + more + "}";
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    public static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    public static JsonObject object(String text) {
        try {
            return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            throw new AssertionError(e);
        }
    }

    public static byte[] unsigned(BigInteger number, int length) {
        byte[] signed = number.toByteArray();
        byte[] bytes = new byte[length];
        int from = Math.max(0, signed.length - length);
        System.arraycopy(signed, from, bytes, length - (signed.length - from), signed.length - from);
        return bytes;
    }
}
