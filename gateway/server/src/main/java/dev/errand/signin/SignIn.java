package dev.errand.signin;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.limit.BucketLevel;
import dev.errand.limit.TokenBucket;
import dev.errand.signin.SignInResult.Accepted;
import dev.errand.signin.SignInResult.Refused;
import dev.errand.signin.SignInResult.Unavailable;
import dev.errand.signin.SignInResult.Why;
import dev.errand.state.SessionStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.token.Sha256;
import dev.errand.trust.HttpFetch;
import dev.errand.trust.LiveDocument;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import dev.errand.trust.LiveDocument.UnavailableException;
import dev.errand.trust.RefreshPolicy;
import dev.errand.trust.RemoteDocument;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Mono;

/**
 * Signs people in at an identity provider, by authorization code with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 9700). The
 * provider's addresses come from its discovery document. A sign-in is stored only after the provider gave a token. So nobody
 * can fill the store with invented answers. Each sign-in ends once, on any replica. This class does not verify the token: the caller
 * must do so. At most {@value #MOST_EXCHANGES} codes are exchanged at once. The store remembers each
 * sign-in that ended for 20 minutes. In that time {@value #MOST_ENDED} may end; further ones are {@link Unavailable}. Thread-safe, never
 * blocking.
 */
public final class SignIn implements AutoCloseable {
    /** How long a human may take. */
    public static final Duration LONGEST = Duration.ofMinutes(10);

    /** How many codes are exchanged at the provider at once; a further sign-in ends {@link Unavailable}. */
    static final int MOST_EXCHANGES = 64;

    /** How many sign-ins of this process may end at once, and then again within {@link #KEPT}. */
    static final int MOST_ENDED = 10_000;

    /** How long the store remembers a sign-in that ended. */
    private static final Duration KEPT = LONGEST.multipliedBy(2);

    private static final TokenBucket ROOM = TokenBucket.compile(new Bandwidth(MOST_ENDED, KEPT, false));
    private static final int MAX_CODE = 8 * 1024;

    private final SignInClient client;
    private final LiveDocument<ProviderMetadata> provider;
    private final TokenEndpoint tokens;
    private final SessionStore store;
    private final Clock clock;
    private final Semaphore exchanges = new Semaphore(MOST_EXCHANGES);

    /** The room that is left for sign-ins that end. */
    private @Nullable BucketLevel room;

    /** Makes the sign-in, and begins to fetch the provider's document. */
    public SignIn(SignInClient client, SessionStore store, Clock clock) {
        this(client, document(client.issuer(), new HttpFetch()), store, clock);
    }

    /** Makes the sign-in of a first run, whose provider is this gateway. */
    public SignIn(SignInClient client, DevSignIn provider, SessionStore store, Clock clock) {
        this(client, new DevDocument(provider), store, clock);
    }

    private SignIn(SignInClient client, LiveDocument<ProviderMetadata> provider, SessionStore store, Clock clock) {
        this.client = client;
        this.provider = provider;
        this.tokens = new TokenEndpoint(client);
        this.store = store;
        this.clock = clock;
    }

    private static LiveDocument<ProviderMetadata> document(String issuer, HttpFetch http) {
        List<URI> places = ProviderMetadata.documents(issuer);
        return RemoteDocument.of(
                        "metadata of " + issuer,
                        () -> http.get(places.get(0))
                                .onErrorResume(MalformedDocumentException.class, none -> http.get(places.get(1))),
                        bytes -> ProviderMetadata.parse(issuer, bytes),
                        RefreshPolicy.DEFAULT)
                .start();
    }

    /** The metadata of a provider that is this gateway, so they need not be fetched. */
    private record DevDocument(DevSignIn provider) implements LiveDocument<ProviderMetadata> {
        @Override
        public ProviderMetadata current() {
            return provider.metadata();
        }

        @Override
        public Mono<ProviderMetadata> get() {
            return Mono.fromSupplier(this::current);
        }

        @Override
        public Mono<ProviderMetadata> refresh() {
            return get();
        }

