package dev.errand.token;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The three parts of a compact JWS (RFC 7515 section 7.1), not decoded. Immutable.
 *
 * @param text the whole text
 * @param firstDot the index of the first dot, where the header ends
 * @param secondDot the index of the second dot, where the payload ends
 */
public record CompactParts(String text, int firstDot, int secondDot) {

    /** Splits untrusted text of at most so many characters; empty unless it has three parts, the first not empty. */
    public static Optional<CompactParts> split(String text, int maxLength) {
        if (text.length() > maxLength) {
            return Optional.empty();
        }
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        return first <= 0 || second < 0 || text.indexOf('.', second + 1) >= 0
                ? Optional.empty()
                : Optional.of(new CompactParts(text, first, second));
    }

    /** The header as it was sent. */
    public String headerText() {
        return text.substring(0, firstDot);
    }

    /** The payload as it was sent. */
    public String payloadText() {
        return text.substring(firstDot + 1, secondDot);
    }

    /** The ASCII bytes that the signature covers: {@code header.payload}. */
    public byte[] signingInput() {
        return text.substring(0, secondDot).getBytes(StandardCharsets.US_ASCII);
    }

    /** The payload; null if it is not strict base64url. Not to be trusted before the signature is verified. */
    public byte @Nullable [] payload() {
        return Base64Url.decode(payloadText());
    }

    /**
     * The payload as a claim set; empty if it is not one strict JSON object. Not to be trusted before the signature is
     * verified.
     */
    public Optional<JsonObject> claims() {
        return object(payload());
    }

    /** The signature; null if it is not strict base64url or has no bytes. */
    public byte @Nullable [] signature() {
        byte[] signature = Base64Url.decode(text.substring(secondDot + 1));
        return signature == null || signature.length == 0 ? null : signature;
    }

    /** The bytes as a claim set; empty if they are not one strict JSON object. */
    public static Optional<JsonObject> object(byte @Nullable [] bytes) {
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Json.parseObject(bytes));
        } catch (MalformedJsonException malformed) {
            return Optional.empty();
        }
    }
}
