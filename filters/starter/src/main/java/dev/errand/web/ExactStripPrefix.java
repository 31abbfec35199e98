package dev.errand.web;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.StripPrefixGatewayFilterFactory;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.RequestPath;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;

/**
 * {@code StripPrefix} that keeps the path after the stripped segments as the client spelled it. Spring's own filter drops
 * empty segments; under {@code empty-segments: literal} the path would then name another object.
 */
public final class ExactStripPrefix extends StripPrefixGatewayFilterFactory {
    /** Puts this filter in the place of Spring's own, whichever was registered first. */
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
            ServerHttpRequest stripped = new Stripped(request, parts);
            exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR, stripped.getURI());
            return chain.filter(exchange.mutate().request(stripped).build());
        };
    }

    private static URI withPath(URI uri, String path) {
        StringBuilder spelled = new StringBuilder();
        if (uri.getScheme() != null) {
            spelled.append(uri.getScheme()).append(':');
        }
        if (uri.getRawAuthority() != null) {
            spelled.append("//").append(uri.getRawAuthority());
        }
        spelled.append(path);
        if (uri.getRawQuery() != null) {
            spelled.append('?').append(uri.getRawQuery());
        }
        if (uri.getRawFragment() != null) {
            spelled.append('#').append(uri.getRawFragment());
        }
        return URI.create(spelled.toString());
    }

    /** The path after its first segments; {@code /} if it has no more. */
    static String strip(String path, int parts) {
        int from = 0;
        for (int i = 0; i < parts && from >= 0; i++) {
            from = path.indexOf('/', from + 1);
        }
        return from < 0 ? "/" : path.substring(from);
    }

    /** The request with its new path. A request from {@code mutate()} would copy all headers, which are then no longer Netty's. */
    private static final class Stripped extends ServerHttpRequestDecorator {
        private final URI uri;
        private @Nullable RequestPath path;

        Stripped(ServerHttpRequest request, int parts) {
            super(request);
            this.uri = withPath(request.getURI(), strip(request.getURI().getRawPath(), parts));
        }

        @Override
        public URI getURI() {
            return uri;
        }

        @Override
        public RequestPath getPath() {
            RequestPath parsed = path;
            if (parsed == null) {
                parsed = RequestPath.parse(
                        uri, getDelegate().getPath().contextPath().value());
                path = parsed;
            }
            return parsed;
        }
    }
}
