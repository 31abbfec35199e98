package dev.errand.signin;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.state.SessionStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.token.Sha256;
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
     * @param mark a name of the session by which nobody can use it
     * @param content what was kept at the sign-in
     */
    public record Session(String mark, JsonObject content, PageKeys keys) {
        /**
         * The token of one of the session's forms, against forged requests. It is a code by a key of the gateway: whoever knows only the
         * session's cookie cannot make it.
         */
        public String formToken(String form) {
            return keys.first().code("form", mark, form);
        }

        public boolean isFormToken(String form, @Nullable String token) {
            return keys.maker(token, "form", mark, form).isPresent();
        }

        @Override
        public String toString() {
            return "Session";
        }
    }

    /** A new session, and the cookie to be set for it. */
    public record Opened(Session session, ResponseCookie cookie) {}

    public Mono<Opened> open(JsonObject content) {
        return open(Pkce.random(), content);
    }

    /**
     * Begins the session of a request anew under the same cookie, so that the forms in other tabs stay good. Only for a request whose
     * session is known to be that of the same human: else whoever set the cookie would be signed in.
     */
    public Mono<Opened> renew(ServerHttpRequest request, JsonObject content) {
        String id = cookie.read(request);
        return id == null ? open(content) : open(id, content);
    }

    private Mono<Opened> open(String id, JsonObject content) {
        return store.keys()
                .flatMap(keys -> store.keep(key(id), Jcs.canonicalBytes(content), life)
                        .then(Mono.fromSupplier(() ->
                                new Opened(new Session(mark(id), content, new PageKeys(keys)), cookie.of(id, life)))));
    }

    /** The session of a request; empty if there is none, or it is over. */
    public Mono<Optional<Session>> find(ServerHttpRequest request) {
        String id = cookie.read(request);
        return id == null
                ? Mono.just(Optional.empty())
                : Mono.zip(
                        store.find(key(id)),
                        store.keys(),
                        (kept, keys) -> kept.flatMap(Sessions::content)
                                .map(json -> new Session(mark(id), json, new PageKeys(keys))));
    }

    /** The mark of the session whose cookie the request carries, whether it is over or not; empty without a cookie. */
    public Optional<String> mark(ServerHttpRequest request) {
        return Optional.ofNullable(cookie.read(request)).map(this::mark);
    }

    private String mark(String id) {
        return Sha256.base64UrlOf("mark\n" + kind + '\n' + id);
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
