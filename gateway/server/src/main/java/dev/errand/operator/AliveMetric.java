package dev.errand.operator;

import java.nio.charset.StandardCharsets;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Answers {@value #PATH} by one metric in Prometheus' text format. The path needs no credential, as all of health. So Prometheus can tell
 * a replica that is down from one that refuses the credential of the metrics. Thread-safe.
 */
final class AliveMetric implements WebFilter, Ordered {
    private static final String PATH = "/actuator/health/up";
    private static final MediaType TEXT = MediaType.parseMediaType("text/plain;version=0.0.4;charset=utf-8");
    private static final byte[] METRIC = ("# HELP errand_up 1: this replica answers on its operator port\n"
                    + "# TYPE errand_up gauge\nerrand_up 1\n")
            .getBytes(StandardCharsets.UTF_8);

    /** Behind {@link OperatorGuard}. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 1;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (exchange.getRequest().getMethod() != HttpMethod.GET
                || !exchange.getRequest().getPath().value().equals(PATH)) {
            return chain.filter(exchange);
        }
        exchange.getResponse().getHeaders().setContentType(TEXT);
        return exchange.getResponse()
                .writeWith(Mono.fromSupplier(
                        () -> exchange.getResponse().bufferFactory().wrap(METRIC)));
    }
}
