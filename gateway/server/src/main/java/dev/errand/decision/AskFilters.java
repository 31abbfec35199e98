package dev.errand.decision;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.web.Call;
import dev.errand.web.FilterOrder;
import dev.errand.web.GivenRoutes;
import dev.errand.web.NotSentException;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.send.UpstreamHeads;
import dev.errand.web.stage.Outcomes;
import dev.errand.web.stage.Upgrades;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The filters that a request of another gateway passes in the place of those that send a request and write its answer. Thread-safe.
 */
record AskFilters(Refusals refusals, Outcomes outcomes, UpstreamHeads heads) {
    /** The key of a route's metadata that says {@code stream} if bodies pass without a decision about them. */
    static final String BODY = "errand-body";

    /** In the place of the connection to the upstream. Whoever discards the upstream's answer removes it. */
    private static final String ANSWER = ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR;

    /** A filter of that place. */
    private record Placed(int order, Step step) implements GlobalFilter, Ordered {
        private interface Step {
            Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain);
        }

        @Override
        public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
            return step.filter(exchange, chain);
        }

        @Override
        public int getOrder() {
            return order;
        }
    }

    List<GlobalFilter> all() {
        return List.of(
                new Placed(FilterOrder.GIVEN, this::check),
                new Placed(NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER, AskFilters::write),
                new Placed(FilterOrder.OPERATION - 1, AskFilters::address),
                new Placed(FilterOrder.STEP - 1, this::unseen),
                new Placed(FilterOrder.ROUTING, this::send));
    }

    /** Refuses what a gateway may not ask. */
    private Mono<Void> check(ServerWebExchange exchange, GatewayFilterChain chain) {
        RequestHead head = AskedRequest.of(exchange).head();
        String why = misled(head, route(exchange));
        Call call = Call.find(exchange);
        if (why != null) {
            return call == null
                    ? bare(exchange, HttpStatus.SERVICE_UNAVAILABLE)
                    : refusals.unavailable(exchange, call, why);
        }
        if (head.foreign() == null) {
            return chain.filter(exchange);
        }
        return call == null
                ? bare(exchange, HttpStatus.BAD_REQUEST)
                : refusals.deny(
                        exchange,
                        call,
                        new Denial(
                                DenyReason.MALFORMED_REQUEST,
                                "door",
                                head.foreign() + " is a name of the gateway's own: leave it out"));
    }

    private static Mono<Void> bare(ServerWebExchange exchange, HttpStatus status) {
        exchange.getResponse().setStatusCode(status);
        return exchange.getResponse().setComplete();
    }

    /** Why the gateway would do something else than what is decided, or null. */
    private static @Nullable String misled(RequestHead head, Route route) {
        if (head.fault() != null) {
            return head.fault();
        }
        if (!head.buffered() && !"stream".equals(route.getMetadata().get(BODY))) {
            return "the gateway does not give bodies whole: its request_body_mode must be BUFFERED";
        }
        Object cluster = route.getMetadata().get(GivenRoutes.CLUSTER);
        return String.valueOf(cluster).equals(head.cluster())
                ? null
                : "the gateway would send the request to another cluster than the route's";
    }

    private static Route route(ServerWebExchange exchange) {
        return Objects.requireNonNull(exchange.<Route>getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR));
    }

    /** Names the authority that the upstream will be asked by: the gateway decides it, and not the route's {@code uri}. */
    private static Mono<Void> address(ServerWebExchange exchange, GatewayFilterChain chain) {
        RequestHead head = AskedRequest.of(exchange).head();
        URI url = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        Object changed = route(exchange).getMetadata().get(GivenRoutes.AUTHORITY);
        String scheme = String.valueOf(url.getScheme());
        String sent = scheme.startsWith("http") ? scheme : head.scheme().equals("https") ? "https" : "http";
        String query = url.getRawQuery();
        exchange.getAttributes()
                .put(
                        ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR,
                        URI.create(sent + "://" + (changed == null ? head.authority() : changed) + url.getRawPath()
                                + (query == null ? "" : "?" + query)));
        return chain.filter(exchange);
    }

    /** Refuses, to a gateway that shows no answer, what cannot be held to its bounds without one. */
    private Mono<Void> unseen(ServerWebExchange exchange, GatewayFilterChain chain) {
        AskedRequest request = AskedRequest.of(exchange);
        if (request.asked().seesAnswers()) {
            return chain.filter(exchange);
        }
        Call found = Call.find(exchange);
        URI target = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        if (!spelled(target).equals(request.head().path())) {
            return found == null
                    ? bare(exchange, HttpStatus.SERVICE_UNAVAILABLE)
                    : refusals.unavailable(
                            exchange, found, "a filter of the route changes the path, which this door cannot");
        }
        if (!(found instanceof Call.Granted call)) {
            return chain.filter(exchange);
        }
        String why = UnseenCalls.refuse(call, request.fields());
        return why == null
                ? chain.filter(exchange)
                : refusals.undecided(exchange, call, new Denial(DenyReason.NOT_GRANTED, "door", why));
    }

    /** Lets the gateway send the decided request, and takes the head of the answer. */
    private Mono<Void> send(ServerWebExchange exchange, GatewayFilterChain chain) {
        ServerWebExchangeUtils.setAlreadyRouted(exchange);
        Asked asked = AskedRequest.of(exchange).asked();
        Call call = Call.find(exchange);
        if (call instanceof Call.Forwarded forwarded && forwarded.certificate() != null) {
            // The gateway makes the connection, and has no certificate of ours.
            return Mono.error(new NotSentException.NoCredentialException());
        }
        URI target = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        Mono<AnswerHead> answer = Mono.defer(() -> {
            if (call != null && !call.progress().beginSending()) {
                return Mono.error(new NotSentException.GivenBackException());
            }
            boolean whole = asked.isWhole();
            Mono<AnswerHead> head = asked.send(fields(exchange), spelled(target));
            return whole && call != null ? head.doOnSubscribe(sent -> handed(call)) : head;
        });
        Duration limit = heads.responseTimeout(route(exchange));
        if (limit != null) {
            Scheduler loop = call == null ? Schedulers.parallel() : call.loop();
            answer = answer.timeout(limit, Mono.error(TimeoutException::new), loop);
        }
        if (!asked.seesAnswers()) {
            return answer.then(Mono.defer(
                    () -> call instanceof Call.Forwarded sent ? outcomes.unseen(sent.permitted()) : Mono.empty()));
        }
        return answer.doOnNext(head -> take(head, exchange))
                .then()
                .onErrorResume(AnswerHead.TooLargeException.class, refused -> givenBack(call, exchange, refused));
    }

    private DefaultHttpHeaders fields(ServerWebExchange exchange) {
        DefaultHttpHeaders fields = heads.request(exchange);
        HttpHeaders client = exchange.getRequest().getHeaders();
        if (Upgrades.isWebSocket(client)) {
            // The gateway passes the agent's handshake on, except for what the traffic port would not.
            for (String name : List.of("Sec-WebSocket-Key", "Sec-WebSocket-Version")) {
                fields.set(name, client.getOrEmpty(name));
            }
            String protocols = UpstreamHeads.protocols(client);
            if (protocols != null) {
                fields.set("Sec-WebSocket-Protocol", protocols);
            }
        }
        return fields;
    }

    private static String spelled(URI target) {
        String path = target.getRawPath();
        String query = target.getRawQuery();
        return (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
    }

    /** The gateway has the whole request: tells the task's state, if it needs to know. */
    private void handed(Call call) {
        if (call instanceof Call.Forwarded forwarded
                && forwarded.permitted().step().awaitedByAll().sending()) {
            call.progress().whenHanded(() -> outcomes.handed(forwarded.permitted()));
            call.progress().hand();
        }
    }

    private void take(AnswerHead head, ServerWebExchange exchange) {
        exchange.getAttributes().put(ANSWER, head);
        Call call = Call.find(exchange);
        if (call != null) {
            call.progress().head(head.status());
            UpstreamHeads.renewAfter(exchange, head.status());
        }
        heads.take(head.status(), head.fields(), exchange);
    }

    /** The gateway says that it has sent nothing: the step is given back, and the gateway's own answer goes on. */
    private Mono<Void> givenBack(
            @Nullable Call call, ServerWebExchange exchange, AnswerHead.TooLargeException refused) {
        exchange.getAttributes().put(ANSWER, refused.head());
        heads.take(refused.head().status(), refused.head().fields(), exchange);
        if (!(call instanceof Call.Forwarded forwarded)) {
            return Mono.empty();
        }
        call.progress().unsend();
        return outcomes.unsent(forwarded.permitted(), () -> {
            call.progress().answer(false);
            return Mono.empty();
        });
    }

    /** Writes the upstream's answer, unless it was discarded. */
    private static Mono<Void> write(ServerWebExchange exchange, GatewayFilterChain chain) {
        return chain.filter(exchange)
                .then(Mono.defer(() -> exchange.getAttribute(ANSWER) instanceof AnswerHead head
                        ? AskedRequest.of(exchange).asked().pass(exchange, head)
                        : Mono.empty()));
    }
}
