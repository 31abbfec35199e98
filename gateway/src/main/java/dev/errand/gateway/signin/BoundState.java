package dev.errand.gateway.signin;

import dev.errand.bytes.Base64Url;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The {@code state} of a sign-in (RFC 6749 section 10.12): its purpose, and an HMAC over it with a secret that only the browser holds,
 * in a cookie. So an answer is accepted only in the browser that began the sign-in, for the same purpose, and the gateway stores
 * nothing of an unfinished sign-in. The proof key comes from the same secret. Immutable.
 *
 * @param text the state as it is sent to the provider
 */
record BoundState(String text, JsonObject purpose, long begunSeconds, Pkce pkce) {
    private static final int MAX_LENGTH = 2048;
    private static final String MAC = "HmacSHA256";

    /** @param secret the value of the browser's cookie */
    static BoundState begin(String secret, JsonObject purpose, long nowSeconds) {
        String payload = Base64Url.encode(Jcs.canonicalBytes(
                new JsonObject(Map.of("for", purpose, "at", JsonNumber.of(nowSeconds), "n", nonce()))));
        return of(secret, payload, purpose, nowSeconds);
    }

    /** Reads a state; empty if it was not begun with this secret. */
    static Optional<BoundState> parse(String secret, String text) {
        int dot = text.indexOf('.');
        if (dot < 0 || text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String payload = text.substring(0, dot);
        byte[] expected = (payload + '.' + code(secret, "state", payload)).getBytes(StandardCharsets.UTF_8);
        byte[] decoded = Base64Url.decode(payload);
        if (!MessageDigest.isEqual(expected, text.getBytes(StandardCharsets.UTF_8)) || decoded == null) {
            return Optional.empty();
        }
        try {
            JsonObject json = Json.parseObject(decoded);
            JsonObject purpose = json.object("for");
            return purpose == null || !(json.get("at") instanceof JsonNumber at) || !at.isLong()
                    ? Optional.empty()
                    : Optional.of(of(secret, payload, purpose, at.asLong()));
        } catch (MalformedJsonException e) {
            return Optional.empty();
        }
    }

    private static BoundState of(String secret, String payload, JsonObject purpose, long begunSeconds) {
        String text = payload + '.' + code(secret, "state", payload);
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("the purpose of a sign-in is too long");
        }
        return new BoundState(text, purpose, begunSeconds, new Pkce(code(secret, "pkce", payload)));
    }

    private static JsonString nonce() {
        return new JsonString(Pkce.random());
    }

    private static String code(String secret, String use, String payload) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), MAC));
            return Base64Url.encode(mac.doFinal((use + '\n' + payload).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + MAC, e);
        }
    }

    @Override
    public String toString() {
        return "BoundState";
    }
}
