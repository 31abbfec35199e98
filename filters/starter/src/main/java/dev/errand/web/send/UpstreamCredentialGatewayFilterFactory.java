package dev.errand.web.send;

import dev.errand.credential.CredentialUnavailableException;
import dev.errand.credential.NotAttestedException;
import dev.errand.credential.TaskOverException;
import dev.errand.credential.UpstreamCredential;
import dev.errand.upstream.Echo;
import dev.errand.upstream.OutgoingRequest;
import dev.errand.web.Call;
import dev.errand.web.FilterOrder;
import dev.errand.web.LineMarkers;
import dev.errand.web.NotSentException;
import dev.errand.web.Revision;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code UpstreamCredential=vault}: puts on the request what the upstream itself wants to see. The agent never holds it,
 * and what the agent sent under the same names is removed. The call's revision says which credential has the name.
 */
final class UpstreamCredentialGatewayFilterFactory
        extends AbstractGatewayFilterFactory<UpstreamCredentialGatewayFilterFactory.Config> {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamCredentialGatewayFilterFactory.class);

    UpstreamCredentialGatewayFilterFactory() {
        super(Config.class);
    }

    /** The name of an entry under {@code errand.upstreams}. */
    static final class Config {
        private String upstream = "";

        public String getUpstream() {
            return upstream;
        }

        public void setUpstream(String upstream) {
            this.upstream = upstream;
        }
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("upstream");
    }

    @Override
    public GatewayFilter apply(Config config) {
        String name = config.getUpstream();
        return StageFilter.at(
                FilterOrder.CREDENTIAL,
                Stage.UPSTREAM_CREDENTIAL,
                name,
                (exchange, chain) -> inject(Call.of(exchange, Call.Forwarded.class), exchange, chain, name));
    }

    private static Mono<Void> inject(
            Call.Forwarded call, ServerWebExchange exchange, GatewayFilterChain chain, String upstream) {
        Revision revision = call.arrived().revision();
        UpstreamCredential credential = revision.credentials().get(upstream);
        if (credential == null) {
            return Mono.error(new NotSentException.NoCredentialException());
        }
        return credential.isPerTask()
                ? injectTasks(call, exchange, chain, upstream, credential)
                : inject(call, exchange, chain, upstream, credential);
    }

    /** Adds the task's credential, which the call holds until it is over. */
    private static Mono<Void> injectTasks(
            Call.Forwarded call,
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            String upstream,
            UpstreamCredential credential) {
        return Mono.defer(() -> {
            UpstreamCredential own;
            try {
                own = credential.of(TasksOfCalls.of(call, upstream));
            } catch (NotAttestedException unproven) {
                return Mono.error(new NotSentException.NotAttestedException());
            }
            return inject(call, exchange, chain, upstream, own).doFinally(over -> own.done());
        });
    }

    private static Mono<Void> inject(
            Call.Forwarded call,
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            String upstream,
            UpstreamCredential credential) {
        Set<String> names = call.arrived().revision().writtenBy(upstream);
        Echo echo = call.arrived().revision().echo(upstream);
        boolean signs = credential.readsFields();
        OutgoingRequest request = new OutgoingRequest(
                call.arrived().method(),
                call.granted().target(),
                signs ? OutgoingHeaders.byName(exchange) : Map.of(),
                call.granted().body(),
                signs
                        && call.granted().body() == null
                        && OutgoingHeaders.hasBody(exchange.getRequest().getHeaders()));
        Mono<SslContext> certificate = credential.sslContext();
        return credential
                .headers(request)
                .single()
                .onErrorMap(error -> unavailable(call, error))
                .flatMap(headers -> {
                    new Call.Forwarded(call.permitted(), call.headers(), names, certificate, credential, echo)
                            .renewed(headers)
                            .attachTo(exchange);
                    return chain.filter(exchange);
                });
    }

    private static NotSentException unavailable(Call call, Throwable error) {
        if (error instanceof TaskOverException over) {
            return new NotSentException.EndedException(String.valueOf(over.getMessage()));
        }
        LOG.warn(
                LineMarkers.VERIFIED,
                "no upstream credential route={} cause={}",
                call.route(),
                error instanceof CredentialUnavailableException
                        ? error.getMessage()
                        : error.getClass().getSimpleName());
        return new NotSentException.NoCredentialException();
    }
}
