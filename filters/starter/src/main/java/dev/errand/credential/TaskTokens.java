package dev.errand.credential;

import dev.errand.jose.SigningKey;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Base64Url;
import dev.errand.token.Instruction;
import dev.errand.upstream.CallTask;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Signs the JWTs (RFC 7519) that name a task to other servers, by a key of their own ({@code errand.credential-keys}). A JWT
 * names the task, its human and its agent, and ends with the task at the latest. Thread-safe.
 */
public final class TaskTokens {
    /** The claims that the gateway alone sets: no configured claim may have these names. */
    public static final Set<String> RESERVED = Set.of("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "act", "errand");

    private static final String TYPE = "JWT";
    private static final int ID_BYTES = 16;
    private static final Duration ASSERTION = Duration.ofMinutes(1);

    private final String issuer;
    private final Supplier<Optional<SigningKey>> key;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param issuer the {@code iss}, where the keys are published
     * @param key asked at each signature, since a reload replaces it; empty where none is configured
     */
    public TaskTokens(String issuer, Supplier<Optional<SigningKey>> key, Clock clock) {
        this.issuer = issuer;
        this.key = key;
        this.clock = clock;
    }

    /**
     * A JWT that was signed.
     *
     * @param lifetime how long it is good, from now
     */
    public record Signed(Secret jwt, Duration lifetime) {}

    /**
     * A JWT that names the task.
     *
     * @param lifetime the longest that it may be good; it ends with the task if that is earlier
     * @param claims further claims, none of them {@link #RESERVED}
     */
    public Signed issue(
            CallTask task, Subject subject, String audience, Duration lifetime, Map<String, JsonValue> claims) {
        Instant now = clock.instant();
        long issuedAt = now.getEpochSecond();
        long expiresAt = Math.min(issuedAt + lifetime.toSeconds(), task.expiresAtMillis() / 1000);
        if (expiresAt <= issuedAt) {
            throw new CredentialUnavailableException("the task ends within a second");
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(claims);
        members.put("sub", new JsonString(subject.in(task)));
        String agent = task.agent();
        if (agent != null) {
            members.put("act", text("sub", agent));
        }
        members.put("errand", errand(task));
        return new Signed(sign(members, audience, issuedAt, expiresAt), Duration.ofSeconds(expiresAt - issuedAt));
    }

    /** A client's assertion (RFC 7523 section 3) for that endpoint. */
    public Secret assertion(String client, String endpoint) {
        long issuedAt = clock.instant().getEpochSecond();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("iss", new JsonString(client));
        members.put("sub", new JsonString(client));
        return sign(members, endpoint, issuedAt, issuedAt + ASSERTION.toSeconds());
    }

    private Secret sign(Map<String, JsonValue> members, String audience, long issuedAt, long expiresAt) {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        members.putIfAbsent("iss", new JsonString(issuer));
        members.put("aud", new JsonString(audience));
        members.put("iat", JsonValue.JsonNumber.of(issuedAt));
        members.put("exp", JsonValue.JsonNumber.of(expiresAt));
        members.put("jti", new JsonString(Base64Url.encode(id)));
        String jwt = key.get()
                .orElseThrow(() -> new CredentialUnavailableException("there is no key in 'errand.credential-keys'"))
                .signJws(TYPE, Jcs.canonicalBytes(new JsonObject(members)));
        return Secret.of(jwt.getBytes(StandardCharsets.US_ASCII));
    }

    private static JsonObject errand(CallTask task) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("task", new JsonString(task.task()));
        put(members, "template", task.template());
        members.put(
                "human",
                new JsonObject(Map.of(
                        "iss", new JsonString(task.human().issuer()),
                        "sub", new JsonString(task.human().subject()))));
        put(members, "agent", task.agent());
        Instruction instruction = task.instruction();
        if (instruction != null) {
            Map<String, JsonValue> said = new LinkedHashMap<>();
            said.put("source", new JsonString(instruction.source().wire()));
            put(said, "ref", instruction.ref());
            put(said, "digest", instruction.digest());
            said.put("integrity", new JsonString(instruction.integrity().wire()));
            members.put("instruction", new JsonObject(said));
        }
        return new JsonObject(members);
    }

    private static void put(
            Map<String, JsonValue> members, String name, @org.jspecify.annotations.Nullable String value) {
        if (value != null) {
            members.put(name, new JsonString(value));
        }
    }

    private static JsonObject text(String name, String value) {
        return new JsonObject(Map.of(name, new JsonString(value)));
    }
}
