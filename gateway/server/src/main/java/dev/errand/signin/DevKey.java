package dev.errand.signin;

import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
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
            return new JsonMembers()
                    .putAll(KeyAlgorithm.ES256.generate().members())
                    .put("errand_dev", true)
                    .toJson();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no P-256 key generator", e);
        }
    }

    /** The document with the key that the configuration trusts: the public half of the private JWK. */
    public String document(JsonObject privateJwk) {
        JsonMembers jwk = new JsonMembers()
                .putAll(AgentKey.of(privateJwk).publicJwk().members())
                .put("kid", kid)
                .put("use", use)
                .put("errand_dev", true);
        JsonMembers set = new JsonMembers().putAll(beside).put("keys", new JsonArray(List.of(jwk.toJson())));
        return Jcs.canonical(set.toJson()) + "\n";
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
        JsonMembers all = new JsonMembers();
        all.put("iat", now);
        all.put("exp", now + lifetimeSeconds);
        all.put("jti", UUID.randomUUID().toString());
        all.putAll(claims);
        JsonObject header = new JsonMembers()
                .put("typ", "JWT")
                .put("alg", key.algorithm())
                .put("kid", kid)
                .toJson();
        return key.sign(header, all.toJson());
    }
}
