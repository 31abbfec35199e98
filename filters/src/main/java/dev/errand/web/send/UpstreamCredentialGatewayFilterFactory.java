package dev.errand.web.send;

import dev.errand.loop.MonoSequel;
import dev.errand.loop.Sequel;
import dev.errand.upstream.OutgoingRequest;
import dev.errand.upstream.credential.CredentialUnavailableException;
import dev.errand.upstream.credential.UpstreamCredential;
import dev.errand.web.call.Call;
import dev.errand.web.call.NotSentException;
import dev.errand.web.request.HopHeaders;
import dev.errand.web.route.FilterOrder;
import dev.errand.web.route.Stage;
import dev.errand.web.route.StageFilter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code UpstreamCredential=vault}: puts on the request what the upstream itself wants to see. The agent never holds it,
 * and what the agent sent under the same names is removed. Which credential the name stands for, the call's revision says.
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
                FilterOrder.CREDENTIAL, Stage.UPSTREAM_CREDENTIAL, (exchange, chain) -> inject(exchange, chain, name));
    }

    private static Mono<Void> inject(ServerWebExchange exchange, GatewayFilterChain chain, String upstream) {
        Call call = Call.of(exchange);
        UpstreamCredential credential = call.revision.credentials().get(upstream);
        if (credential == null) {
            return Mono.error(new NotSentException.NoCredentialException());
        }
        if (call.target == null) {
            return Mono.error(new NotSentException.DecidedDiffersException());
        }
        Set<String> canonicalNames = call.revision.writtenBy(upstream);
        OutgoingRequest request = new OutgoingRequest(
                call.method,
                call.target,
                credential.readsFields() ? OutgoingHeaders.byName(exchange) : Map.of(),
                call.body);
        call.clientCertificate = credential.sslContext();
        return MonoSequel.of(credential.headers(request), new Sequel<Map<String, String>>() {
            @Override
            public Mono<Void> after(@Nullable Map<String, String> headers) {
                Map<String, String> all = new LinkedHashMap<>(call.upstreamHeaders);
                all.keySet().removeAll(canonicalNames);
                Objects.requireNonNull(headers).forEach((name, value) -> all.put(HopHeaders.canonical(name), value));
                call.upstreamHeaders = all;
                call.strippedHeaders = canonicalNames;
                return chain.filter(exchange);
            }

            @Override
            public Mono<Void> failed(Throwable error) {
                LOG.warn(
                        "no upstream credential route={} cause={}",
                        call.route,
                        error instanceof CredentialUnavailableException
                                ? error.getMessage()
                                : error.getClass().getSimpleName());
                return Mono.error(new NotSentException.NoCredentialException());
            }
        });
    }
}
