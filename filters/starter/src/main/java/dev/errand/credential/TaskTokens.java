package dev.errand.credential;

import dev.errand.jose.SigningKey;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Base64Url;
import dev.errand.token.Instruction;
import dev.errand.upstream.CallTask;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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
        JsonMembers members = new JsonMembers().put("iss", issuer).putAll(claims);
        members.put("sub", subject.in(task));
        String agent = task.agent();
        if (agent != null) {
            members.put("act", new JsonMembers().put("sub", agent).toJson());
        }
        members.put("errand", errand(task));
        return new Signed(sign(members, audience, issuedAt, expiresAt), Duration.ofSeconds(expiresAt - issuedAt));
    }

    /** A client's assertion (RFC 7523 section 3) for that endpoint. */
    public Secret assertion(String client, String endpoint) {
        long issuedAt = clock.instant().getEpochSecond();
        JsonMembers members = new JsonMembers().put("iss", client).put("sub", client);
        return sign(members, endpoint, issuedAt, issuedAt + ASSERTION.toSeconds());
    }

    private Secret sign(JsonMembers members, String audience, long issuedAt, long expiresAt) {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        members.put("aud", audience);
        members.put("iat", issuedAt);
        members.put("exp", expiresAt);
        members.put("jti", Base64Url.encode(id));
        String jwt = key.get()
                .orElseThrow(() -> new CredentialUnavailableException("there is no key in 'errand.credential-keys'"))
                .signJws(TYPE, Jcs.canonicalBytes(members.toJson()));
        return Secret.of(jwt.getBytes(StandardCharsets.US_ASCII));
    }

    private static JsonObject errand(CallTask task) {
        JsonMembers members = new JsonMembers();
        members.put("task", task.task());
        members.put("template", task.template());
        members.put("human", task.human().toJson());
        members.put("agent", task.agent());
        Instruction instruction = task.instruction();
        if (instruction != null) {
            JsonMembers said = new JsonMembers();
            said.put("source", instruction.source().wire());
            said.put("ref", instruction.ref());
            said.put("digest", instruction.digest());
            said.put("integrity", instruction.integrity().wire());
            members.put("instruction", said.toJson());
        }
        return members.toJson();
    }
}
