package dev.errand.web.caller;

import dev.errand.loop.Continuation;
import dev.errand.web.call.Call;
import dev.errand.web.call.Presented;
import dev.errand.web.refusal.Answers;
import dev.errand.web.refusal.ErrandHeaders;
import dev.errand.web.request.EventLoops;
import dev.errand.web.request.Traceparent;
import dev.errand.web.route.FilterOrder;
import dev.errand.web.route.Revision;
import dev.errand.web.route.RunningRevision;
import dev.errand.web.route.Stage;
import dev.errand.web.route.StageFilter;
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
 * {@code TaskIdentity}: begins the call and judges the shape of what the caller presents, before any cryptography.
 * {@code TaskIdentity=required} also demands the workload's own identity (an SVID) on every call.
 */
final class TaskIdentityGatewayFilterFactory
        extends AbstractGatewayFilterFactory<TaskIdentityGatewayFilterFactory.Config> {
    private final RunningRevision running;
    private final Answers answers;
    private final EventLoops loops = new EventLoops();

    TaskIdentityGatewayFilterFactory(RunningRevision running, Answers answers) {
        super(Config.class);
        this.running = running;
        this.answers = answers;
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
        ServerHttpRequest request = exchange.getRequest();
        Route route = Objects.requireNonNull(exchange.<Route>getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR));
        Call call = new Call(
                route.getId(),
                request.getMethod().name(),
                rawTarget(request),
                Traceparent.next(request.getHeaders()),
                Revision.of(route, running),
                loops.of(request));
        call.svidRequired = svidRequired;
        call.attachTo(exchange);
        ErrandHeaders.begun(exchange.getResponse().getHeaders(), call);
        Presented.Shape shape = Presented.parse(request.getHeaders());
        if (shape instanceof Presented.Shape.Accepted well) {
            call.presented = well.presented();
            return chain.filter(exchange).contextWrite(context -> Continuation.on(call.loop, context));
        }
        return answers.deny(exchange, call, ((Presented.Shape.Refused) shape).denial());
    }

    /** The request-target as it stood in the request line. */
    private static String rawTarget(ServerHttpRequest request) {
        @Nullable Object nativeRequest = ServerHttpRequestDecorator.getNativeRequest(request);
        if (nativeRequest instanceof HttpServerRequest netty) {
            return netty.uri();
        }
        String query = request.getURI().getRawQuery();
        return request.getURI().getRawPath() + (query == null ? "" : "?" + query);
    }
}
