package dev.errand.credential;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonString;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code task-jwt}: a JWT that names the task, by a key of {@code errand.credential-keys}.
 *
 * @param audience the {@code aud}
 * @param lifetime the longest that one JWT is good; null for five minutes
 * @param subject whom {@code sub} names; null for the agent
 * @param claims more claims, as they are written; null for none
 * @param header the header that carries it; null for {@code Authorization}, where it follows {@code Bearer}
 * @param when how long it may exist; null for as long as the task
 */
public record TaskJwtConfig(
        String audience,
        @Nullable Duration lifetime,
        @Nullable Subject subject,
        @Nullable Map<String, String> claims,
        @Nullable String header,
        @Nullable CredentialLifetime when)
        implements TaskCredentialConfig {
    private static final Duration LIFETIME = Duration.ofMinutes(5);
    private static final Duration SHORTEST = Duration.ofSeconds(10);

    @Override
    public String soleAudience() {
        return audience;
    }

    @Override
    public void check(CredentialContext opening, BiConsumer<String, String> fault) {
        Faults.audience("task-jwt", audience, fault);
        if (claims != null) {
            for (String name : claims.keySet()) {
                if (TaskTokens.RESERVED.contains(name)) {
                    fault.accept(
                            "task-jwt.claims." + name,
                            "'" + name + "' is a claim that the gateway writes itself: rename it, or leave it out");
                }
            }
        }
        if (lifetime != null && lifetime.compareTo(SHORTEST) < 0) {
            fault.accept(
                    "task-jwt.lifetime", "'task-jwt.lifetime' must be 10s or more, was " + lifetime.toMillis() + "ms");
        }
        if (header != null) {
            CredentialConfig.checkHeader("task-jwt.header", header, fault);
        }
    }

    @Override
    public Minter minter(CredentialContext opening) {
        Map<String, JsonValue> literal = new LinkedHashMap<>();
        if (claims != null) {
            claims.forEach((name, value) -> literal.put(name, new JsonString(value)));
        }
        return new TaskJwtMinter(
                opening.part(Minting.class).tokens(),
                subject == null ? Subject.AGENT : subject,
                audience,
                lifetime == null ? LIFETIME : lifetime,
                literal,
                header == null ? "Authorization" : header);
    }
}
