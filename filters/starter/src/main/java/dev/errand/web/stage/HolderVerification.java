package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.state.StoreUnavailableException;
import dev.errand.token.ProofScheme;
import dev.errand.token.VerifiedChain;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.Presented;
import dev.errand.web.Revision;
import dev.errand.web.refusal.Refusal;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Verifies the holder of a leaf who asks one of the gateway's own endpoints about a token. The holder sends
 * {@code Authorization: DPoP} and a proof, which are verified as for a call. The proof is not used up, and no workload
 * identity is checked. Thread-safe, never blocking.
 */
public final class HolderVerification {
    private final CallerVerification verification;
    private final GovernedChains governedChains;
    private final Clock clock;

    HolderVerification(CallerVerification verification, GovernedChains governedChains, Clock clock) {
        this.verification = verification;
        this.governedChains = governedChains;
        this.clock = clock;
    }

    /** The outcome of verification. */
    public sealed interface Result {
        record Accepted(Caller caller) implements Result {}

        /**
         * The holder of a token whose root has expired, and that is otherwise good.
         *
         * @param caller null where nothing is known of the task's policy any more
         */
        record Expired(VerifiedChain chain, @Nullable Caller caller) implements Result {}

        record Refused(Refusal refusal) implements Result {}

        /** Only the state store knows what governs the task, and it does not answer. */
        record Unavailable() implements Result {}
    }

    /** @param path the endpoint's, which the proof's {@code htu} must name below the issuer */
    public Mono<Result> verify(ServerHttpRequest request, String path, Revision revision) {
        Presented.Shape shape = Presented.parse(request.getHeaders());
        if (shape instanceof Presented.Shape.Refused refused) {
            return Mono.just(new Result.Refused(Refusal.of(refused.denial())));
        }
        Presented sent = ((Presented.Shape.Accepted) shape).presented();
        if (!sent.scheme().equals(ProofScheme.DPOP)) {
            return Mono.just(new Result.Refused(Refusal.of(new Denial(
                    DenyReason.AUTHENTICATION_REQUIRED, null, "this endpoint takes Authorization: DPoP <token>"))));
        }
        Presented presented = new Presented(sent.scheme(), sent.leaf(), sent.above(), sent.proof(), null);
        Call.Arrived arrived =
                Call.Arrived.now("", request.getMethod().name(), path, "", revision, Schedulers.immediate());
        return verification
                .verify(request, new Call.Presenting(arrived, presented, false))
                .flatMap(verdict -> result(verdict, revision));
    }

    private Mono<Result> result(CallerVerification.Verdict verdict, Revision revision) {
        if (verdict instanceof CallerVerification.Verdict.Accepted accepted) {
            return Mono.just(new Result.Accepted(accepted.caller()));
        } else if (verdict instanceof CallerVerification.Verdict.Expired expired) {
            return expired(expired, revision, clock.instant());
        } else if (verdict instanceof CallerVerification.Verdict.Refused refused) {
            return Mono.just(new Result.Refused(refused.refusal()));
        } else if (verdict instanceof CallerVerification.Verdict.Ungoverned ungoverned) {
            return Mono.just(new Result.Refused(ungoverned.refusal()));
        }
        return Mono.just(new Result.Unavailable());
    }

    /** A token below a root that has not expired is refused: its task goes on without it. */
    private Mono<Result> expired(CallerVerification.Verdict.Expired expired, Revision revision, Instant now) {
        VerifiedChain chain = expired.chain();
        if (chain.rootToken().expiry() > now.getEpochSecond()) {
            return Mono.just(new Result.Refused(expired.refusal()));
        }
        return governedChains
                .find(chain, revision)
                .<Result>map(found -> new Result.Expired(
                        chain,
                        found instanceof GovernedChains.Found.Accepted known
                                ? known.standing()
                                        .caller(
                                                chain,
                                                expired.proof().claim(),
                                                expired.proof().demand(),
                                                now)
                                : null))
                .onErrorReturn(StoreUnavailableException.class, new Result.Unavailable());
    }
}
