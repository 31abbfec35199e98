package dev.errand.token;

import static dev.errand.token.StepException.require;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The claims of one token with a verified signature, read as the types that the steps demand. */
record Claims(JsonObject json) {
    static final String THUMBPRINT_URI = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

    /** The largest integer that every JSON implementation reads exactly, 2^53-1. */
    static final long MAX_INTEGER = (1L << 53) - 1;

    /** Only fully specified names (RFC 9864): {@code EdDSA} names no curve and is refused (AAT-02 section 9.12). */
    private static final Set<String> ALGORITHMS = Set.of("Ed25519", "ES256");

    /** Parses a token of one of these dialects and checks its header (steps 3a, 4a). */
    static CompactJws token(String step, String compact, TokenDialects dialects) throws StepException {
        return header(step, compact, jws -> dialects.ofType(jws.type()).isPresent(), dialects.types());
    }

    /** Parses a JWS of that {@code typ} and checks its header (step 7a). */
    static CompactJws header(String step, String compact, String type) throws StepException {
        return header(step, compact, jws -> jws.type().equals(type), type);
    }

    private static CompactJws header(String step, String compact, Predicate<CompactJws> typed, String types)
            throws StepException {
        CompactJws jws = CompactJws.parse(compact)
                .orElseThrow(() -> new StepException(step, "not a compact JWS with an acceptable header"));
        require(ALGORITHMS.contains(jws.algorithm()), step, "alg must be Ed25519 or ES256");
        require(typed.test(jws), step, "typ must be " + types);
        require(jws.header().get("kid") == null || keyId(jws) != null, step, "kid must be a string");
        return jws;
    }

    static @Nullable String keyId(CompactJws jws) {
        return jws.header().string("kid");
    }

    /**
     * Whether {@code kid} fits the key: it is absent, or the key's own {@code kid}, or its thumbprint. If the key has
     * no {@code kid}, any fits.
     */
    static boolean namesKey(CompactJws jws, HolderKey key) {
        String keyId = keyId(jws);
        String own = key.jwk().string("kid");
        return keyId == null
                || own == null
                || keyId.equals(own)
                || keyId.equals(key.thumbprint().value());
    }

    /** Whether the header's algorithm fits the type of this key. */
    static boolean fits(CompactJws jws, HolderKey key) {
        return "OKP".equals(key.jwk().string("kty")) == jws.algorithm().equals("Ed25519");
    }

    static boolean isSignedBy(CompactJws jws, HolderKey key, SignatureVerifier signatures) {
        return jws.signature()
                .filter(signature -> signatures.verify(jws.algorithm(), key, jws.signingInput(), signature))
                .isPresent();
    }

    /** The claims of a token with a verified signature, under their names in AAT-02. */
    static Claims parse(String step, CompactJws verified, TokenDialects dialects) throws StepException {
        Claims claims = parse(step, verified);
        TokenDialect dialect = dialects.ofType(verified.type()).orElseThrow();
        return dialect == TokenDialect.AAT ? claims : new Claims(dialect.claims(claims.json));
    }

    /** The claims of a JWS with a verified signature. */
    static Claims parse(String step, CompactJws verified) throws StepException {
        byte[] payload =
                verified.payload().orElseThrow(() -> new StepException(step, "the payload is not strict base64url"));
        try {
            return new Claims(Json.parseObject(payload, Json.MAX_DEPTH_OF_SIGNED_TEXT));
        } catch (MalformedJsonException e) {
            throw new StepException(step, "the payload is not one JSON object without duplicate members");
        }
    }

    boolean has(String name) {
        return json.get(name) != null;
    }

    /** An integer without fraction and exponent, within 2^53-1. */
    long integer(String step, String name) throws StepException {
        if (json.get(name) instanceof JsonNumber number && isInteger(number)) {
            return number.asLong();
        }
        throw new StepException(step, name + " must be an integer");
    }

    static boolean isInteger(JsonNumber number) {
        return number.isLong() && !number.text().equals("-0") && Math.abs(number.asLong()) <= MAX_INTEGER;
    }

    /** A string of at least one character. */
    String text(String step, String name) throws StepException {
        String text = json.string(name);
        if (text == null || text.isEmpty()) {
            throw new StepException(step, name + " must be a non-empty string");
        }
        return text;
    }

    /** The public key of {@code cnf.jwk}. */
    HolderKey holder(String step, SignatureVerifier signatures) throws StepException {
        JsonObject cnf = json.object("cnf");
        JsonObject jwk = cnf == null ? null : cnf.object("jwk");
        Optional<HolderKey> key = jwk == null ? Optional.empty() : signatures.parsePublicKey(jwk);
        return key.orElseThrow(() -> new StepException(step, "cnf.jwk must be a public Ed25519 or P-256 key"));
    }

    /** {@code aud}: an empty list if absent; empty if it is neither a string nor an array of strings. */
    Optional<List<String>> audience() {
        return audience("aud");
    }

    /** Like {@link #audience()}, for the claim of that name. */
    Optional<List<String>> audience(String claim) {
        JsonValue aud = json.get(claim);
        if (aud == null) {
            return Optional.of(List.of());
        }
        if (aud instanceof JsonString one) {
            return Optional.of(List.of(one.value()));
        }
        if (!(aud instanceof JsonArray array)) {
            return Optional.empty();
        }
        List<String> names = new ArrayList<>();
        for (JsonValue element : array.values()) {
            if (!(element instanceof JsonString name)) {
                return Optional.empty();
            }
            names.add(name.value());
        }
        return Optional.of(List.copyOf(names));
    }
}
