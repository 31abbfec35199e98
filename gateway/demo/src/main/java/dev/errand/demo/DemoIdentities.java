package dev.errand.demo;

import dev.errand.holder.AgentKey;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An identity provider for humans and a SPIFFE authority for agents, with keys that live as long as the demo. */
record DemoIdentities(AgentKey humans, AgentKey workloads) {
    /** The issuer of the humans in {@code config/application.yaml}. */
    static final String HUMANS = "https://idp.example.org";

    static final String TRUST_DOMAIN = "example.org";
    private static final long LIFETIME_SECONDS = 600;

    /** Makes both keys, and writes them into the configuration as trusted. */
    static DemoIdentities create(DemoDirectory configuration) throws IOException {
        try {
            DemoIdentities identities =
                    new DemoIdentities(AgentKey.generate(), AgentKey.of(KeyAlgorithm.ES256.generate()));
            configuration.write("idp.jwks", keys(identities.humans, "idp", "sig", Map.of()));
            configuration.write(
                    "example.org.json",
                    keys(
                            identities.workloads,
                            "authority",
                            "jwt-svid",
                            Map.of("spiffe_sequence", JsonNumber.of(1), "spiffe_refresh_hint", JsonNumber.of(300))));
            return identities;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A human's token for the gateway.
     *
     * @param instructionDigest the digest of what the human asked for; null if the token names none
     */
    String humanToken(String subject, String group, @Nullable String instructionDigest) {
        Map<String, JsonValue> claims = claims(HUMANS, subject, "errand");
        claims.put("auth_time", JsonNumber.of(Instant.now().getEpochSecond() - 30));
        claims.put("groups", new JsonArray(List.of(new JsonString(group))));
        if (instructionDigest != null) {
            claims.put("instruction", new JsonObject(Map.of("digest", new JsonString(instructionDigest))));
        }
        return humans.sign(header(humans, "idp"), new JsonObject(claims));
    }

    /** An agent's JWT-SVID for one audience. */
    String svid(String agent, String audience) {
        return workloads.sign(header(workloads, "authority"), new JsonObject(claims(null, spiffeId(agent), audience)));
    }

    /** The SPIFFE ID of an agent. */
    static String spiffeId(String agent) {
        return "spiffe://" + TRUST_DOMAIN + "/agent/" + agent;
    }

    private static Map<String, JsonValue> claims(@Nullable String issuer, String subject, String audience) {
        long now = Instant.now().getEpochSecond();
        Map<String, JsonValue> claims = new LinkedHashMap<>();
        if (issuer != null) {
            claims.put("iss", new JsonString(issuer));
        }
        claims.put("sub", new JsonString(subject));
        claims.put("aud", new JsonString(audience));
        claims.put("iat", JsonNumber.of(now));
        claims.put("exp", JsonNumber.of(now + LIFETIME_SECONDS));
        claims.put("jti", new JsonString(UUID.randomUUID().toString()));
        return claims;
    }

    private static JsonObject header(AgentKey key, String kid) {
        return new JsonObject(Map.of(
                "typ", new JsonString("JWT"),
                "alg", new JsonString(key.algorithm()),
                "kid", new JsonString(kid)));
    }

    private static String keys(AgentKey key, String kid, String use, Map<String, JsonValue> more) {
        Map<String, JsonValue> jwk = new LinkedHashMap<>(key.publicJwk().members());
        jwk.put("kid", new JsonString(kid));
        jwk.put("use", new JsonString(use));
        Map<String, JsonValue> set = new LinkedHashMap<>(more);
        set.put("keys", new JsonArray(List.of(new JsonObject(jwk))));
        return Jcs.canonical(new JsonObject(set));
    }
}
