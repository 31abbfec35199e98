package dev.errand.web.send;

import dev.errand.web.call.Progress;
import dev.errand.web.request.HopHeaders;
import dev.errand.web.send.wire.UpstreamWire;
import dev.errand.web.step.Permits;
import java.util.List;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import reactor.netty.http.client.HttpClient;

/** What sends to upstreams, wired: much of it in the place of the gateway's own. */
@Configuration(proxyBeanMethods = false)
@Import({
    HeadersFilters.class,
    SendDecidedFilter.class,
    UpstreamCredentialGatewayFilterFactory.class,
    WebSocketFilter.class
})
public class SendConfiguration {
    private static final String REMOVES_HEADERS = "removeHopByHopHeadersFilter";

    /** Further headers that an operator lets that filter remove are in none of our lists. */
    private static final String REMOVED_BESIDES =
            "spring.cloud.gateway.server.webflux.filter.remove-hop-by-hop.headers";

    /**
     * The gateway's own beans that give way. Of two beans of a kind whichever came first would answer. The gateway's
     * filters of headers would copy all headers once more each, to remove what {@link HopHeaders} removes.
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
    UpstreamRoutingFilter errandUpstreamRoutingFilter(
            HttpClient client, HeadersFilters headersFilters, HttpClientProperties properties, Permits permits) {
        return new UpstreamRoutingFilter(client, headersFilters, new UpstreamTimeouts(properties), permits);
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
                // On a connection that is closed the client sends nothing and fails by itself.
                if (call != null && connection.channel().isActive() && !mayBegin(call)) {
                    connection.dispose();
                }
            });
        };
    }

    /** False if the call was given back. A call that lasts is cut when its task ends, and need not ask again. */
    private static boolean mayBegin(Progress call) {
        return (call.isLate() && !call.isLasting()) || call.beginSending();
    }
}
