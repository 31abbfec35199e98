package dev.errand.issuer.approval;

import dev.errand.issuer.IssuerSettings;
import dev.errand.jose.DpopVerifier;
import dev.errand.state.StartStore;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.Sha256;
import dev.errand.trust.ApprovalClaims;
import dev.errand.trust.HumanIssuers;
import dev.errand.trust.HumanResult;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * Verifies the token of a human, and the proof of the key that it may be bound to. No request for approval is read before this check.
 * Thread-safe, never blocking.
 *
 * @param humans is called at each verification, since a reload replaces the issuers
 */
record Deciders(
        Supplier<HumanIssuers> humans, DpopVerifier proofs, StartStore starts, IssuerSettings settings, Clock clock) {
    private static final Logger LOG = LoggerFactory.getLogger(Deciders.class);

    /** The result of verifying a request's credentials. */
    sealed interface Verified {
        record Accepted(Decider decider) implements Verified {}

        /** The credentials do not verify. */
        record Refused() implements Verified {}

        /** The provider's keys are not available. */
        record Unavailable(String why) implements Verified {}
    }

    /** @param path the path of the request, as it was sent */
    Mono<Verified> verify(ServerHttpRequest request, String path) {
        String token = token(request.getHeaders());
        if (token == null) {
            return refused();
        }
        DpopVerifier.Result.Accepted proof = null;
        List<String> fields = request.getHeaders().getOrEmpty("DPoP");
        if (!fields.isEmpty()) {
            DpopVerifier.Request asked = new DpopVerifier.Request(
                    fields.get(0), request.getMethod().name(), settings.url(path), Sha256.base64UrlOf(token), null);
            if (fields.size() > 1
                    || !(proofs.verify(asked, clock.millis()) instanceof DpopVerifier.Result.Accepted proven)) {
                return refused();
            }
            proof = proven;
        }
        HumanIssuers issuers = humans.get();
        KeyThumbprint prover = proof == null ? null : proof.key().thumbprint();
        DpopVerifier.Result.Accepted proven = proof;
        return issuers.verifyApproving(token, prover, clock.millis())
                .flatMap(result -> result instanceof HumanResult.Accepted accepted
                        ? used(proven).map(fresh -> fresh ? accepted(issuers, accepted) : new Verified.Refused())
                        : Mono.just(
                                result instanceof HumanResult.Unavailable away
                                        ? new Verified.Unavailable(away.reason())
                                        : new Verified.Refused()));
    }

    /** Verifies a token that the provider gave the gateway for a human. It is bound to no key. */
    Mono<Verified> verify(String token) {
        HumanIssuers issuers = humans.get();
        return issuers.verifyApproving(token, null, clock.millis()).map(result -> {
            if (result instanceof HumanResult.Refused refused) {
                LOG.warn("the sign-in gave a token by which nobody may approve: {}", refused.reason());
                return new Verified.Refused();
            }
            return result instanceof HumanResult.Accepted accepted
                    ? accepted(issuers, accepted)
                    : new Verified.Unavailable(((HumanResult.Unavailable) result).reason());
        });
    }

    /** Uses the proof up, if there is one; false if it was used before. */
    private Mono<Boolean> used(DpopVerifier.Result.@Nullable Accepted proof) {
        return proof == null ? Mono.just(true) : starts.claimProof(proof.claim());
    }

    private static Verified accepted(HumanIssuers issuers, HumanResult.Accepted human) {
        return new Verified.Accepted(new Decider(
                human.human(),
                human.claims(),
                human.tokenHash(),
                human.expiresAtMillis(),
                issuers.isForApprovals(human.claims()) ? null : ApprovalClaims.digests(human.claims()),
                false));
    }

    private static @Nullable String token(HttpHeaders headers) {
        List<String> fields = headers.getOrEmpty(HttpHeaders.AUTHORIZATION);
        String field = fields.size() == 1 ? fields.get(0) : "";
        int space = field.indexOf(' ');
        String scheme = space < 0 ? "" : field.substring(0, space);
        return scheme.equalsIgnoreCase("Bearer") || scheme.equalsIgnoreCase("DPoP")
                ? field.substring(space + 1).strip()
                : null;
    }

    private static Mono<Verified> refused() {
        return Mono.just(new Verified.Refused());
    }
}
