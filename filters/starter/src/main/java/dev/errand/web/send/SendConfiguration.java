package dev.errand.web.send;

import dev.errand.web.HopHeaders;
import dev.errand.web.Progress;
import dev.errand.web.UpstreamTimeouts;
import dev.errand.web.stage.Outcomes;
import dev.errand.web.stage.PermitAges;
import java.util.List;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import reactor.netty.http.client.HttpClient;

/** Wires what sends to upstreams. Much of it takes the place of beans of Spring Cloud Gateway. */
@Configuration(proxyBeanMethods = false)
@Import({
    HeadersFilters.class,
    SendDecidedFilter.class,
    UpstreamCredentialGatewayFilterFactory.class,
    WebSocketFilter.class
})
public class SendConfiguration {
    private static final String REMOVES_HEADERS = "removeHopByHopHeadersFilter";

    /** With this property an operator has that filter remove further headers, so the filter is then kept. */
    private static final String REMOVED_BESIDES =
            "spring.cloud.gateway.server.webflux.filter.remove-hop-by-hop.headers";

    /**
     * The beans of Spring Cloud Gateway that are removed. Of two routing filters or mappings the first would handle the call.
     * Its filters of headers would each copy all headers once more, to remove what {@link HopHeaders} removes.
     */
    private static final List<String> REPLACED = List.of(
            "routingFilter",
            "routePredicateHandlerMapping",
            "websocketRoutingFilter",
            REMOVES_HEADERS,
            "removeForwardedHeadersFilter",
            "removeXForwardedHeadersFilter",
            "transferEncodingNormalizationHeadersFilter",
            "gRPCRequestHeadersFilter",
            "gRPCResponseHeadersFilter");

    @Bean
    UpstreamTimeouts errandUpstreamTimeouts(HttpClientProperties properties) {
        return new UpstreamTimeouts(properties.getResponseTimeout());
    }

    @Bean
    UpstreamHeads errandUpstreamHeads(HeadersFilters filters, UpstreamTimeouts timeouts) {
        return new UpstreamHeads(filters, timeouts);
    }

    @Bean
    UpstreamRoutingFilter errandUpstreamRoutingFilter(
            HttpClient client,
            UpstreamHeads heads,
            HttpClientProperties properties,
            PermitAges permits,
            Outcomes outcomes) {
        return new UpstreamRoutingFilter(client, heads, properties.getConnectTimeout(), permits, outcomes);
    }

    @Bean
    static BeanDefinitionRegistryPostProcessor errandReplacement(Environment environment) {
        boolean besides =
                environment.containsProperty(REMOVED_BESIDES) || environment.containsProperty(REMOVED_BESIDES + "[0]");
        return registry -> REPLACED.stream()
                .filter(registry::containsBeanDefinition)
                .filter(own -> !(besides && own.equals(REMOVES_HEADERS)))
                .forEach(registry::removeBeanDefinition);
    }

    /**
     * Marks the moment from which a byte may be on its way, and forbids the client to send a request again by itself.
     * So a step is given back only if nothing of its call was sent, and nothing is sent twice. A call that was given back
     * in the meantime is not sent: its connection is closed before the first byte. A call is not sent either if its
     * connection was closed since the call took it, for instance because the upstream sent bytes without a request.
     * A call whose permit grew too old while its connection was made asks once more before it is sent.
     */
    @Bean
    HttpClientCustomizer errandHttpClientCustomizer() {
        return client -> {
            UpstreamWire wire = new UpstreamWire(client.configuration().decoder());
            return client.disableRetry(true).doOnRequest((request, connection) -> {
                wire.prepare(connection.channel());
                Progress call = request.currentContextView().getOrDefault(Progress.class, null);
                // On a closed connection the client sends nothing and fails without help.
                if (call != null && connection.channel().isActive() && !mayBegin(call)) {
                    connection.dispose();
                }
            });
        };
    }

    /** False if the call was given back. A late call renews its permit before it begins; a lasting call is cut instead. */
    private static boolean mayBegin(Progress call) {
        return (call.isLate() && !call.isLasting()) || call.beginSending();
    }
}
