package dev.errand.delegation;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JWS in compact serialisation (RFC 7515 section 7.1), taken apart but not verified. The header is read strictly; what
 * the payload says is nobody's business before the signature verified, so it is decoded only on demand. Immutable and
 * thread-safe.
 *
 * <p>Refused at once: other than three parts, an empty header, padding or characters outside base64url, bits left over in
 * the last character, a header that is not one strict JSON object, {@code crit} (no extension is understood), and
 * {@code b64} other than {@code true} (RFC 7797).
 */
public final class CompactJws {
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final JsonObject header;
    private final String text;
    private final int payloadStart;
    private final int signatureStart;

    private CompactJws(JsonObject header, String text, int payloadStart, int signatureStart) {
        this.header = header;
        this.text = text;
        this.payloadStart = payloadStart;
        this.signatureStart = signatureStart;
    }

    /** Takes untrusted text apart; empty if it is not as described above. The caller bounds its size. */
    public static Optional<CompactJws> parse(String text) {
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        if (first <= 0 || second < 0 || text.indexOf('.', second + 1) >= 0) {
            return Optional.empty();
        }
        byte[] headerBytes = decode(text.substring(0, first));
        if (headerBytes == null) {
            return Optional.empty();
        }
        try {
            JsonObject header = Json.parseObject(headerBytes);
            boolean encoded =
                    header.get("b64") == null || (header.get("b64") instanceof JsonBoolean b64 && b64.value());
            return encoded && header.get("crit") == null
                    ? Optional.of(new CompactJws(header, text, first + 1, second + 1))
                    : Optional.empty();
        } catch (MalformedJsonException e) {
            return Optional.empty();
        }
    }

    /** The protected header. */
    public JsonObject header() {
        return header;
    }

    /** {@code alg}, or the empty string where it is absent or not a string. */
    public String algorithm() {
        String algorithm = header.string("alg");
        return algorithm == null ? "" : algorithm;
    }

    /** {@code typ}, or the empty string where it is absent or not a string. */
    public String type() {
        String type = header.string("typ");
        return type == null ? "" : type;
    }

    /** The ASCII bytes that the signature covers: {@code header.payload}. */
    public byte[] signingInput() {
        return text.substring(0, signatureStart - 1).getBytes(StandardCharsets.US_ASCII);
    }

    /** The payload still encoded. */
    public String encodedPayload() {
        return text.substring(payloadStart, signatureStart - 1);
    }

    /** The payload; empty if it is not strict base64url. Not to be trusted before the signature verified. */
    public Optional<byte[]> payload() {
        return Optional.ofNullable(decode(encodedPayload()));
    }

    /** The signature; empty if it is not strict base64url or has no byte. */
    public Optional<byte[]> signature() {
        return Optional.ofNullable(decode(text.substring(signatureStart))).filter(bytes -> bytes.length > 0);
    }

    /** What a token is known by: SHA-256 over its signing input. */
    public TokenId id() {
        return TokenId.ofSigningInput(signingInput());
    }

    private static byte @Nullable [] decode(String encoded) {
        // The JDK's decoder takes padding and leftover bits; encoding again shows both, and anything outside ASCII.
        try {
            byte[] decoded = DECODER.decode(encoded);
            byte[] again = ENCODER.encode(decoded);
            return Arrays.equals(again, encoded.getBytes(StandardCharsets.UTF_8)) ? decoded : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
