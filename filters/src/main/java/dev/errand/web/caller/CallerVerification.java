package dev.errand.web.caller;

import dev.errand.bytes.Sha256;
import dev.errand.delegation.BoundToken;
import dev.errand.delegation.VerifiedChain;
import dev.errand.delegation.chain.ChainVerifier;
import dev.errand.delegation.chain.PopResult;
import dev.errand.delegation.chain.PopVerifier;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.proof.DpopNonces;
import dev.errand.jose.proof.DpopRequest;
import dev.errand.jose.proof.DpopResult;
import dev.errand.jose.proof.DpopVerifier;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ProofClaim;
import dev.errand.web.call.Call;
import dev.errand.web.call.Caller;
import dev.errand.web.call.Presented;
import dev.errand.web.request.ClientCertificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * Who calls, proven: the signatures of the chain (AAT-02 steps 1 to 3b, 4a, 4b), the proof by the leaf's key (step 7), what
 * the chain says (the rest of the steps 3 to 6), then the workload identity. The first failure answers, so that somebody
 * who cannot prove to hold the leaf has nothing but signatures verified. Thread-safe.
 */
final class CallerVerification {
    private final String issuer;
    private final KnownChains chains;
    private final DpopVerifier dpop;
    private final @Nullable DpopNonces nonces;
    private final PopVerifier pop;
    private final long keepMillis;
    private final WorkloadIdentities workloads;
    private final Standings standings;
    private final Clock clock;

    CallerVerification(
            String issuer,
            KnownChains chains,
            DpopVerifier dpop,
            @Nullable DpopNonces nonces,
            PopVerifier pop,
            Duration window,
            WorkloadIdentities workloads,
            Standings standings,
            Clock clock) {
        this.issuer = issuer;
        this.chains = chains;
        this.dpop = dpop;
        this.nonces = nonces;
        this.pop = pop;
        this.keepMillis = ProofClaim.keepMillis(window);
        this.workloads = workloads;
        this.standings = standings;
        this.clock = clock;
    }

    /** What verification came to. */
    sealed interface Verdict {
        record Verified(Caller caller) implements Verdict {}

        /**
         * @param caller the holder, where the proof verified and a later check refused; else null
         * @param nonce a fresh DPoP nonce to answer with, or null
         */
        record Refused(
                Denial denial,
                @Nullable Caller caller,
                @Nullable String nonce) implements Verdict {}

        /** What governs the task is in the shared state alone, which does not answer. */
        record Undecided() implements Verdict {}
    }

    /** The proof of possession, verified. */
    private record Proof(ProofClaim claim, Caller.@Nullable ToolDemand demand) {}

    Mono<Verdict> verify(ServerHttpRequest request, Call call) {
        Presented presented = call.presented;
        if (presented == null) {
            return refused(DenyReason.AUTHENTICATION_REQUIRED, null, "TaskIdentity must come first");
        }
        Instant now = clock.instant();
        ChainVerifier verifier = call.revision.trust().chains();
        KnownChains.Found found = chains.find(presented, verifier, now);
        if (found instanceof KnownChains.Found.Incomplete || found instanceof KnownChains.Found.Rejected) {
            return notGood(found);
        }
        KnownChains.Found.Signed signed = found instanceof KnownChains.Found.Signed fresh ? fresh : null;
        Object proven = signed == null
                ? prove(request, call, presented, (KnownChains.Found.Verified) found, now)
                : prove(request, call, presented, signed.leaf(), signed.leafHash(), now);
        if (proven instanceof Verdict.Refused refused) {
            if (signed != null) {
                chains.unproven(signed, presented);
            }
            return Mono.just(refused);
        }
        if (signed != null) {
            found = chains.proven(signed, presented, verifier, now);
            if (!(found instanceof KnownChains.Found.Verified)) {
                return notGood(found);
            }
        }
        VerifiedChain chain = ((KnownChains.Found.Verified) found).chain();
        Proof proof = (Proof) proven;
        // Nearly always remembered: then the verdict is there at once, and what follows has no subscriber in between.
        Standings.Found remembered = standings.remembered(chain, call.revision);
        return remembered != null
                ? Mono.just(judge(request, call, presented, chain, proof, remembered, now))
                : standings
                        .find(chain, call.revision)
                        .map(standing -> judge(request, call, presented, chain, proof, standing, now))
                        .onErrorResume(StoreUnavailableException.class, e -> Mono.just(new Verdict.Undecided()));
    }

    private static Mono<Verdict> notGood(KnownChains.Found found) {
        return found instanceof KnownChains.Found.Rejected rejected
                ? refused(DenyReason.INVALID_TOKEN, rejected.step(), rejected.reason())
                : refused(DenyReason.CHAIN_INCOMPLETE, null, "send the Delegation-Chain header once more");
    }

