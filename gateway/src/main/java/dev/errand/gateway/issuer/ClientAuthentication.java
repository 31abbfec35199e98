package dev.errand.gateway.issuer;

import dev.errand.identity.SpiffeId;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Authenticates the agent: by a JWT-SVID as client assertion, or an X.509-SVID by mutual TLS
 * (draft-ietf-oauth-spiffe-client-auth). An assertion may come again while it is valid. Thread-safe.
 */
public final class ClientAuthentication {
    /** The one {@code client_assertion_type}. */
    public static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe";

    private final AgentIdentities agents;
    private final String issuer;

    public ClientAuthentication(AgentIdentities agents, IssuerSettings settings) {
        this.agents = agents;
        this.issuer = settings.issuer();
    }

    /** Whether the request carries a client's credentials at all. */
    public boolean isAttempted(TokenRequest request) {
        return request.form().get("client_assertion") != null || request.form().get("client_assertion_type") != null;
    }

    /** The agent, or {@code invalid_client}, which never says why; 503 where the trust domain's bundle cannot be had. */
    public Mono<Outcome<SpiffeId>> authenticate(TokenRequest request) {
        FormBody form = request.form();
        String type = form.get("client_assertion_type");
        String assertion = form.get("client_assertion");
        Mono<Optional<SpiffeId>> agent;
        if (form.get("client_secret") != null || (assertion == null) != (type == null)) {
            agent = Mono.just(Optional.empty());
        } else if (assertion != null) {
            agent = ASSERTION_TYPE.equals(type) ? agents.ofAssertion(assertion, issuer) : Mono.just(Optional.empty());
        } else if (!request.certificates().isEmpty()) {
            agent = agents.ofCertificate(request.certificates());
        } else {
            agent = Mono.just(Optional.empty());
        }
        String clientId = form.get("client_id");
        return agent.map(found -> found.filter(id -> clientId == null || clientId.equals(id.toString()))
                        .map(Outcome::accepted)
                        .orElseGet(() -> Outcome.refused(
                                OauthError.INVALID_CLIENT,
                                "authenticate with a JWT-SVID for this issuer alone, or an X.509-SVID by mutual TLS")))
                .onErrorResume(
                        TrustBundleAwayException.class,
                        e -> Mono.just(new Outcome.Refused<SpiffeId>(
                                AwayLog.SHARED.refuse(Dependency.TRUST_BUNDLE, e.getMessage()))));
    }
}
