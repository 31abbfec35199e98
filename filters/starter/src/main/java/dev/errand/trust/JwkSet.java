package dev.errand.trust;

import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.PublicJwk;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.KeyUse;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The usable public keys of a JWK Set (RFC 7517 section 5). Immutable.
 *
 * @param keys in the order of the document, 1 to {@link #MAX_KEYS}
 */
public record JwkSet(List<PublicJwk> keys) {
    /** The most keys that one set may have. */
    public static final int MAX_KEYS = 100;

    public JwkSet {
        keys = List.copyOf(keys);
    }

    /** Parses a set. Keys of unknown types or uses are skipped (RFC 7517 section 5). */
    public static JwkSet parse(byte[] bytes) throws MalformedDocumentException {
        List<PublicJwk> keys = new ArrayList<>();
        for (JsonObject jwk : entries(bytes)) {
            if (!"jwt-svid".equals(jwk.string("use")) && !"x509-svid".equals(jwk.string("use"))) {
                PublicJwk.parse(jwk).ifPresent(keys::add);
            }
        }
        if (keys.isEmpty()) {
            throw new MalformedDocumentException(
                    "the JWK Set has no public signature key that is usable here: put the keys"
                            + " there that its owner publishes at its jwks_uri");
        }
        return new JwkSet(keys);
    }

    /** The objects in {@code keys}, not parsed as keys. */
    public static List<JsonObject> entries(byte[] bytes) throws MalformedDocumentException {
        try {
            return entries(Json.parseObject(bytes));
        } catch (MalformedJsonException e) {
            throw new MalformedDocumentException("not a JWK Set: " + e.getMessage());
        }
    }

    /** Like {@link #entries(byte[])}, for a document that is already parsed. */
    public static List<JsonObject> entries(JsonObject document) throws MalformedDocumentException {
        if (!(document.get("keys") instanceof JsonArray array) || array.values().size() > MAX_KEYS) {
            throw new MalformedDocumentException("a JWK Set has a member keys, an array of at most " + MAX_KEYS);
        }
        List<JsonObject> entries = new ArrayList<>();
        for (JsonValue value : array.values()) {
            if (value instanceof JsonObject object) {
                entries.add(object);
            }
        }
        return entries;
    }

    /**
     * The keys that may have signed a human's token with this header: those with that {@code kid} that fit the
     * algorithm; without {@code kid}, the only key that fits, if there is just one. A gateway's key that states its
     * uses ({@link KeyUse}) is never among them.
     */
    public List<PublicJwk> candidates(@Nullable String kid, JwsAlgorithm algorithm) {
        List<PublicJwk> fit = keys.stream()
                .filter(key -> key.fits(algorithm) && key.jwk().get(KeyUse.MEMBER) == null)
                .filter(key -> kid == null || kid.equals(key.jwk().string("kid")))
                .toList();
        return kid == null && fit.size() > 1 ? List.of() : fit;
    }
}
