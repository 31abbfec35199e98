package dev.errand.web;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.StripPrefixGatewayFilterFactory;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * {@code StripPrefix} that leaves what is behind the stripped segments as the client spelled it. The gateway's own drops
 * empty segments, which under {@code empty-segments: literal} names another object.
 */
final class ExactStripPrefix extends StripPrefixGatewayFilterFactory {
    /** Puts it in the place of the gateway's own, whichever was registered first. */
    static BeanPostProcessor inPlaceOfTheGateways() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean.getClass() == StripPrefixGatewayFilterFactory.class ? new ExactStripPrefix() : bean;
            }
        };
    }

    @Override
    public String name() {
        return "StripPrefix";
    }

    @Override
    public GatewayFilter apply(Config config) {
        int parts = config.getParts();
        return (exchange, chain) -> {
            ServerHttpRequest request = exchange.getRequest();
            ServerWebExchangeUtils.addOriginalRequestUrl(exchange, request.getURI());
            ServerHttpRequest stripped = request.mutate()
                    .path(strip(request.getURI().getRawPath(), parts))
                    .build();
            exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR, stripped.getURI());
            return chain.filter(exchange.mutate().request(stripped).build());
        };
    }

    /** The path behind its first segments; {@code /} where it has no more. */
    static String strip(String path, int parts) {
        int from = 0;
        for (int i = 0; i < parts && from >= 0; i++) {
            from = path.indexOf('/', from + 1);
        }
        return from < 0 ? "/" : path.substring(from);
    }
}
