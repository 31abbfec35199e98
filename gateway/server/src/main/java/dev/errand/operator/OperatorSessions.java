package dev.errand.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.LoginResource;
import dev.errand.autoconfigure.OperatorProperties.Named;
import dev.errand.issuer.AwayLog;
import dev.errand.issuer.Dependency;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.signin.HostCookie;
import dev.errand.signin.Sessions;
import dev.errand.signin.SignIn;
import dev.errand.signin.SignInClient;
import dev.errand.signin.SignInDemands;
import dev.errand.signin.SignInResult;
import dev.errand.state.SessionStore;
import dev.errand.token.Human;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Mono;

/**
 * The sessions of operators who sign in to the console at their identity provider. The provider's token is verified once, like one
 * that is sent as a bearer. Then a session in the store names the operator, and a cookie the session. The console's page gets a second
 * secret, and sends it with every request. The role is read from the running configuration at each request.
 * Thread-safe, never blocking; fails with {@link dev.errand.state.StoreUnavailableException}.
 */
final class OperatorSessions implements AutoCloseable {
    /** The session's cookie. */
    public static final HostCookie COOKIE = HostCookie.strict("errand-operator");

    /** How long a session lasts after the sign-in, even if the provider no longer names the human an operator. */
    private static final Duration LIFE = Duration.ofHours(1);

    private static final String OPERATOR = "operator";

    /** The form of which the second secret is the token. */
    private static final String CONSOLE = "console";

    /** The header in which the console's page sends the second secret of its session. */
    private static final String SECRET = "Errand-Console";

    private final Map<String, Named> logins = new LinkedHashMap<>();
    private final Map<String, SignIn> signIns = new ConcurrentHashMap<>();
    private final ErrandProperties properties;
    private final OperatorCredentials credentials;
    private final SessionStore store;
    private final Sessions sessions;
    private final Supplier<String> url;
    private final Clock clock;

    /** @param url where browsers reach the operator's port, without a slash at its end; known once the port is bound */
    public OperatorSessions(
            ErrandProperties properties,
            OperatorCredentials credentials,
            SessionStore store,
            Supplier<String> url,
            Clock clock) {
        this.properties = properties;
        this.credentials = credentials;
        this.store = store;
        this.sessions = new Sessions(store, OPERATOR, COOKIE, LIFE);
        this.url = url;
        this.clock = clock;
        for (Named named : properties.operators()) {
            if (named.login() != null) {
                logins.put(named.name(), named);
            }
        }
    }

    /** The result of a sign-in. */
    public sealed interface Returned {
        /**
         * @param cookie the session's cookie, to be set
         * @param secret the session's second secret, for the console's page alone
         */
        record SignedIn(ResponseCookie cookie, String secret) implements Returned {}

        /** @param why nobody is signed in, in one word: {@code denied}, {@code nobody} or {@code away} */
        record Not(String why) implements Returned {}
    }

    /** The entries at which operators sign in: the name of each, and its provider. */
    public Map<String, String> offered() {
        Map<String, String> offered = new LinkedHashMap<>();
        logins.forEach((name, named) -> offered.put(name, String.valueOf(named.issuer())));
        return offered;
    }

    /** Begins a sign-in. Returns where the browser must go; empty if there is no entry of that name. */
    public Mono<Optional<SignIn.Begun>> begin(String name, ServerHttpRequest request) {
        return logins.containsKey(name)
                ? Mono.defer(() -> signIn(name)
                                .begin(signIn(name).cookie().read(request), JsonObject.EMPTY, SignInDemands.NONE))
                        .map(Optional::of)
                : Mono.just(Optional.empty());
    }

    /** Ends a sign-in by the request with which the browser comes back from the provider. */
    public Mono<Returned> end(String name, ServerHttpRequest request, MultiValueMap<String, String> query) {
        if (!logins.containsKey(name)) {
            return Mono.just(new Returned.Not("denied"));
        }
        SignIn signIn = signIn(name);
        return signIn.returned(query, signIn.cookie().read(request))
                .flatMap(state -> state.isPresent()
                        ? signIn.finish(query, state.get())
                        : Mono.just(new SignInResult.Refused(SignInResult.Why.STRANGE)))
                .flatMap(finished -> {
                    if (finished instanceof SignInResult.Accepted accepted) {
                        return credentials
                                .find("Bearer " + accepted.accessToken())
                                .flatMap(operator -> sessions.open(content(operator)))
                                .<Returned>map(opened -> new Returned.SignedIn(
                                        opened.cookie(), opened.session().formToken(CONSOLE)))
                                .defaultIfEmpty(new Returned.Not("nobody"));
                    }
                    if (finished instanceof SignInResult.Unavailable away) {
                        AwayLog.SHARED.refuse(Dependency.IDENTITY_PROVIDER, away.reason());
                        return Mono.just(new Returned.Not("away"));
                    }
                    return Mono.just(new Returned.Not("denied"));
                });
    }

    private static JsonObject content(Operator operator) {
        Human human = Objects.requireNonNull(operator.human());
        return new JsonMembers()
                .put(OPERATOR, operator.name())
                .put("iss", human.issuer())
                .put("sub", human.subject())
                .toJson();
    }

    /**
     * The operator of the request's session; empty if it has none. The request must carry the session's second secret in
     * {@value #SECRET}: browsers send the cookie to every port of the host, but only the console's page has that secret.
     */
    Mono<Operator> find(ServerHttpRequest request) {
        List<String> secret = request.getHeaders().getOrEmpty(SECRET);
        return logins.isEmpty() || secret.size() != 1
                ? Mono.empty()
                : sessions.find(request)
                        .flatMap(found ->
                                Mono.justOrEmpty(found.filter(session -> session.isFormToken(CONSOLE, secret.get(0)))
                                        .flatMap(session -> operator(session.content()))));
    }

    private Optional<Operator> operator(JsonObject content) {
        String issuer = content.string("iss");
        String subject = content.string("sub");
        return issuer == null || subject == null
                ? Optional.empty()
                : properties.operators().stream()
                        .filter(named -> named.tokenFile() == null
                                && named.name().equals(content.string(OPERATOR))
                                && issuer.equals(named.issuer()))
                        .findFirst()
                        .map(named -> new Operator(named.name(), named.role(), new Human(issuer, subject)));
    }

    /** Ends the session of the request. */
    public Mono<Void> close(ServerHttpRequest request) {
        return sessions.close(request);
    }

    private SignIn signIn(String name) {
        return signIns.computeIfAbsent(name, any -> {
            Named named = Objects.requireNonNull(logins.get(name));
            var login = Objects.requireNonNull(named.login());
            String secret = login.secretFile();
            return new SignIn(
                    new SignInClient(
                            String.valueOf(named.issuer()),
                            login.clientId(),
                            secret == null ? null : properties.file(secret),
                            login.scope(),
                            LoginResource.of(login.resource(), named.audience()),
                            url.get() + ConsoleVisit.CALLBACK + name,
                            HostCookie.lax("errand-operator-sign-in")),
                    store,
                    clock);
        });
    }

    @Override
    public void close() {
        List.copyOf(signIns.values()).forEach(SignIn::close);
    }
}
