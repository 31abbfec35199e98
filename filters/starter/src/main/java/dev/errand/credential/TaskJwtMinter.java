package dev.errand.credential;

import dev.errand.json.JsonValue;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/** JWTs that the upstream itself verifies. No server can take one back; each ends by its own lifetime. Thread-safe. */
final class TaskJwtMinter implements Minter {
    private final TaskTokens tokens;
    private final Subject subject;
    private final String audience;
    private final Duration lifetime;
    private final Map<String, JsonValue> claims;
    private final String header;
    private final String scheme;

    TaskJwtMinter(
            TaskTokens tokens,
            Subject subject,
            String audience,
            Duration lifetime,
            Map<String, JsonValue> claims,
            String header) {
        this.tokens = tokens;
        this.subject = subject;
        this.audience = audience;
        this.lifetime = lifetime;
        this.claims = Map.copyOf(claims);
        this.header = header;
        this.scheme = header.equalsIgnoreCase("Authorization") ? "Bearer " : "";
    }

    @Override
    public String kind() {
        return "task-jwt";
    }

    @Override
    public Set<String> headerNames() {
        return Set.of(header.toLowerCase(Locale.ROOT));
    }

    @Override
    public void admit(CallTask task) {
        subject.in(task);
    }

    @Override
    public Mono<Lease> mint(CallTask task) {
        return Mono.fromSupplier(() -> {
            long nowNanos = System.nanoTime();
            TaskTokens.Signed signed = tokens.issue(task, subject, audience, lifetime, claims);
            return Lease.lasting(signed.jwt(), null, false, signed.lifetime(), nowNanos);
        });
    }

    @Override
    public Mono<Map<String, String>> headers(Lease lease, OutgoingRequest request) {
        return Mono.just(Map.of(header, lease.sent().reveal(scheme)));
    }
}
