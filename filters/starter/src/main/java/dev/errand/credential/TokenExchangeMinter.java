package dev.errand.credential;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Access tokens by token exchange (RFC 8693), revoked by RFC 7009 where the server has an endpoint for that. Thread-safe. */
record TokenExchangeMinter(
        HttpForm exchange, @Nullable HttpForm revocation, OauthClient client, TaskTokens tokens, Asked asked)
        implements Minter {
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
    private static final Duration SUBJECT_TOKEN = Duration.ofMinutes(1);

    /** The lifetime of a token whose server does not give one. */
    private static final Duration UNSAID = Duration.ofMinutes(1);

    /** The requested values, as they are configured. */
    record Asked(
            String endpoint,
            @Nullable String audience,
            @Nullable String scope,
            Subject subject) {}

    @Override
    public String kind() {
        return "token-exchange";
    }

    @Override
    public Set<String> headerNames() {
        return Set.of("authorization");
    }

    @Override
    public void admit(CallTask task) {
        asked.subject().in(task);
    }

    @Override
    public Mono<Lease> mint(CallTask task) {
        return Mono.defer(() -> {
            long askedNanos = System.nanoTime();
            return client.post(exchange, form(task)).map(answer -> parse(answer, askedNanos));
        });
    }

    private Map<String, String> form(CallTask task) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", GRANT);
        form.put(
                "subject_token",
                tokens.issue(task, asked.subject(), asked.endpoint(), SUBJECT_TOKEN, Map.of())
                        .jwt()
                        .reveal(""));
        form.put("subject_token_type", JWT);
        form.put("requested_token_type", ACCESS_TOKEN);
        if (asked.audience() != null) {
            form.put("audience", asked.audience());
        }
        if (asked.scope() != null) {
            form.put("scope", asked.scope());
        }
        return form;
    }

    private Lease parse(byte[] answer, long askedNanos) {
        try {
            JsonObject json = Json.parseObject(answer);
            String token = json.string("access_token");
            String type = json.string("token_type");
            if (token != null && "bearer".equalsIgnoreCase(type)) {
                Secret sent = Secret.of(token.getBytes(StandardCharsets.UTF_8));
                Duration lifetime =
                        json.get("expires_in") instanceof JsonNumber seconds && seconds.isLong() && seconds.asLong() > 0
                                ? Duration.ofSeconds(Math.min(seconds.asLong(), 86_400))
                                : UNSAID;
                if (sent.isHeaderValue()) {
                    return Lease.lasting(sent, null, false, lifetime, askedNanos);
                }
            }
        } catch (MalformedJsonException e) {
            // the same fault as an answer without a token
        }
        throw new CredentialUnavailableException(exchange + " answered without a bearer token");
    }

    @Override
    public Mono<Map<String, String>> headers(Lease lease, OutgoingRequest request) {
        return Mono.just(Map.of("Authorization", lease.sent().reveal("Bearer ")));
    }

    @Override
    public boolean isTakenBack() {
        return revocation != null;
    }

    @Override
    public Mono<Void> giveBack(Secret sent) {
        HttpForm endpoint = revocation;
        return endpoint == null
                ? Mono.empty()
                : client.post(endpoint, Map.of("token", sent.reveal(""), "token_type_hint", "access_token"))
                        .then();
    }
}
