package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.denial.StartReason;
import dev.errand.fleet.LockedTasks;
import dev.errand.policy.Candidacy;
import dev.errand.policy.Candidates;
import dev.errand.policy.GoverningPolicies;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.TaskPolicy;
import dev.errand.token.ChainVerifier;
import dev.errand.token.VerifiedChain;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.Revision;
import dev.errand.web.refusal.Refusal;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * Verifies who calls, in this order: the signatures of the chain (AAT-02 steps 1 to 3b, 4a, 4b), the proof by the leaf's key
 * (step 7), what the chain says (the rest of the steps 3 to 6), what governs the task, and the workload identity. The first
 * failure is the verdict. So for a sender who cannot prove to hold the leaf only signatures are verified. Thread-safe.
 */
record CallerVerification(
        KnownChains chains,
        Possession possession,
        WorkloadIdentities workloads,
        GovernedChains governedChains,
        LockedTasks locks,
        Candidates candidates,
        Clock clock) {
    private static final Denial LOCKED =
            new Denial(DenyReason.TASK_ENDED, null, "an operator lets no such task begin now");

    /** The outcome of verification. */
    sealed interface Verdict {
        record Accepted(Caller caller) implements Verdict {}

        /** @param holder the caller, where the proof verified and a later check refused; else null */
        record Refused(Refusal refusal, @Nullable Caller holder) implements Verdict {}

        /**
         * What governs the task does not admit the chain, whose sender proved to hold the leaf.
         *
         * @param cause why another anchor's root starts no task; null for any other chain
         */
        record Ungoverned(Refusal refusal, VerifiedChain chain, GoverningPolicies.Found.@Nullable Refused cause)
                implements Verdict {}

        /**
         * The chain has expired and is otherwise good, and its sender proved to hold the leaf.
         *
         * @param refusal says that the token has expired, which its holder may know
         */
        record Expired(Refusal refusal, VerifiedChain chain, Possession.Result.Accepted proof) implements Verdict {}

        /** Only the state store knows what governs the task, and it does not answer. */
        record Unavailable() implements Verdict {}
    }

    Mono<Verdict> verify(ServerHttpRequest request, Call.Presenting call) {
        Instant now = clock.instant();
        ChainVerifier verifier = call.arrived().revision().trust().chains();
        KnownChains.Found found = chains.find(call.presented(), verifier, now);
        if (found instanceof KnownChains.Found.Accepted known) {
            return proveKnown(request, call, known, now);
        }
        return found instanceof KnownChains.Found.Signed signed
                ? proveSigned(request, call, signed, verifier, now)
                : Mono.just(noChain(found));
    }

    private Mono<Verdict> proveKnown(
            ServerHttpRequest request, Call.Presenting call, KnownChains.Found.Accepted known, Instant now) {
        Possession.Result proof = possession.verify(request, call, known.chain().leaf(), known.leafHash(), now);
        return proof instanceof Possession.Result.Accepted proven
                ? proven(request, call, known.chain(), proven, now)
                : Mono.just(unproven(proof));
    }

    /** The rest of a chain is judged only once its sender proved to hold the leaf. */
    private Mono<Verdict> proveSigned(
            ServerHttpRequest request,
            Call.Presenting call,
            KnownChains.Found.Signed signed,
            ChainVerifier verifier,
            Instant now) {
        Possession.Result proof = possession.verify(request, call, signed.leaf(), signed.leafHash(), now);
        if (!(proof instanceof Possession.Result.Accepted proven)) {
            chains.unproven(signed, call.presented());
            return Mono.just(unproven(proof));
        }
        KnownChains.Found whole = chains.proven(signed, call.presented(), verifier, now);
        if (whole instanceof KnownChains.Found.Expired expired) {
            Denial why = new Denial(DenyReason.INVALID_TOKEN, expired.step(), "the token has expired");
            Refusal refusal = new Refusal(why, List.of(), null, true);
            return Mono.just(new Verdict.Expired(refusal, expired.chain(), proven));
        }
        return whole instanceof KnownChains.Found.Accepted accepted
                ? proven(request, call, accepted.chain(), proven, now)
                : Mono.just(noChain(whole));
    }

    private static Verdict unproven(Possession.Result result) {
        return new Verdict.Refused(((Possession.Result.Refused) result).refusal(), null);
    }

    private static Verdict noChain(KnownChains.Found found) {
        return found instanceof KnownChains.Found.Refused refused
                ? refused(new Denial(DenyReason.INVALID_TOKEN, refused.step(), refused.reason()), null)
                : refused(
                        new Denial(DenyReason.CHAIN_INCOMPLETE, null, "send the Delegation-Chain header once more"),
                        null);
    }

    private Mono<Verdict> proven(
            ServerHttpRequest request,
            Call.Presenting call,
            VerifiedChain chain,
            Possession.Result.Accepted proof,
            Instant now) {
        Revision revision = call.arrived().revision();
        // The standing is nearly always remembered: then the verdict is there at once, without one more operator.
        GovernedChains.Found remembered = governedChains.remembered(chain, revision);
        Mono<Verdict> verdict = remembered != null
                ? Mono.just(judge(request, call, chain, proof, remembered, now))
                : governedChains
                        .find(chain, revision)
                        .map(standing -> judge(request, call, chain, proof, standing, now))
                        .onErrorReturn(StoreUnavailableException.class, new Verdict.Unavailable());
        Mono<Void> reading = locks.reading();
        if (reading != null) {
            return verdict.flatMap(found -> reading.then(Mono.defer(() -> unlessLocked(found))));
        }
        return locks.none() ? verdict : verdict.flatMap(this::unlessLocked);
    }

    /** Ends in the state what an operator's order ended, before the call's step, which then finds it ended. */
    private Mono<Verdict> unlessLocked(Verdict verdict) {
        if (!(verdict instanceof Verdict.Accepted accepted)) {
            return Mono.just(verdict);
        }
        Caller caller = accepted.caller();
        String template = caller.policy().template();
        Mono<Boolean> seen = locks.see(caller.taskKey(), caller.chain(), template.isEmpty() ? null : template);
        return seen == null
                ? Mono.just(verdict)
                : seen.map(may -> may ? verdict : locked(caller))
                        .onErrorReturn(StoreUnavailableException.class, new Verdict.Unavailable());
    }

    /** The refusal of a locked task. It makes no step, so that the call does not begin the task. */
    private static Verdict locked(Caller caller) {
        TaskPolicy policy = caller.policy().template().isEmpty() ? null : caller.policy();
        return new Verdict.Ungoverned(
                Refusal.of(LOCKED),
                caller.chain(),
                new GoverningPolicies.Found.Refused("task", LOCKED.detail(), StartReason.LOCK, policy));
    }

    private Verdict judge(
            ServerHttpRequest request,
            Call.Presenting call,
            VerifiedChain chain,
            Possession.Result.Accepted proof,
            GovernedChains.Found standing,
            Instant now) {
        if (standing instanceof GovernedChains.Found.Refused refused) {
            return new Verdict.Ungoverned(Refusal.of(refused.denial()), chain, refused.cause());
        }
        GovernedChain task = ((GovernedChains.Found.Accepted) standing).standing();
        Caller caller = task.caller(chain, proof.claim(), proof.demand(), now);
        Candidacy candidate =
                candidates.of(chain, task.governed(), call.arrived().revision().policies());
        if (candidate != null) {
            caller = caller.beside(candidate);
        }
        WorkloadIdentities.Verdict workload = workloads.verify(
                request,
                call.arrived().revision().trust().svids(),
                call.presented().svid(),
                call.svidRequired(),
                call.route(),
                chain.leaf(),
                now);
        if (workload instanceof WorkloadIdentities.Verdict.Refused refused) {
            return refused(new Denial(DenyReason.IDENTITY_MISMATCH, null, refused.reason()), caller);
        }
        boolean attested = workload instanceof WorkloadIdentities.Verdict.Attested;
        return new Verdict.Accepted(attested ? caller.withAttestedLeaf() : caller);
    }

    private static Verdict refused(Denial why, @Nullable Caller holder) {
        return new Verdict.Refused(Refusal.of(why), holder);
    }
}
