package dev.errand.signin;

import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One of the two keys of a first run: of the identity provider, or of the SPIFFE trust domain. Both halves of a key have the
 * member {@code errand_dev: true}, by which the gateway recognizes them. Immutable.
 */
public enum DevKey {
    IDP("idp", "sig", Map.of()),
    SPIFFE("spiffe", "jwt-svid", Map.of("spiffe_sequence", JsonNumber.of(1)));

    private final String kid;
    private final String use;
    private final Map<String, JsonValue> beside;

    DevKey(String kid, String use, Map<String, JsonValue> beside) {
        this.kid = kid;
        this.use = use;
        this.beside = beside;
    }

    /** The path of its private half below the configuration directory. */
    public String file() {
        return "dev/" + kid + ".jwk";
    }

    /** A fresh private JWK on P-256: a JWT-SVID may not be signed with Ed25519, and both keys are made alike. */
    public static JsonObject generate() {
        try {
            Map<String, JsonValue> jwk =
                    new LinkedHashMap<>(KeyAlgorithm.ES256.generate().members());
            jwk.put("errand_dev", new JsonBoolean(true));
            return new JsonObject(jwk);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no P-256 key generator", e);
        }
    }

    /** The document with the key that the configuration trusts: the public half of the private JWK. */
    public String document(JsonObject privateJwk) {
        Map<String, JsonValue> jwk =
                new LinkedHashMap<>(AgentKey.of(privateJwk).publicJwk().members());
        jwk.put("kid", new JsonString(kid));
        jwk.put("use", new JsonString(use));
        jwk.put("errand_dev", new JsonBoolean(true));
        Map<String, JsonValue> set = new LinkedHashMap<>(beside);
        set.put("keys", new JsonArray(List.of(new JsonObject(jwk))));
        return Jcs.canonical(new JsonObject(set)) + "\n";
    }

    /**
     * Signs a JWT with the key of a directory; an {@link AgentException} says what the directory lacks.
     *
     * @param claims all but {@code iat}, {@code exp} and {@code jti}
     * @param lifetimeSeconds counted from now
     */
    public String sign(Path directory, Map<String, JsonValue> claims, long lifetimeSeconds) {
        Path file = directory.resolve(file());
        if (!Files.isRegularFile(file)) {
            throw new AgentException(file + " does not exist: name the directory that `errand init --dev` made");
        }
        AgentKey key = AgentKey.read(file);
        long now = Instant.now().getEpochSecond();
        Map<String, JsonValue> all = new LinkedHashMap<>();
        all.put("iat", JsonNumber.of(now));
        all.put("exp", JsonNumber.of(now + lifetimeSeconds));
        all.put("jti", new JsonString(UUID.randomUUID().toString()));
        all.putAll(claims);
        JsonObject header = new JsonObject(Map.of(
                "typ", new JsonString("JWT"),
                "alg", new JsonString(key.algorithm()),
                "kid", new JsonString(kid)));
        return key.sign(header, new JsonObject(all));
    }
}
