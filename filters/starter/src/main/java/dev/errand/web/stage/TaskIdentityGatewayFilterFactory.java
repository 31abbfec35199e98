package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.loop.Continuation;
import dev.errand.token.ProofScheme;
import dev.errand.web.Call;
import dev.errand.web.EventLoops;
import dev.errand.web.FilterOrder;
import dev.errand.web.GivenRequest;
import dev.errand.web.Presented;
import dev.errand.web.Revision;
import dev.errand.web.RunningRevision;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import dev.errand.web.Traceparent;
import dev.errand.web.refusal.ErrandHeaders;
import dev.errand.web.refusal.Refusals;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * {@code TaskIdentity}: begins the call and judges the shape of what the caller presents, before any cryptography. A call of
 * the right shape goes on to the filter {@code DelegationChain}. {@code TaskIdentity=required} also demands the workload's own
 * identity (an SVID) on every call.
 */
final class TaskIdentityGatewayFilterFactory
        extends AbstractGatewayFilterFactory<TaskIdentityGatewayFilterFactory.Config> {
    private final RunningRevision running;
    private final Refusals refusals;
    private final EventLoops loops = new EventLoops();

    TaskIdentityGatewayFilterFactory(RunningRevision running, Refusals refusals) {
        super(Config.class);
        this.running = running;
        this.refusals = refusals;
    }

    /** {@code optional} (the default) or {@code required}: whether a workload identity must come with each call. */
    static final class Config {
        private String svid = "optional";

        public String getSvid() {
            return svid;
        }

        public void setSvid(String svid) {
            if (!svid.equals("optional") && !svid.equals("required")) {
                throw new IllegalArgumentException("TaskIdentity is 'optional' or 'required', was '" + svid + "'");
            }
            this.svid = svid;
        }
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("svid");
    }

    @Override
    public GatewayFilter apply(Config config) {
        boolean required = config.getSvid().equals("required");
        return StageFilter.at(
                FilterOrder.IDENTITY, Stage.TASK_IDENTITY, (exchange, chain) -> begin(exchange, chain, required));
    }

    private Mono<Void> begin(ServerWebExchange exchange, GatewayFilterChain chain, boolean svidRequired) {
        Route route = Objects.requireNonNull(exchange.<Route>getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR));
        ServerHttpRequest request = exchange.getRequest();
        @Nullable Object received = ServerHttpRequestDecorator.getNativeRequest(request);
        Call.Arrived call = Call.Arrived.now(
                route.getId(),
                request.getMethod().name(),
                rawTarget(request, received),
                Traceparent.next(request.getHeaders()),
                Revision.of(route, running),
                loops.of(request),
                received instanceof GivenRequest given ? given.routeName() : null);
        ErrandHeaders.begun(exchange.getResponse().getHeaders(), call);
        if (!VaultSlot.isUsed(request, route, call.revision())) {
            return present(exchange, chain, call, svidRequired);
        }
        Denial why = VaultSlot.refuse(request.getHeaders());
        if (why != null) {
            call.attachTo(exchange);
            return refusals.deny(exchange, call, why);
        }
        ServerWebExchange moved =
                exchange.mutate().request(VaultSlot.moved(request)).build();
        return present(moved, chain, call, svidRequired);
    }

    private Mono<Void> present(
            ServerWebExchange exchange, GatewayFilterChain chain, Call.Arrived call, boolean svidRequired) {
        Presented.Shape shape = parse(exchange.getRequest());
        if (shape instanceof Presented.Shape.Accepted accepted) {
            new Call.Presenting(call, accepted.presented(), svidRequired).attachTo(exchange);
            // After each wait for another thread the call continues on the event loop of its own connection.
            return chain.filter(exchange).contextWrite(context -> Continuation.on(call.loop(), context));
        }
        call.attachTo(exchange);
        return refusals.deny(exchange, call, ((Presented.Shape.Refused) shape).denial());
    }

    /** A bearer on a connection without any certificate is refused here, before any cryptography. */
    private static Presented.Shape parse(ServerHttpRequest request) {
        Presented.Shape shape = Presented.parse(request.getHeaders());
        return shape instanceof Presented.Shape.Accepted accepted
                        && accepted.presented().scheme().equals(ProofScheme.BEARER)
                        && ClientCertificate.chain(request) == null
                ? new Presented.Shape.Refused(Presented.UNAUTHENTICATED)
                : shape;
    }

    /** The request-target as it stood in the request line. */
    private static String rawTarget(ServerHttpRequest request, @Nullable Object received) {
        if (received instanceof HttpServerRequest netty) {
            return netty.uri();
        }
        if (received instanceof GivenRequest given) {
            return given.target();
        }
        String query = request.getURI().getRawQuery();
        return request.getURI().getRawPath() + (query == null ? "" : "?" + query);
    }
}
