package dev.errand.operator;

import dev.errand.autoconfigure.OperatorProperties.Role;
import dev.errand.signin.DevSignIn;
import dev.errand.state.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Admits only operators to the operator's port, and other replicas to their few requests. An operator of the role
 * {@code view} can change nothing. Only health is open to all, and shows strangers only its status. A browser may load
 * the console's page, which holds no state ({@link ConsoleVisit}). {@code Host} must be an address or one of the
 * gateway's names, {@code Origin} absent or the same, and {@code Sec-Fetch-Site} must not name another page. So no other
 * web page can make a browser send requests here (DNS rebinding, forged requests). In a first run the pages for people send browsers to {@link DevSignIn}, which needs no credential.
 *
 * @param names the gateway's host names, in lower case
 * @param replicas takes the token of another replica; false if it is none, or is not good for this one now
 * @param dev whether this gateway is the identity provider of a first run
 */
record OperatorGuard(
        OperatorCredentials operators,
        Set<String> names,
        Predicate<String> replicas,
        OperatorSessions sessions,
        boolean dev)
        implements WebFilter, Ordered {
    /** A path of this form cannot be a spelling of another path. Requests to it need no credential. */
    private static final Pattern HEALTH = Pattern.compile("/actuator/health(/[A-Za-z0-9_-]+){0,3}/?");

    /** The paths that one replica may ask another for. */
    private static final Pattern ASKED =
            Pattern.compile("/activity|/decisions|/(tasks|decisions)/[A-Za-z0-9_-]{1,128}");

    /** The challenge that every client is sent. */
    public static final String BEARER = "Bearer realm=\"errand operator\"";

    /** The challenge that a browser answers by asking for a password. */
    public static final String BASIC = "Basic realm=\"errand operator\", charset=\"UTF-8\"";

    private static final Set<HttpMethod> LOOKING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    OperatorGuard {
        names = Set.copyOf(names);
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        String path = request.getPath().value();
        if (HEALTH.matcher(path).matches()) {
            return (isOurs(request.getHeaders()) ? find(request.getHeaders()) : Mono.<Operator>empty())
                    .map(Optional::of)
                    .defaultIfEmpty(Optional.empty())
                    .flatMap(operator -> operator.isPresent()
                            ? chain.filter(exchange).contextWrite(HealthDetails::ofTheOperator)
                            : chain.filter(exchange));
        }
        if (dev && isDevSignIn(request)) {
            exchange.getResponse().getHeaders().setCacheControl("no-store");
            return chain.filter(exchange);
        }
        boolean opensPage = ConsoleVisit.opensPage(request);
        if (!(opensPage ? isOurHost(request.getHeaders()) : isOurs(request.getHeaders()))) {
            return refuse(exchange, HttpStatus.FORBIDDEN, "Host or Origin is not this gateway's");
        }
        exchange.getResponse().getHeaders().setCacheControl("no-store");
        if (isReplica(request.getHeaders())) {
            if (request.getMethod() != HttpMethod.GET || !ASKED.matcher(path).matches()) {
                return refuse(exchange, HttpStatus.FORBIDDEN, "a replica may not ask for that");
            }
            Operator.attachReplica(exchange);
            return chain.filter(exchange);
        }
        boolean visits = opensPage || ConsoleVisit.loadsPart(request);
        return find(request.getHeaders())
                .switchIfEmpty(Mono.defer(() -> ofSession(request)))
                .map(Optional::of)
                .defaultIfEmpty(Optional.empty())
                .flatMap(operator -> {
                    if (operator.isPresent()) {
                        return filter(exchange, chain, operator.get());
                    }
                    return visits ? chain.filter(exchange) : challenge(exchange);
                })
                .onErrorResume(
                        StoreUnavailableException.class,
                        e -> refuse(exchange, HttpStatus.SERVICE_UNAVAILABLE, "the state is unavailable: ask again"));
    }

    /** Whether a browser comes from the pages for people, or the gateway exchanges a code. */
    private boolean isDevSignIn(ServerHttpRequest request) {
        String path = request.getPath().value();
        return path.equals(DevSignIn.AUTHORIZE)
                ? request.getMethod() == HttpMethod.GET && isOurHost(request.getHeaders())
                : path.equals(DevSignIn.TOKEN)
                        && request.getMethod() == HttpMethod.POST
                        && isOurs(request.getHeaders());
    }

    /**
     * The operator who signed in with this browser. The console's own page must ask: it alone has the session's second secret.
     */
    private Mono<Operator> ofSession(ServerHttpRequest request) {
        HttpHeaders headers = request.getHeaders();
        boolean looks = LOOKING.contains(request.getMethod());
        return headers.containsHeader(HttpHeaders.AUTHORIZATION)
                        || (!looks && headers.getOrEmpty(HttpHeaders.ORIGIN).isEmpty())
                ? Mono.empty()
                : sessions.find(request);
    }

    private static Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain, Operator operator) {
        ServerHttpRequest request = exchange.getRequest();
        if (operator.role() != Role.OPERATE
                && !LOOKING.contains(request.getMethod())
                && !request.getPath().value().equals(ConsoleVisit.SESSION)) {
            return refuse(exchange, HttpStatus.FORBIDDEN, "this operator may look, and change nothing");
        }
        operator.attachTo(exchange);
        return chain.filter(exchange);
    }

    private static Mono<Void> challenge(ServerWebExchange exchange) {
        exchange.getResponse()
                .getHeaders()
                .put(
                        HttpHeaders.WWW_AUTHENTICATE,
                        ConsoleVisit.isOfScript(exchange.getRequest()) ? List.of(BEARER) : List.of(BEARER, BASIC));
        return refuse(
                exchange,
                HttpStatus.UNAUTHORIZED,
                "send Authorization: Bearer with an operator's token; in a browser, give the token as the password");
    }

    private Mono<Operator> find(HttpHeaders headers) {
        List<String> authorization = headers.getOrEmpty(HttpHeaders.AUTHORIZATION);
        return authorization.size() == 1 ? operators.find(authorization.get(0)) : Mono.empty();
    }

    private boolean isReplica(HttpHeaders headers) {
        List<String> authorization = headers.getOrEmpty(HttpHeaders.AUTHORIZATION);
        String token = authorization.size() == 1 ? OperatorCredentials.jwt(authorization.get(0)) : null;
        return token != null && replicas.test(token);
    }

    private boolean isOurHost(HttpHeaders headers) {
        List<String> hosts = headers.getOrEmpty(HttpHeaders.HOST);
        if (hosts.size() != 1) {
            return false;
        }
        String host = hosts.get(0).toLowerCase(Locale.ROOT).replaceFirst(":[0-9]*$", "");
        // An address cannot be rebound; a name can.
        return names.contains(host) || host.matches("[0-9]+(\\.[0-9]+){3}|\\[[0-9a-f:.]+\\]");
    }

    private boolean isOurs(HttpHeaders headers) {
        if (!isOurHost(headers)) {
            return false;
        }
        String authority = headers.getOrEmpty(HttpHeaders.HOST).get(0).toLowerCase(Locale.ROOT);
        boolean ownPage = headers.getOrEmpty("Sec-Fetch-Site").stream()
                .allMatch(site -> site.equals("same-origin") || site.equals("none"));
        List<String> origins = headers.getOrEmpty(HttpHeaders.ORIGIN);
        return ownPage
                && (origins.isEmpty()
                        || (origins.size() == 1
                                && origins.get(0).toLowerCase(Locale.ROOT).matches("https?://.*")
                                && origins.get(0)
                                        .toLowerCase(Locale.ROOT)
                                        .replaceFirst("^https?://", "")
                                        .equals(authority)));
    }

    private static Mono<Void> refuse(ServerWebExchange exchange, HttpStatus status, String detail) {
        exchange.getResponse().setStatusCode(status);
        exchange.getResponse().getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        byte[] body = ("{\"title\":\"" + status.getReasonPhrase() + "\",\"status\":" + status.value() + ",\"detail\":\""
                        + detail + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        return exchange.getResponse()
                .writeWith(Mono.just(exchange.getResponse().bufferFactory().wrap(body)));
    }
}
