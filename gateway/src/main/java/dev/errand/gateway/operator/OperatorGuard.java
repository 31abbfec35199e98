package dev.errand.gateway.operator;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets only the operator to the operator's port; health alone is open to all, and tells all but the operator its status only.
 * {@code Host} must be an address or a name
 * of ours, {@code Origin} absent or the same, and what a browser says of the page that asks ({@code Sec-Fetch-Site}) no other
 * page, so that no web page can lead a browser here (DNS rebinding, forged requests).
 */
final class OperatorGuard implements WebFilter, Ordered {
    /** Nothing that another path could be spelt as: what is behind it is asked without a credential. */
    private static final Pattern HEALTH = Pattern.compile("/actuator/health(/[A-Za-z0-9_-]+){0,3}/?");

    private final OperatorToken token;
    private final Set<String> names;

    /** @param names the host names that are ours, in lower case */
    OperatorGuard(OperatorToken token, Set<String> names) {
        this.token = token;
        this.names = Set.copyOf(names);
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
            return isOurs(request.getHeaders()) && isOperator(request.getHeaders())
                    ? chain.filter(exchange).contextWrite(HealthDetails::ofTheOperator)
                    : chain.filter(exchange);
        }
        if (!isOurs(request.getHeaders())) {
            return refuse(exchange, HttpStatus.FORBIDDEN, "Host or Origin is not this gateway's");
        }
        if (!isOperator(request.getHeaders())) {
            exchange.getResponse()
                    .getHeaders()
                    .put(
                            HttpHeaders.WWW_AUTHENTICATE,
                            List.of(
                                    "Bearer realm=\"errand operator\"",
                                    "Basic realm=\"errand operator\", charset=\"UTF-8\""));
            return refuse(
                    exchange,
                    HttpStatus.UNAUTHORIZED,
                    "send Authorization: Bearer with the operator's token; a browser, the token as password");
        }
        exchange.getResponse().getHeaders().setCacheControl("no-store");
        return chain.filter(exchange);
    }

    private boolean isOperator(HttpHeaders headers) {
        List<String> authorization = headers.getOrEmpty(HttpHeaders.AUTHORIZATION);
        return authorization.size() == 1 && token.isIn(authorization.get(0));
    }

    private boolean isOurs(HttpHeaders headers) {
        List<String> hosts = headers.getOrEmpty(HttpHeaders.HOST);
        if (hosts.size() != 1) {
            return false;
        }
        String authority = hosts.get(0).toLowerCase(Locale.ROOT);
        String host = authority.replaceFirst(":[0-9]*$", "");
        // An address cannot be rebound; a name can.
        boolean known = names.contains(host) || host.matches("[0-9]+(\\.[0-9]+){3}|\\[[0-9a-f:.]+\\]");
        boolean ownPage = headers.getOrEmpty("Sec-Fetch-Site").stream()
                .allMatch(site -> site.equals("same-origin") || site.equals("none"));
        List<String> origins = headers.getOrEmpty(HttpHeaders.ORIGIN);
        return known
                && ownPage
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
