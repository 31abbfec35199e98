package dev.errand.web;

import dev.errand.upstream.OutgoingRequest;
import dev.errand.upstream.credential.ClientCertificateCredential;
import dev.errand.upstream.credential.UpstreamCredential;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code UpstreamCredential=vault}: puts on the request what the upstream itself wants to see. The agent never holds it,
 * and what the agent sent under the same names is removed.
 */
final class UpstreamCredentialGatewayFilterFactory
        extends AbstractGatewayFilterFactory<UpstreamCredentialGatewayFilterFactory.Config> {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamCredentialGatewayFilterFactory.class);

    private final Map<String, UpstreamCredential> credentials;

    UpstreamCredentialGatewayFilterFactory(Map<String, UpstreamCredential> credentials) {
        super(Config.class);
        this.credentials = Map.copyOf(credentials);
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
        UpstreamCredential credential = credentials.get(config.getUpstream());
        if (credential == null) {
            throw new IllegalArgumentException("UpstreamCredential: there is no '" + config.getUpstream()
                    + "' under errand.upstreams; there are " + new TreeSet<>(credentials.keySet()));
        }
        Set<String> written =
                credential.headerNames().stream().map(HopHeaders::canonical).collect(Collectors.toUnmodifiableSet());
        return StageFilter.at(
                FilterOrder.CREDENTIAL,
                Stage.UPSTREAM_CREDENTIAL,
                (exchange, chain) -> inject(exchange, chain, credential, written));
    }

    private static Mono<Void> inject(
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            UpstreamCredential credential,
            Set<String> canonicalNames) {
        Call call = Call.of(exchange);
        if (call.target == null) {
            return Mono.error(new SendDecidedFilter.DecidedDiffersException());
        }
        OutgoingRequest request = new OutgoingRequest(
                call.method,
                call.target,
                credential.readsFields() ? OutgoingHeadersFilter.compose(exchange) : Map.of(),
                call.body);
        if (credential instanceof ClientCertificateCredential certificate) {
            call.clientCertificate = certificate.sslContext();
        }
        return credential
                .headers(request)
                .onErrorMap(error -> {
                    LOG.warn(
                            "no upstream credential route={} cause={}",
                            call.route,
                            error.getClass().getSimpleName());
                    return new CredentialUnavailableException();
                })
                .map(headers -> {
                    Map<String, String> all = new LinkedHashMap<>(call.upstreamHeaders);
                    all.keySet().removeAll(canonicalNames);
                    headers.forEach((name, value) -> all.put(HopHeaders.canonical(name), value));
                    call.upstreamHeaders = all;
                    call.strippedHeaders = canonicalNames;
                    return true;
                })
                .single()
                .flatMap(written -> chain.filter(exchange));
    }

    /** The upstream's own credential could not be had; nothing was sent. */
    static final class CredentialUnavailableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CredentialUnavailableException() {
            super("the upstream's credential is unavailable", null, false, false);
        }
    }
}
