package dev.errand.web.send;

import dev.errand.web.Call;
import dev.errand.web.CutException;
import dev.errand.web.FilterOrder;
import dev.errand.web.HopHeaders;
import dev.errand.web.UpstreamTimeouts;
import dev.errand.web.stage.Outcomes;
import dev.errand.web.stage.Upgrades;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;

/**
 * Routes WebSockets, upstream first. The client's handshake is answered only when the upstream has opened its side
 * and the call's outcome is recorded. Any other answer of the upstream is passed on. An open WebSocket is closed with
 * 1008 on both sides when its call is cut. The filter takes the place of Spring Cloud Gateway's own, which opens the
 * client's side first and cannot tell how the upstream answered.
 */
final class WebSocketFilter implements GlobalFilter, Ordered {
    /** A subprotocol of this name carries a bearer token to Kubernetes. Like Authorization, the client's own is removed. */
    private static final String BEARER_PROTOCOL = "base64url.bearer.authorization.k8s.io.";

    private final HttpClient client;
    private final HeadersFilters headersFilters;
    private final HttpClientProperties properties;
    private final UpstreamTimeouts timeouts;
    private final Outcomes outcomes;

    WebSocketFilter(
            UpgradeClient client,
            HeadersFilters headersFilters,
            HttpClientProperties properties,
            UpstreamTimeouts timeouts,
            Outcomes outcomes) {
        this.client = client.client();
        this.headersFilters = headersFilters;
        this.properties = properties;
        this.timeouts = timeouts;
        this.outcomes = outcomes;
    }

    @Override
    public int getOrder() {
        return FilterOrder.WEBSOCKET;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        if (ServerWebExchangeUtils.isAlreadyRouted(exchange)
                || !Upgrades.isWebSocket(exchange.getRequest().getHeaders())) {
            return chain.filter(exchange);
        }
        ServerWebExchangeUtils.setAlreadyRouted(exchange);
        Call call = Call.find(exchange);
        URI target = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        String protocols = protocols(exchange.getRequest().getHeaders());
        return UpstreamRoutingFilter.certified(client, call)
                .flatMapMany(own -> new UpstreamSocket(own, maxFrameBytes())
                        .open(
                                target,
                                headers(exchange),
                                protocols,
                                handed(call),
                                upstream -> Flux.concat(Mono.just(true), opened(exchange, call, upstream))))
                .timeout(tooLate(exchange), first -> Mono.never())
                .onErrorResume(HandshakeRefusedException.class, refused -> refused(exchange, call, refused))
                // A client's side that was open is closed by a close frame; no other answer is possible.
                .onErrorResume(error -> exchange.getResponse().isCommitted() ? Mono.empty() : Mono.error(error))
                .then();
    }

    /** Tells that the handshake was handed to its connection, if the call's task needs to know. */
    private Runnable handed(@Nullable Call call) {
        if (call instanceof Call.Forwarded forwarded) {
            forwarded.progress().whenHanded(() -> outcomes.handed(forwarded.permitted()));
            return forwarded.progress()::hand;
        }
        return () -> {};
    }

