package dev.errand.credential;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The gateway as a client of an authorization server: by a secret (RFC 6749 section 2.3.1), or by assertions of its own key (RFC 7523
 * section 2.2). Thread-safe.
 */
final class OauthClient {
    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private final String id;
    private final @Nullable WatchedFile<Secret> secret;
    private final TaskTokens tokens;
    private final String endpoint;

    /**
     * @param secret the file of the secret; null for a client that uses assertions
     * @param endpoint the {@code aud} of an assertion
     */
    OauthClient(String id, @Nullable Path secret, TaskTokens tokens, String endpoint) {
        this.id = id;
        this.secret = secret == null
                ? null
                : new WatchedFile<>(List.of(secret), contents -> Secret.of(contents.get(0)), System::nanoTime);
        this.tokens = tokens;
        this.endpoint = endpoint;
    }

    /** Sends a form as this client. */
    Mono<byte[]> post(HttpForm server, Map<String, String> form) {
        if (secret != null) {
            return secret.value().flatMap(known -> server.post(form, basic(known)));
        }
        return Mono.defer(() -> {
            Map<String, String> signed = new LinkedHashMap<>(form);
            signed.put("client_id", id);
            signed.put("client_assertion_type", ASSERTION_TYPE);
            signed.put("client_assertion", tokens.assertion(id, endpoint).reveal(""));
            return server.post(signed, null);
        });
    }

    private String basic(Secret known) {
        String pair = HttpForm.encoded(id) + ':' + HttpForm.encoded(known.reveal(""));
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII));
    }
}
