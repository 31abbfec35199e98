package dev.errand.token;

import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Objects;
import java.util.Optional;

/**
 * A JWS in compact serialisation (RFC 7515 section 7.1), split and not verified. The header is read strictly. The
 * payload is decoded only on demand, since it counts for nothing before the signature is verified. (Nimbus's parser
 * accepts a header with duplicate members, and decodes all three parts at once.) Immutable.
 *
 * <p>Refused at once: any number of parts other than three, and a header that is empty, that has padding, characters
 * outside base64url or unused bits in the last character, that is not one strict JSON object, or that has {@code crit} (no
 * extension is understood) or a {@code b64} other than {@code true} (RFC 7797).
 *
 * @param parts the parts as they were sent
 * @param header the protected header
 */
public record CompactJws(CompactParts parts, JsonObject header) {

    /** Parses untrusted text; empty if it is not as described above. The caller bounds its size. */
    public static Optional<CompactJws> parse(String text) {
        return CompactParts.split(text, Integer.MAX_VALUE).flatMap(CompactJws::of);
    }

    /** Like {@link #parse(String)}, with at most so many characters and a signature in strict base64url. */
    public static Optional<CompactJws> parse(String text, int maxLength) {
        return CompactParts.split(text, maxLength)
                .filter(parts -> parts.signature() != null)
                .flatMap(CompactJws::of);
    }

    /** A JWS of these parts; empty if its header is not as described above. */
    public static Optional<CompactJws> of(CompactParts parts) {
        return CompactParts.object(Base64Url.decode(parts.headerText()))
                .filter(CompactJws::isUnderstood)
                .map(header -> new CompactJws(parts, header));
    }

    private static boolean isUnderstood(JsonObject header) {
        boolean encoded = header.get("b64") == null || (header.get("b64") instanceof JsonBoolean b64 && b64.value());
        return encoded && header.get("crit") == null;
    }

    /** {@code alg}, or the empty string where it is absent or not a string. */
    public String algorithm() {
        return Objects.requireNonNullElse(header.string("alg"), "");
    }

    /** {@code typ}, or the empty string where it is absent or not a string. */
    public String type() {
        return Objects.requireNonNullElse(header.string("typ"), "");
    }

    /** The ASCII bytes that the signature covers: {@code header.payload}. */
    public byte[] signingInput() {
        return parts.signingInput();
    }

    /** The payload; empty if it is not strict base64url. Not to be trusted before the signature is verified. */
    public Optional<byte[]> payload() {
        return Optional.ofNullable(parts.payload());
    }

    /**
     * The payload as a claim set; empty if it is not one strict JSON object. Not to be trusted before the signature is
     * verified.
     */
    public Optional<JsonObject> claims() {
        return parts.claims();
    }

    /** The signature; empty if it is not strict base64url or has no bytes. */
    public Optional<byte[]> signature() {
        return Optional.ofNullable(parts.signature());
    }
}
