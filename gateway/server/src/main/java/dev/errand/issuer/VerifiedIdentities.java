package dev.errand.issuer;

import dev.errand.token.KeyThumbprint;
import dev.errand.trust.HumanIssuers;
import dev.errand.trust.HumanResult;
import dev.errand.trust.SvidResult;
import dev.errand.trust.SvidVerifier;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * Humans and agents as the configured trust verifies them. Thread-safe, never blocking.
 *
 * <p>The suppliers are called at every verification, since a reload replaces what they return.
 */
record VerifiedIdentities(Supplier<HumanIssuers> humans, Supplier<SvidVerifier> svids, Clock clock)
        implements AgentIdentities, SubjectTokens {
    @Override
    public Mono<SvidResult> ofAssertion(String jwtSvid, String audience) {
        return Mono.fromCallable(() -> svids.get().verifyJwt(jwtSvid, audience, clock.millis()));
    }

    @Override
    public Mono<SvidResult> ofCertificate(List<X509Certificate> chain) {
        return Mono.fromCallable(() -> svids.get().verifyX509(chain, clock.millis()));
    }

    @Override
    public Mono<Outcome<SubjectToken>> verify(String jwt, KeyThumbprint prover) {
        return humans.get().verify(jwt, prover, clock.millis()).map(VerifiedIdentities::outcome);
    }

    private static Outcome<SubjectToken> outcome(HumanResult result) {
        if (result instanceof HumanResult.Accepted verified) {
            return Outcome.accepted(new SubjectToken(
                    verified.human(), verified.expiresAtMillis() / 1000, verified.tokenHash(), verified.claims()));
        }
        if (result instanceof HumanResult.Unavailable unavailable) {
            return new Outcome.Refused<>(AwayLog.SHARED.refuse(Dependency.IDENTITY_PROVIDER, unavailable.reason()));
        }
        HumanResult.Refused refused = (HumanResult.Refused) result;
        return new Outcome.Refused<>(new Refusal(
                OauthError.INVALID_REQUEST,
                "the subject_token does not verify",
                Map.of(),
                refused.why(),
                refused.reason()));
    }
}
