package dev.errand.jose;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A compact JWS (RFC 7515 section 7.1) taken apart; nothing in it is to be believed before {@link #verify}. The payload
 * stays encoded until {@link #claims} is asked for. Immutable.
 *
 * @param headerText the first part as it was sent
 * @param payloadText the second part as it was sent
 * @param signature the third part, decoded
 * @param signingInput the bytes that the signature covers
 */
public record CompactJws(String headerText, String payloadText, byte[] signature, byte[] signingInput) {

    /** Splits untrusted text of at most so many characters; empty unless it is three parts of base64url. */
    public static Optional<CompactJws> parse(String text, int maxLength) {
        if (text.length() > maxLength) {
            return Optional.empty();
        }
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        if (first <= 0 || second <= first + 1 || text.indexOf('.', second + 1) >= 0) {
            return Optional.empty();
        }
        byte[] signature = Base64Url.decode(text.substring(second + 1));
        if (signature == null || signature.length == 0) {
            return Optional.empty();
        }
        for (int i = 0; i < second; i++) {
            if (text.charAt(i) > 0x7e) {
                return Optional.empty();
            }
        }
        return Optional.of(new CompactJws(
                text.substring(0, first),
                text.substring(first + 1, second),
                signature,
                text.substring(0, second).getBytes(StandardCharsets.US_ASCII)));
    }

    /**
     * The protected header; empty if it is not an object, has a duplicate member, or asks for an extension: none is
     * understood here, so any {@code crit} refuses, as does {@code b64} (RFC 7797), which must not come without it.
     */
    public Optional<JsonObject> header() {
        return object(headerText)
                .filter(header -> !header.members().containsKey("crit")
                        && !header.members().containsKey("b64"));
    }

    /** Whether the signature is by this key with this algorithm. */
    public boolean verify(JwsAlgorithm algorithm, PublicJwk key) {
        return key.fits(algorithm) && algorithm.verify(key.key(), signingInput, signature);
    }

    /** The payload as a claim set, once {@link #verify} held; empty if it is not one strict JSON object. */
    public Optional<JsonObject> claims() {
        return object(payloadText);
    }

    /** SHA-256 of the signing input, unpadded base64url: what a token is known by. */
    public String signingInputHash() {
        return Base64Url.encode(Sha256.of(signingInput));
    }

    private static Optional<JsonObject> object(String base64Url) {
        byte @Nullable [] bytes = Base64Url.decode(base64Url);
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
