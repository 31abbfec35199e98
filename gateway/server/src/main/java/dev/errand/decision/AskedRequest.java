package dev.errand.decision;

import dev.errand.web.GivenRequest;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.http.support.Netty4HeadersAdapter;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/** A request about which another gateway asks. It is its own native request. Used on one event loop. */
final class AskedRequest extends AbstractServerHttpRequest implements GivenRequest {
    private final Asked asked;
    private final RequestHead head;

    private AskedRequest(Asked asked, RequestHead head, HttpMethod method, URI uri) {
        super(method, uri, "", new org.springframework.http.HttpHeaders(new Netty4HeadersAdapter(head.fields())));
        this.asked = asked;
        this.head = head;
    }

    /** The request of that head; null if it is none. */
    static @Nullable AskedRequest make(Asked asked, RequestHead head) {
        URI uri = head.uri();
        return uri == null || head.method().isEmpty()
                ? null
                : new AskedRequest(asked, head, HttpMethod.valueOf(head.method()), uri);
    }

    /** The request behind an exchange. */
    static AskedRequest of(ServerWebExchange exchange) {
        return ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
    }

    /** Who asked. */
    Asked asked() {
        return asked;
    }

    RequestHead head() {
        return head;
    }

    @Override
    public String target() {
        return head.path();
    }

    @Override
    public HttpHeaders fields() {
        return head.fields();
    }

    @Override
    public EventLoop loop() {
        return asked.loop();
    }

    @Override
    public @Nullable String routeName() {
        return head.routeName();
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return asked.body();
    }

    @Override
    protected MultiValueMap<String, HttpCookie> initCookies() {
        return new LinkedMultiValueMap<>();
    }

    @Override
    protected @Nullable SslInfo initSslInfo() {
        X509Certificate certificate = head.certificate();
        return certificate == null ? null : SslInfo.from("forwarded", certificate);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getNativeRequest() {
        return (T) this;
    }
}
