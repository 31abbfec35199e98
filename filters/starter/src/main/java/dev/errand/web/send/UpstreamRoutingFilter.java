package dev.errand.web.send;

import dev.errand.web.Call;
import dev.errand.web.FilterOrder;
import dev.errand.web.NotSentException;
import dev.errand.web.Progress;
import dev.errand.web.Upload;
import dev.errand.web.UpstreamTimeouts;
import dev.errand.web.stage.Outcomes;
import dev.errand.web.stage.PermitAges;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;
import reactor.netty.NettyOutbound;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Sends a request to its upstream and takes the head of the answer. The body of the answer is passed on later, by Spring's
 * filter that {@code CutFilter} surrounds. This filter takes the place of Spring Cloud Gateway's routing filter, and uses
 * the same order and the same attributes of the exchange. It copies each header field once in each direction. It
 * shows the upstream a client certificate where the route's credential is one. Thread-safe.
 */
final class UpstreamRoutingFilter implements GlobalFilter, Ordered {
    /** The methods whose requests have no body, as the client sees it. */
    private static final Set<HttpMethod> BODY_LESS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.DELETE);

    private final HttpClient client;
    private final UpstreamHeads heads;
    private final PermitAges permits;
    private final Outcomes outcomes;

    UpstreamRoutingFilter(
            HttpClient client,
            UpstreamHeads heads,
            @Nullable Integer connectTimeoutMillis,
            PermitAges permits,
            Outcomes outcomes) {
        this.permits = permits;
        this.outcomes = outcomes;
        this.client = connecting(client, connectTimeoutMillis);
        this.heads = heads;
    }

    @Override
    public int getOrder() {
        return FilterOrder.ROUTING;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        URI target = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        boolean http = "http".equalsIgnoreCase(target.getScheme()) || "https".equalsIgnoreCase(target.getScheme());
        if (!http || ServerWebExchangeUtils.isAlreadyRouted(exchange)) {
            return chain.filter(exchange);
        }
        ServerWebExchangeUtils.setAlreadyRouted(exchange);
        Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        Call call = Call.find(exchange);
        DefaultHttpHeaders headers = headers(exchange);
        HttpClient routes = telling(connecting(client, UpstreamTimeouts.connectOf(route)), call);
        Mono<Void> answered = certificate(call) == null
                ? send(routes, exchange, target, headers, true)
                : certified(routes, call).flatMap(own -> send(own, exchange, target, headers, true));
        Duration limit = heads.responseTimeout(route);
        if (limit != null) {
            Scheduler loop = call == null ? Schedulers.parallel() : call.loop();
            answered = answered.timeout(limit, Mono.error(() -> tooLate(limit)), loop);
        }
        return answered.then(chain.filter(exchange));
    }

    /** The client that sends the call: with the call's client certificate, if it has one. */
    static Mono<HttpClient> certified(HttpClient client, @Nullable Call call) {
        Mono<SslContext> certificate = certificate(call);
        return certificate == null
                ? Mono.just(client)
                : certificate.map(context -> client.secure(spec -> spec.sslContext(context)));
    }

    private static @Nullable Mono<SslContext> certificate(@Nullable Call call) {
        return call instanceof Call.Forwarded forwarded ? forwarded.certificate() : null;
    }

    private static HttpClient connecting(HttpClient client, @Nullable Integer timeoutMillis) {
        return timeoutMillis == null ? client : client.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis);
    }

    /** The client that tells when the whole request was handed to its connection, if the call's task needs to know. */
    private HttpClient telling(HttpClient sends, @Nullable Call call) {
        if (!(call instanceof Call.Forwarded forwarded)
                || !forwarded.permitted().step().awaitedByAll().sending()) {
            return sends;
        }
        forwarded.progress().whenHanded(() -> outcomes.handed(forwarded.permitted()));
        // The client keeps what it is given for as long as the connection lives, so this keeps nothing of the call.
        return sends.doAfterRequest((request, connection) -> {
            Progress handed = request.currentContextView().getOrDefault(Progress.class, null);
            if (handed != null) {
                handed.hand();
            }
        });
    }

    private static ResponseStatusException tooLate(Duration limit) {
        return new ResponseStatusException(HttpStatus.GATEWAY_TIMEOUT, "Response took longer than timeout: " + limit);
    }

    private DefaultHttpHeaders headers(ServerWebExchange exchange) {
        DefaultHttpHeaders headers = heads.request(exchange);
        // Without this field the client writes Host from the target, whatever a filter has put there.
        headers.remove(HttpHeaderNames.HOST);
        boolean preserved =
                exchange.getAttributeOrDefault(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false);
        String host = preserved ? exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST) : null;
        if (host != null) {
            headers.add(HttpHeaderNames.HOST, host);
        }
        return headers;
    }

    /**
     * Completes when the head of the answer is there and taken.
     *
     * @param first whether the gateway may get a new credential if the upstream no longer accepts this one
     */
    private Mono<Void> send(
            HttpClient client, ServerWebExchange exchange, URI target, DefaultHttpHeaders headers, boolean first) {
        ServerHttpRequest request = exchange.getRequest();
        HttpMethod method = HttpMethod.valueOf(request.getMethod().name());
        boolean length = headers.contains(HttpHeaderNames.CONTENT_LENGTH);
        boolean whole = !first || (!length && OutgoingHeaders.isBodyless(request.getHeaders()));
        if (!whole && !length) {
            // The client sets this itself, except for GET, HEAD and DELETE.
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        Sending sending = new Sending(exchange, whole);
        HttpClient.RequestSender sender =
                client.headers(out -> sending.headers(out.add(headers))).request(method);
        return addressed(sender, target)
                .send(sending)
                .responseConnection((answer, connection) -> {
                    sending.forget();
                    head(exchange, answer.status().code());
                    Mono<Boolean> renewed = first
                            ? RenewedCredential.of(exchange, answer.status().code())
                            : null;
                    return renewed == null
                            ? taken(answer, connection, exchange)
                            : renewed.flatMap(again -> again ? repeatable(exchange) : Mono.just(false))
                                    .flatMap(again -> again
                                            ? repeated(client, exchange, target, connection)
                                            : taken(answer, connection, exchange));
                })
                .then();
    }

    /**
     * Sends one call. The client keeps this object and the call's headers for as long as the connection that was opened for the call.
     * So both are emptied when the answer's head is there, and no credential stays in memory with the connection.
     */
    private final class Sending implements BiFunction<HttpClientRequest, NettyOutbound, Publisher<Void>> {
        private final boolean whole;
        private volatile @Nullable ServerWebExchange exchange;
        private io.netty.handler.codec.http.@Nullable HttpHeaders headers;

        Sending(ServerWebExchange exchange, boolean whole) {
            this.exchange = exchange;
            this.whole = whole;
        }

        /** Notes the headers that the client keeps. */
        void headers(io.netty.handler.codec.http.HttpHeaders kept) {
            headers = kept;
        }

        @Override
        public Publisher<Void> apply(HttpClientRequest sent, NettyOutbound out) {
            ServerWebExchange call = exchange;
            return call == null
                    ? Mono.error(new IllegalStateException("the call is answered"))
                    : permitted(call, whole ? bodyless(sent, out) : body(call.getRequest(), out));
        }

        void forget() {
            exchange = null;
            io.netty.handler.codec.http.HttpHeaders kept = headers;
            headers = null;
            if (kept != null) {
                kept.clear();
            }
        }
    }

    /** Sends at once; if the permit grew too old while the connection was made, renews it first. */
    private Publisher<Void> permitted(ServerWebExchange exchange, Publisher<Void> sent) {
        if (!(Call.find(exchange) instanceof Call.Decided call)
                || call.progress().isSending()) {
            return sent;
        }
        return permits.renew(call)
                .then(Mono.defer(() -> call.progress().beginSending()
                        ? Mono.from(sent)
                        : Mono.error(new NotSentException.GivenBackException())));
    }

    private static void head(ServerWebExchange exchange, int status) {
        Call call = Call.find(exchange);
        if (call != null) {
            call.progress().head(status);
        }
    }

    private Mono<Void> taken(HttpClientResponse answer, Connection connection, ServerWebExchange exchange) {
        take(answer, connection, exchange);
        return Mono.empty();
    }

    /** Whether the task may still make the call: the new credential may have taken long. */
    private Mono<Boolean> repeatable(ServerWebExchange exchange) {
        return permits.renew(Call.of(exchange, Call.Forwarded.class))
                .thenReturn(true)
                .onErrorReturn(NotSentException.class, false);
    }

    /** Sends the call again. The upstream refused the first request without doing the call, so the call is done once at most. */
    private Mono<Void> repeated(HttpClient client, ServerWebExchange exchange, URI target, Connection refused) {
        refused.dispose();
        head(exchange, 0);
        return send(client, exchange, target, headers(exchange), false);
    }

    /**
     * Sets the target in exactly this spelling. {@link URI#getHost} does not know a host that is not valid in a URI
     * ({@code my_service}): such a target is set as a string.
     */
    private static HttpClient.RequestSender addressed(HttpClient.RequestSender sender, URI target) {
        String spelled = target.toASCIIString();
        boolean plain = target.getHost() != null
                && target.getRawUserInfo() == null
                && spelled.length() == target.toString().length();
        return plain ? sender.uri(target) : sender.uri(spelled);
    }

    /** Sends no body, and removes the announcement of chunks that the client adds for a method that may have a body. */
    private static Publisher<Void> bodyless(HttpClientRequest sent, NettyOutbound out) {
        if (!BODY_LESS.contains(sent.method())) {
            sent.requestHeaders().remove(HttpHeaderNames.TRANSFER_ENCODING);
        }
        return out;
    }

    /** Sends the body buffer by buffer. Without the predicate the client would first collect the body of a GET, HEAD or DELETE. */
    private static Publisher<Void> body(ServerHttpRequest request, NettyOutbound out) {
        return out.send(new Upload(request), buffer -> false);
    }

    private void take(HttpClientResponse answer, Connection connection, ServerWebExchange exchange) {
        Map<String, Object> attributes = exchange.getAttributes();
        attributes.put(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR, answer);
        attributes.put(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR, connection);
        heads.take(answer.status().code(), answer.responseHeaders(), exchange);
    }
}
