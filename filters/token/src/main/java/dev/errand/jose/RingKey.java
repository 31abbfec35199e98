package dev.errand.jose;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyUse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One asymmetric key of the key file. Immutable.
 *
 * @param publicKey its public half with its {@code kid}, to compare a token's {@code kid} with
 * @param uses at least one use
 * @param pair both halves; null for a key that only verifies
 */
record RingKey(
        String id,
        KeyAlgorithm algorithm,
        HolderKey publicKey,
        Set<KeyUse> uses,
        @Nullable SigningKeyPair pair) {
    RingKey {
        uses = Set.copyOf(uses);
    }

    /** Whether this key can sign for this use. Only Ed25519 keys sign checkpoints of the log. */
    boolean signsFor(KeyUse use) {
        return pair != null && uses.contains(use) && (use != KeyUse.LOG || algorithm == KeyAlgorithm.ED25519);
    }

    /** The published JWK without its uses, for verifiers that do not know them. */
    JsonObject publishedPlain() {
        return new JsonObject(plain());
    }

    private Map<String, JsonValue> plain() {
        Map<String, JsonValue> jwk = new LinkedHashMap<>(publicKey.jwk().members());
        jwk.put("alg", new JsonString(algorithm.jws()));
        jwk.put("use", new JsonString("sig"));
        return jwk;
    }

    /** The published JWK, with its uses. */
    JsonObject published() {
        Map<String, JsonValue> jwk = plain();
        jwk.put(
                KeyUse.MEMBER,
                new JsonArray(KeyUse.SIGNING.stream()
                        .filter(uses::contains)
                        .<JsonValue>map(use -> new JsonString(use.wire()))
                        .toList()));
        return new JsonObject(jwk);
    }

    /** Shows the id only. */
    @Override
    public String toString() {
        return algorithm.jws() + (pair == null ? " public key " : " key ") + id;
    }
}
