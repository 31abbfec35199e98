package dev.errand.it;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Compact JWSs by hand, so that a test can break one in exactly one place. */
final class Jws {
    private Jws() {}

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    static String input(String header, String payload) {
        return base64(header) + "." + base64(payload);
    }

    static String header(String jws) {
        return text(jws.split("\\.")[0]);
    }

    static String payload(String jws) {
        return text(jws.split("\\.")[1]);
    }

    private static String text(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    static JsonObject claims(String jws) {
        return object(payload(jws));
    }

    static JsonObject object(String json) {
        try {
            return Json.parseObject(json.getBytes(StandardCharsets.UTF_8));
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(json, e);
        }
    }

    /** The token without its signature: what {@code par_hash} and {@code aat_hash} cover. */
    static String signingInput(String jws) {
        return jws.substring(0, jws.lastIndexOf('.'));
    }

    /** With other bytes for its signature. */
    static String resigned(String jws, byte[] signature) {
        return signingInput(jws) + "." + base64(signature);
    }

    static String sha256(String ascii) {
        try {
            return base64(MessageDigest.getInstance("SHA-256").digest(ascii.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** HS256 with these bytes as the secret. */
    static byte[] hmac(String input, byte[] secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(input.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
