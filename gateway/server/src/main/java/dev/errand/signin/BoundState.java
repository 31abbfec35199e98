package dev.errand.signin;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.signin.PageKeys.PageKey;
import dev.errand.token.Base64Url;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code state} of a sign-in (RFC 6749 section 10.12): its purpose, and a code over the purpose, the client, its callback and the
 * cookie of the browser that began. The code needs a key of the gateway. So whoever can set the browser's cookie cannot make a state.
 * The answer to a state is accepted only at the same callback, and only in a browser that has the same cookie. The gateway stores
 * nothing of an unfinished sign-in. The proof key is derived in the same way. Immutable.
 *
 * @param text the state as it is sent to the provider
 * @param purpose what the caller gave when the sign-in began
 */
public record BoundState(String text, JsonObject purpose, long begunSeconds, Pkce pkce) {
    private static final int MAX_LENGTH = 2048;

    /** @param cookie the value of the browser's cookie */
    static BoundState begin(PageKeys keys, SignInClient client, String cookie, JsonObject purpose, long nowSeconds) {
        String payload = Base64Url.encode(Jcs.canonicalBytes(
                new JsonObject(Map.of("for", purpose, "at", JsonNumber.of(nowSeconds), "n", nonce()))));
        PageKey key = keys.first();
        String text = payload + '.' + key.code(texts("state", client, cookie, payload));
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("the purpose of a sign-in is too long");
        }
        return new BoundState(text, purpose, nowSeconds, pkce(key, client, cookie, payload));
    }

    /** Reads a state; empty if it was not begun by this gateway, for this client and with this cookie. */
    static Optional<BoundState> parse(PageKeys keys, SignInClient client, String cookie, String text) {
        int dot = text.indexOf('.');
        if (dot < 0 || text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String payload = text.substring(0, dot);
        return keys.maker(text.substring(dot + 1), texts("state", client, cookie, payload))
                .flatMap(key -> read(text, payload, pkce(key, client, cookie, payload)));
    }

    private static Optional<BoundState> read(String text, String payload, Pkce pkce) {
        byte[] decoded = Base64Url.decode(payload);
        try {
            JsonObject json = decoded == null ? JsonObject.EMPTY : Json.parseObject(decoded);
            JsonObject purpose = json.object("for");
            return purpose == null || !(json.get("at") instanceof JsonNumber at) || !at.isLong()
                    ? Optional.empty()
                    : Optional.of(new BoundState(text, purpose, at.asLong(), pkce));
        } catch (MalformedJsonException e) {
            return Optional.empty();
        }
    }

    private static Pkce pkce(PageKey key, SignInClient client, String cookie, String payload) {
        return new Pkce(key.code(texts("pkce", client, cookie, payload)));
    }

    private static String[] texts(String use, SignInClient client, String cookie, String payload) {
        return new String[] {use, client.issuer(), client.clientId(), client.callback(), cookie, payload};
    }

    private static JsonString nonce() {
        return new JsonString(Pkce.random());
    }

    @Override
    public String toString() {
        return "BoundState";
    }
}
