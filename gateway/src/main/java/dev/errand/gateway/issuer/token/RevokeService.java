package dev.errand.gateway.issuer.token;

import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.HolderKey;
import dev.errand.delegation.RootFacts;
import dev.errand.delegation.VerifiedChain;
import dev.errand.gateway.issuer.Answer;
import dev.errand.gateway.issuer.OauthError;
import dev.errand.gateway.issuer.ProofCheck;
import dev.errand.gateway.issuer.Refusal;
import dev.errand.gateway.issuer.TokenRequest;
import dev.errand.gateway.issuer.start.StartKey;
import dev.errand.jose.Sha256;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.GoverningPolicies.Found.Governed;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskStep;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * The revocation endpoint (RFC 7009): a token's holder, or an ancestor's, ends it and all below it; the root's end
 * completes the task. A token that means nothing here is answered as one that was revoked. Thread-safe, never blocking.
 */
public final class RevokeService {
    /** The endpoint's path. */
    public static final String PATH = "/oauth2/revoke";

    private static final Answer DONE = Answer.ok(JsonObject.EMPTY);

    private final ProofCheck proofs;
    private final PresentedChain chains;
    private final GoverningPolicies policies;
    private final TaskStore tasks;
    private final StartStore starts;

    public RevokeService(
            ProofCheck proofs, PresentedChain chains, GoverningPolicies policies, TaskStore tasks, StartStore starts) {
        this.proofs = proofs;
        this.chains = chains;
        this.policies = policies;
        this.tasks = tasks;
        this.starts = starts;
    }

    /** Answers one request; {@code temporarily_unavailable} where the shared state cannot be reached. */
    public Mono<Answer> revoke(TokenRequest request) {
        String token = request.form().get("token");
        if (token == null) {
            return Mono.just(
                    Refusal.of(OauthError.INVALID_REQUEST, "token is missing").answer());
        }
        Optional<VerifiedChain> verified = chains.verify(request, token);
        return proofs.check(
                        request,
                        PATH,
                        Sha256.base64UrlOf(token),
                        key -> verified.filter(chain -> PresentedChain.isHeldBy(chain, key.thumbprint()))
                                .isPresent())
                .flatMap(proof -> proof.then(
                        holder -> verified.map(chain -> revoke(chain, holder)).orElse(Mono.just(DONE))))
                .onErrorResume(
                        StoreUnavailableException.class,
                        e -> Mono.just(Refusal.unavailable().answer()));
    }

    private Mono<Answer> revoke(VerifiedChain chain, HolderKey holder) {
        if (!PresentedChain.isHeldBy(chain, holder.thumbprint())) {
            return Mono.just(Refusal.of(
                            OauthError.INVALID_DPOP_PROOF,
                            "the proof is not by the holder of the token or of an ancestor")
                    .answer());
        }
        DelegationToken leaf = chain.leaf();
        DelegationToken root = chain.rootToken();
        return policies.of(chain).flatMap(found -> {
            if (!(found instanceof Governed governed)) {
                return Mono.just(DONE);
            }
            long registerUntilMillis = governed.ours() ? 0 : root.expiry() * 1000;
            return tasks.apply(
                            governed.task(),
                            governed.policy(),
                            new TaskStep.Revoke(leaf.id(), root.id(), registerUntilMillis))
                    .then(release(chain))
                    .thenReturn(DONE);
        });
    }

    /** A task that ended makes room for another of the same human and agent. */
    private Mono<Void> release(VerifiedChain chain) {
        RootFacts root = chain.root();
        RootFacts.TaskFacts task = root.task();
        return chain.tokens().size() > 1 || task == null || root.actor() == null
                ? Mono.empty()
                : starts.release(StartKey.of(task.template(), root.human(), root.actor()), task.id());
    }
}