    private Verdict judge(
            ServerHttpRequest request,
            Call call,
            Presented presented,
            VerifiedChain chain,
            Proof proof,
            Standings.Found standing,
            Instant now) {
        if (standing instanceof Standings.Found.Unjudged unjudged) {
            return new Verdict.Refused(unjudged.denial(), null, null);
        }
        Standing task = ((Standings.Found.Known) standing).standing();
        return identify(request, call, presented, task.caller(chain, proof.claim(), proof.demand(), now), now);
    }

    private Object prove(
            ServerHttpRequest request, Call call, Presented presented, KnownChains.Found.Verified found, Instant now) {
        return prove(request, call, presented, found.chain().leaf(), found.leafHash(), now);
    }

    private Object prove(
            ServerHttpRequest request, Call call, Presented presented, BoundToken leaf, String leafHash, Instant now) {
        if (presented.scheme() == Presented.Scheme.DPOP) {
            return presented.proof() == null
                    ? refusal(DenyReason.INVALID_PROOF, "7a", "send a DPoP proof by the token's key")
                    : dpop(call, presented.proof(), leaf, leafHash, now);
        }
        if (presented.proof() != null) {
            PopResult result = pop.verify(presented.proof(), leaf, now);
            if (result instanceof PopResult.Accepted proven) {
                if (nonces != null && (proven.nonce() == null || !nonces.accepts(proven.nonce(), now.toEpochMilli()))) {
                    return nonceNeeded(now);
                }
                return new Proof(claim(leaf, proven), new Caller.ToolDemand(proven.tool(), proven.arguments(), true));
            }
            PopResult.Refused rejected = (PopResult.Refused) result;
            return refusal(DenyReason.INVALID_PROOF, rejected.step(), rejected.reason());
        }
        if (ClientCertificate.provesKey(request, leaf.holder())) {
            return new Proof(ProofClaim.NONE, null);
        }
        return refusal(DenyReason.INVALID_PROOF, "7a", "send an AAT-PoP, or a client certificate of the token's key");
    }

    /** An AAT-PoP's single use, remembered for longer than its {@code iat} is in the window; only a permitted call uses it up. */
    private ProofClaim claim(BoundToken leaf, PopResult.Accepted proven) {
        return new ProofClaim(
                Sha256.base64UrlOf(leaf.holder().thumbprint().value() + "|" + proven.jti()), keepMillis, true);
    }

    private Object dpop(Call call, String proof, BoundToken leaf, String leafHash, Instant now) {
        int mark = call.rawTarget.indexOf('?');
        String path = mark < 0 ? call.rawTarget : call.rawTarget.substring(0, mark);
        DpopResult result = dpop.verify(
                new DpopRequest(
                        proof,
                        call.method,
                        issuer + path,
                        leafHash,
                        leaf.holder().thumbprint()),
                now.toEpochMilli());
        if (result instanceof DpopResult.Accepted proven) {
            boolean demands = proven.tool() != null || proven.arguments() != null;
            return new Proof(
                    proven.claim(), demands ? new Caller.ToolDemand(proven.tool(), proven.arguments(), false) : null);
        }
        DpopResult.Refused rejected = (DpopResult.Refused) result;
        return rejected.useNonce() ? nonceNeeded(now) : refusal(DenyReason.INVALID_PROOF, "7", rejected.reason());
    }

    /** Where nonces are switched on, a proof of either kind needs one. */
    private Verdict.Refused nonceNeeded(Instant now) {
        String nonce = nonces == null ? null : nonces.current(now.toEpochMilli());
        return new Verdict.Refused(
                new Denial(DenyReason.INVALID_PROOF, "7h", "sign the nonce of DPoP-Nonce into the proof"), null, nonce);
    }

    private Verdict identify(ServerHttpRequest request, Call call, Presented presented, Caller caller, Instant now) {
        WorkloadIdentities.Verdict verdict = workloads.verify(
                request,
                call.revision.trust().svids(),
                presented.svid(),
                call.svidRequired,
                call.route,
                caller.chain().leaf(),
                now);
        if (verdict instanceof WorkloadIdentities.Verdict.Mismatch mismatch) {
            return new Verdict.Refused(new Denial(DenyReason.IDENTITY_MISMATCH, null, mismatch.reason()), caller, null);
        }
        boolean attested = verdict instanceof WorkloadIdentities.Verdict.Attested;
        return new Verdict.Verified(attested ? caller.withAttestedLeaf() : caller);
    }

    private static Mono<Verdict> refused(DenyReason reason, @Nullable String step, String detail) {
        return Mono.just(refusal(reason, step, detail));
    }

    private static Verdict.Refused refusal(DenyReason reason, @Nullable String step, String detail) {
        return new Verdict.Refused(new Denial(reason, step, detail), null, null);
    }
}
