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
 * The sessions of people who signed in at pages of one kind. The browser holds 256 random bits in a cookie; the store holds the
 * session's content under their hash. A session ends at a fixed time after its sign-in. Thread-safe, never blocking; fails with
 * {@link StoreUnavailableException}.
 *
 * @param kind the kind of the pages; a session of one kind is not valid for another
 * @param life how long a session lasts after its sign-in
 */
public record Sessions(SessionStore store, String kind, HostCookie cookie, Duration life) {
    /**
     * The session of a request.
     *
     * @param id the value of the cookie
     * @param content what was kept at the sign-in
     */
    public record Session(String id, JsonObject content) {
        /** The token in the forms of this session. No page of another origin knows it (against forged requests). */
        public String formToken() {
            return Sha256.base64UrlOf("form\n" + id);
        }

        /** Whether a form with this token is one of this session. */
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

    /** The session of a request; empty if there is none, or it is over. */
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
