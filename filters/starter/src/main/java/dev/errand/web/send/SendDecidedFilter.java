package dev.errand.web.send;

import dev.errand.loop.Continuation;
import dev.errand.web.Call;
import dev.errand.web.FilterOrder;
import dev.errand.web.NotSentException;
import dev.errand.web.Progress;
import dev.errand.web.Target;
import dev.errand.web.stage.PermitAges;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** The last filter: sends the URL and method that were decided on, while the permit is young enough, or nothing. */
record SendDecidedFilter(PermitAges permits) implements GlobalFilter, Ordered {
    @Override
    public int getOrder() {
        return FilterOrder.SEND;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        if (!(Call.find(exchange) instanceof Call.Verified call)) {
            return chain.filter(exchange);
        }
        URI target = call.progress().isPermitted() ? targetOf(call) : null;
        URI url = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        boolean same = target != null
                && call.arrived()
                        .method()
                        .equals(exchange.getRequest().getMethod().name())
                && target.getScheme().equalsIgnoreCase(url.getScheme())
                && Target.authority(target).equals(Target.authority(url));
        if (target == null || !same) {
            return Mono.error(new NotSentException.DecidedDiffersException());
        }
        exchange.getAttributes().put(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR, target);
        Mono<Void> sent = chain.filter(exchange);
        if (call.progress().isLate()) {
            sent = permits.renew(call).then(sent);
        }
        // The client needs no more of the context, and adds keys of its own: a context of four keys makes strings of
        // their places.
        return sent.contextWrite(
                context -> Continuation.on(Continuation.of(context), Context.of(Progress.class, call.progress())));
    }

    private static @Nullable URI targetOf(Call call) {
        Call.Granted granted = call.granted();
        return granted == null ? null : granted.target();
    }
}
