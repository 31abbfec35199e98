package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.token.SpiffeId;
import dev.errand.trust.SvidResult;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Authenticates the agent: by a JWT-SVID as client assertion, or an X.509-SVID by mutual TLS
 * (draft-ietf-oauth-spiffe-client-auth). An assertion may come again while it is valid. Thread-safe.
 */
final class ClientAuthentication {
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

    /** The agent, or {@code invalid_client} without a reason; 503 if the trust domain's bundle is not available. */
    public Mono<Outcome<SpiffeId>> authenticate(TokenRequest request) {
        FormBody form = request.form();
        String type = form.get("client_assertion_type");
        String assertion = form.get("client_assertion");
        String clientId = form.get("client_id");
        boolean oneWay = form.get("client_secret") == null && (assertion == null) == (type == null);
        if (oneWay && assertion != null && ASSERTION_TYPE.equals(type)) {
            return agents.ofAssertion(assertion, issuer).map(svid -> outcome(svid, clientId));
        }
        return oneWay && assertion == null && !request.certificates().isEmpty()
                ? agents.ofCertificate(request.certificates()).map(svid -> outcome(svid, clientId))
                : Mono.just(refused(StartReason.CLIENT, null));
    }

    private static Outcome<SpiffeId> outcome(SvidResult svid, @Nullable String clientId) {
        if (svid instanceof SvidResult.Accepted attested) {
            return clientId == null || clientId.equals(attested.id().toString())
                    ? Outcome.accepted(attested.id())
                    : refused(StartReason.CLIENT_ID, "client_id names another than the SVID");
        }
        if (svid instanceof SvidResult.Refused refused) {
            return refused(refused.why(), refused.reason());
        }
        return new Outcome.Refused<>(
                AwayLog.SHARED.refuse(Dependency.TRUST_BUNDLE, ((SvidResult.Unavailable) svid).reason()));
    }

    private static Outcome<SpiffeId> refused(StartReason reason, @Nullable String detail) {
        return new Outcome.Refused<>(new Refusal(
                OauthError.INVALID_CLIENT,
                "authenticate with a JWT-SVID for this issuer alone, or an X.509-SVID by mutual TLS",
                Map.of(),
                reason,
                detail));
    }
}