        @Override
        public @Nullable String fault() {
            return null;
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    /**
     * Where the browser is to be sent.
     *
     * @param cookie the cookie to set with the redirection
     */
    public record Begun(URI location, ResponseCookie cookie) {}

    /**
     * Begins a sign-in; an {@link UnavailableException} if the provider's document is not available, a
     * {@link StoreUnavailableException} if the keys of the pages are not.
     *
     * @param held the value of {@link SignInClient#cookie} that the browser sent, or null
     * @param purpose a text that {@link #returned} gives back; at most a kilobyte, and no secret, since the provider
     *     sees it
     */
    public Mono<Begun> begin(@Nullable String held, JsonObject purpose, SignInDemands demands) {
        return Mono.zip(provider.get(), keys(), (metadata, keys) -> {
            String cookie = held == null ? Pkce.random() : held;
            BoundState state = BoundState.begin(keys, client, cookie, purpose, clock.millis() / 1000);
            Map<String, String> query = new LinkedHashMap<>();
            query.put("response_type", "code");
            query.put("client_id", client.clientId());
            query.put("redirect_uri", client.callback());
            query.put("scope", client.scope());
            query.put("state", state.text());
            state.pkce().begin(query);
            if (client.resource() != null) {
                query.put("resource", client.resource());
            }
            if (!demands.acr().isEmpty()) {
                query.put("acr_values", String.join(" ", demands.acr()));
            }
            if (demands.maxAgeSeconds() != null) {
                query.put("max_age", demands.maxAgeSeconds().toString());
            }
            String page = metadata.authorization().toString();
            URI location = URI.create(page + (page.indexOf('?') < 0 ? '?' : '&') + FormText.encode(query));
            return new Begun(location, client.cookie().of(cookie, LONGEST));
        });
    }

    /**
     * Reads the state with which a browser comes back; empty if this browser began no such sign-in here, or too long ago. Only the state
     * has been checked then: the caller may refuse its purpose before {@link #finish}. Fails with {@link StoreUnavailableException}.
     *
     * @param query the query of the request to {@link SignInClient#callback}
     * @param held the value of {@link SignInClient#cookie} that the browser sent, or null
     */
    public Mono<Optional<BoundState>> returned(MultiValueMap<String, String> query, @Nullable String held) {
        String text = single(query, "state");
        return held == null || text == null
                ? Mono.just(Optional.empty())
                : keys().map(keys -> BoundState.parse(keys, client, held, text).filter(state -> !isOver(state)));
    }

    /**
     * Ends a sign-in; fails with {@link StoreUnavailableException}.
     *
     * @param query the query of the request to {@link SignInClient#callback}
     * @param state the state that {@link #returned} read from it
     */
    public Mono<SignInResult> finish(MultiValueMap<String, String> query, BoundState state) {
        String key = Sha256.base64UrlOf(state.text());
        return store.isUsed(key).flatMap(used -> used ? refused(Why.USED) : ended(query, state, key));
    }

    private Mono<PageKeys> keys() {
        return store.keys().map(PageKeys::new);
    }

    private boolean isOver(BoundState state) {
        long age = clock.millis() / 1000 - state.begunSeconds();
        return age > LONGEST.toSeconds() || age < -LONGEST.toSeconds();
    }

    private Mono<SignInResult> ended(MultiValueMap<String, String> query, BoundState state, String key) {
        return provider.get()
                .flatMap(metadata -> {
                    String issuer = single(query, "iss");
                    boolean named = query.containsKey("iss");
                    if (named ? !metadata.issuer().equals(issuer) : metadata.namesIssuer()) {
                        return refused(Why.STRANGE);
                    }
                    String code = single(query, "code");
                    if (code == null || code.length() > MAX_CODE || query.containsKey("error")) {
                        boolean unmet = "unmet_authentication_requirements".equals(single(query, "error"));
                        return refused(unmet ? Why.UNMET : Why.DENIED);
                    }
                    return exchanged(metadata, code, state, key);
                })
                .onErrorResume(
                        error -> !(error instanceof StoreUnavailableException),
                        away -> Mono.just(new Unavailable(reason(away))));
    }

    private Mono<SignInResult> exchanged(ProviderMetadata metadata, String code, BoundState state, String key) {
        if (!exchanges.tryAcquire()) {
            return Mono.just(new Unavailable(client.issuer() + ": " + MOST_EXCHANGES
                    + " people come back from it at once, and no more are served"));
        }
        return tokens.exchange(metadata, code, state.pkce())
                .doFinally(end -> exchanges.release())
                .flatMap(
                        token -> token.map(given -> accepted(given, state, key)).orElseGet(() -> refused(Why.DENIED)));
    }

    /** A provider should accept a code only once. If a provider accepts it twice, the store refuses the second sign-in. */
    private Mono<SignInResult> accepted(String token, BoundState state, String key) {
        if (!take(1)) {
            return Mono.just(new Unavailable(client.issuer() + ": " + MOST_ENDED + " sign-ins ended within "
                    + KEPT.toMinutes() + " minutes, and no more can for now"));
        }
        return store.use(key, KEPT).flatMap(first -> first ? Mono.just(new Accepted(token)) : refused(Why.STRANGE));
    }

    /** Takes room for so many sign-ins that end; false if there is less. */
    synchronized boolean take(int many) {
        BucketLevel left = ROOM.consume(room, many, clock.millis());
        room = left == null ? room : left;
        return left != null;
    }

    private String reason(Throwable away) {
        String fault = away instanceof UnavailableException ? provider.fault() : null;
        return fault != null ? fault : client.issuer() + ": " + away.getClass().getSimpleName();
    }

    /** Scheme and authority of the provider's page. Pages that lead there name this origin in {@code form-action}. */
    public String providerOrigin() {
        ProviderMetadata now = provider.current();
        return now == null ? ProviderMetadata.origin(URI.create(client.issuer())) : now.origin();
    }

    /** The sign-in's own cookie. */
    public HostCookie cookie() {
        return client.cookie();
    }

    private static Mono<SignInResult> refused(Why why) {
        return Mono.just(new Refused(why));
    }

    /** A parameter that is there once; null otherwise. */
    private static @Nullable String single(MultiValueMap<String, String> query, String name) {
        List<String> values = query.getOrDefault(name, List.of());
        return values.size() == 1 ? values.get(0) : null;
    }

    @Override
    public void close() {
        provider.close();
    }
}
