package dev.errand.gateway.signin;

import dev.errand.bytes.Sha256;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.SessionStore;
import dev.errand.state.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * Who is signed in at pages of one kind. The browser holds 256 random bits in a cookie, the store what was kept with them under
 * their hash. A session ends at a fixed time after its sign-in. Thread-safe, never blocking; fails with
 * {@link StoreUnavailableException}.
 *
 * @param kind of the pages, so that a session of one kind is none of another
 * @param life from the sign-in to the end
 */
public record Sessions(SessionStore store, String kind, HostCookie cookie, Duration life) {
    /**
     * A session as a request has it.
     *
     * @param id what the cookie holds
     * @param content what was kept at the sign-in
     */
    public record Session(String id, JsonObject content) {
        /** What the forms of this session hold, and no page of another origin knows (against forged requests). */
        public String formToken() {
            return Sha256.base64UrlOf("form\n" + id);
        }

        /** Whether a form is one of this session. */
        public boolean isFormToken(@Nullable String token) {
            return token != null
                    && MessageDigest.isEqual(
                            token.getBytes(StandardCharsets.UTF_8), formToken().getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return "Session";
        }
    }

    /** Opens a session; the cookie is to be set. */
    public Mono<ResponseCookie> open(JsonObject content) {
        String id = Pkce.random();
        return store.keep(key(id), Jcs.canonicalBytes(content), life)
                .then(Mono.fromSupplier(() -> cookie.of(id, life)));
    }

    /** The session of a request; empty where there is none, or it is over. */
    public Mono<Optional<Session>> find(ServerHttpRequest request) {
        String id = cookie.read(request);
        return id == null
                ? Mono.just(Optional.empty())
                : store.find(key(id))
                        .map(kept -> kept.flatMap(Sessions::content).map(json -> new Session(id, json)));
    }

    /** Ends the session of a request, if there is one. */
    public Mono<Void> close(ServerHttpRequest request) {
        String id = cookie.read(request);
        return id == null ? Mono.empty() : store.remove(key(id));
    }

    private String key(String id) {
        return Sha256.base64UrlOf(kind + '\n' + id);
    }

    private static Optional<JsonObject> content(byte[] kept) {
        try {
            return Optional.of(Json.parseObject(kept));
        } catch (MalformedJsonException damaged) {
            return Optional.empty();
        }
    }
}
