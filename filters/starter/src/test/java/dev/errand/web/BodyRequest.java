package dev.errand.web;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;

/** A request of which only the body matters, of a server that is none. */
public class BodyRequest extends AbstractServerHttpRequest {
    private final Flux<DataBuffer> body;

    public BodyRequest(HttpMethod method, HttpHeaders headers, Flux<DataBuffer> body) {
        super(method, URI.create("/x"), null, headers);
        this.body = body;
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return body;
    }

    @Override
    protected MultiValueMap<String, HttpCookie> initCookies() {
        return new LinkedMultiValueMap<>();
    }

    @Override
    protected @Nullable SslInfo initSslInfo() {
        return null;
    }

    @SuppressWarnings("unchecked")
    @Override
    public <T> T getNativeRequest() {
        return (T) this;
    }
}