    /** The upstream's side is open: records the outcome, opens the client's side and relays frames. */
    private Mono<Boolean> opened(ServerWebExchange exchange, @Nullable Call call, Peer upstream) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatus.SWITCHING_PROTOCOLS);
        // None of its fields goes on. An upstream that repeats the credential there is not trusted with frames either.
        headersFilters.response(upstream.headers(), exchange, (name, value) -> {});
        return outcome(
                exchange,
                call,
                Mono.defer(() -> call != null && call.progress().isEchoed()
                        ? response.writeWith(Mono.empty())
                        : upgrade(response, call, upstream)));
    }

    /** Records the outcome of a call, if the exchange is one. Only after that the client gets its answer. */
    private Mono<Boolean> outcome(ServerWebExchange exchange, @Nullable Call call, Mono<Void> passedOn) {
        Mono<Void> all = call instanceof Call.Forwarded forwarded
                ? Mono.defer(() -> outcomes.answered(exchange, forwarded.permitted(), passedOn))
                : passedOn;
        return all.thenReturn(true);
    }

    private Mono<Void> upgrade(ServerHttpResponse response, @Nullable Call call, Peer upstream) {
        WebsocketServerSpec.Builder spec =
                WebsocketServerSpec.builder().compress(false).handlePing(true).maxFramePayloadLength(maxFrameBytes());
        if (upstream.protocol() != null) {
            spec.protocols(upstream.protocol());
        }
        HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
        // The client's side runs on its own. It is ended when this call ends, and the call ends when it does.
        Sinks.Empty<Void> abandoned = Sinks.empty();
        Sinks.Empty<Void> over = Sinks.empty();
        Sinks.One<WebSocketCloseStatus> cut = Sinks.one();
        if (call != null) {
            call.progress().upgrade(why -> cut.tryEmitValue(status(why)));
        }
        Mono<WebSocketCloseStatus> end = Mono.firstWithSignal(
                cut.asMono(), abandoned.asMono().thenReturn(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE));
        return response.setComplete()
                .then(Mono.defer(() -> server.sendWebsocket(
                        (in, out) ->
                                Peer.relay(new Peer(in, out), upstream, end).doFinally(signal -> over.tryEmitEmpty()),
                        spec.build())))
                .then(over.asMono())
                .doOnCancel(abandoned::tryEmitEmpty);
    }

    /** How both sides are closed when the call is cut. */
    private static WebSocketCloseStatus status(CutException cut) {
        return cut.isGoingAway()
                ? WebSocketCloseStatus.ENDPOINT_UNAVAILABLE
                : new WebSocketCloseStatus(
                        WebSocketCloseStatus.POLICY_VIOLATION.code(),
                        cut.why().reason().code());
    }

    /** The upstream did not open its side: its answer is passed on as for a call without an upgrade. */
    private Mono<Boolean> refused(ServerWebExchange exchange, @Nullable Call call, HandshakeRefusedException refused) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatusCode.valueOf(refused.status()));
        headersFilters.response(refused.headers(), exchange, response.getHeaders()::add);
        response.getHeaders().remove(HttpHeaders.TRANSFER_ENCODING);
        byte[] body = refused.body();
        response.getHeaders().setContentLength(body.length);
        return outcome(
                exchange,
                call,
                Mono.defer(() -> response.writeWith(
                        Mono.fromSupplier(() -> response.bufferFactory().wrap(body)))));
    }

    /** The subprotocols that the client offers, without a bearer token among them; null for none. */
    static @Nullable String protocols(HttpHeaders client) {
        String passed = client.getOrEmpty("Sec-WebSocket-Protocol").stream()
                .flatMap(field -> Arrays.stream(field.split(",")))
                .map(String::strip)
                .filter(protocol -> !protocol.isEmpty()
                        && !protocol.toLowerCase(Locale.ROOT).startsWith(BEARER_PROTOCOL))
                .collect(Collectors.joining(","));
        return passed.isEmpty() ? null : passed;
    }

    /** The fields that go to the upstream, without those of the handshake, which the client library writes. */
    private io.netty.handler.codec.http.HttpHeaders headers(ServerWebExchange exchange) {
        DefaultHttpHeaders headers = OutgoingHeaders.of(headersFilters.request(exchange), exchange);
        List<String> handshake = headers.names().stream()
                .filter(name -> HopHeaders.canonical(name).startsWith("sec-websocket-"))
                .toList();
        handshake.forEach(headers::remove);
        return headers;
    }

    private int maxFrameBytes() {
        Integer configured = properties.getWebsocket().getMaxFramePayloadLength();
        return configured == null ? UpstreamSocket.DEFAULT_FRAME_BYTES : configured;
    }

    /** Comes when the upstream may take no longer for its answer to the handshake. */
    private Mono<Long> tooLate(ServerWebExchange exchange) {
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        Duration most = timeouts.response(route.getMetadata());
        return most == null ? Mono.never() : Mono.delay(most);
    }
}
