package dev.errand.web.stage;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.AbstractServerHttpResponse;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.adapter.DefaultServerWebExchange;
import org.springframework.web.server.i18n.AcceptHeaderLocaleContextResolver;
import org.springframework.web.server.session.DefaultWebSessionManager;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An exchange without a connection: a request that was only described, and a response that nobody writes. */
final class TrialExchange {
    private TrialExchange() {}

    static ServerWebExchange of(HttpMethod method, URI uri, HttpHeaders headers) {
        return new DefaultServerWebExchange(
                new Described(method, uri, headers),
                new Unwritten(),
                new DefaultWebSessionManager(),
                ServerCodecConfigurer.create(),
                new AcceptHeaderLocaleContextResolver());
    }

    private static final class Described extends AbstractServerHttpRequest {
        Described(HttpMethod method, URI uri, HttpHeaders headers) {
            super(method, uri, "", headers);
        }

        @Override
        protected MultiValueMap<String, HttpCookie> initCookies() {
            MultiValueMap<String, HttpCookie> cookies = new LinkedMultiValueMap<>();
            for (String line : getHeaders().getOrEmpty(HttpHeaders.COOKIE)) {
                for (String pair : line.split(";", -1)) {
                    int equals = pair.indexOf('=');
                    if (equals > 0) {
                        String name = pair.substring(0, equals).trim();
                        cookies.add(
                                name,
                                new HttpCookie(name, pair.substring(equals + 1).trim()));
                    }
                }
            }
            return cookies;
        }

        @Override
        protected @Nullable SslInfo initSslInfo() {
            return null;
        }

        @Override
        public <T> T getNativeRequest() {
            throw new IllegalStateException("this request was described, not received");
        }

        @Override
        public Flux<DataBuffer> getBody() {
            return Flux.empty();
        }
    }

    private static final class Unwritten extends AbstractServerHttpResponse {
        Unwritten() {
            super(DefaultDataBufferFactory.sharedInstance);
        }

        @Override
        public <T> T getNativeResponse() {
            throw new IllegalStateException("this response is not written");
        }

        @Override
        protected Mono<Void> writeWithInternal(Publisher<? extends DataBuffer> body) {
            return Mono.empty();
        }

        @Override
        protected Mono<Void> writeAndFlushWithInternal(Publisher<? extends Publisher<? extends DataBuffer>> body) {
            return Mono.empty();
        }

        @Override
        protected void applyStatusCode() {}

        @Override
        protected void applyHeaders() {}

        @Override
        protected void applyCookies() {}
    }
}
