package dev.errand.issuer;

import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.loop.Uncancelled;
import dev.errand.policy.GoverningPolicies.Found.Accepted;
import dev.errand.state.StartStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.token.DelegationToken;
import dev.errand.token.HolderKey;
import dev.errand.token.RootFacts;
import dev.errand.token.Sha256;
import dev.errand.token.SignedChain;
import dev.errand.token.SpiffeId;
import dev.errand.token.VerifiedChain;
import dev.errand.web.refusal.StartRecords;
import dev.errand.web.refusal.TaskMetrics;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The revocation endpoint (RFC 7009): a token's holder, or an ancestor's, ends it and all below it; the root's end
 * completes the task. A token that does not verify and a proof of another key get the same answer, so that a finder of tokens
 * does not learn which of them are genuine. The agent of a standing errand ends it with all its runs, and withdraws a request to a
 * human by its {@code device_code}. Thread-safe, never blocking.
 */
record RevokeService(
        ClientAuthentication clients,
        ProofCheck proofs,
        PresentedChain chains,
        TaskLookup policies,
        TaskStore tasks,
        StartStore starts,
        ProvenanceLog log,
        StartRecords records,
        TaskMetrics metrics,
        StandingEnds standing,
        AskedTasks asked) {
    /** The endpoint's path. */
    public static final String PATH = "/oauth2/revoke";

    private static final Logger LOG = LoggerFactory.getLogger(RevokeService.class);

    private static final Answer DONE = done(false);

    /** The answer to a request without a holder's proof, for any token. */
    private static final Answer NOT_THEIRS = Refusal.of(
                    OauthError.INVALID_DPOP_PROOF,
                    "the token does not verify here, or the proof is not by the holder of the token or of an ancestor")
            .answer();

    /** @param confirmed whether a replica of the store has the ending too */
    private static Answer done(boolean confirmed) {
        return Answer.ok(new JsonObject(Map.of("confirmed", new JsonBoolean(confirmed))));
    }

    /** Answers one request; {@code temporarily_unavailable} where the shared state cannot be reached. */
    public Mono<Answer> revoke(TokenRequest request) {
        String token = request.form().get("token");
        if (token == null) {
            return Mono.just(
                    Refusal.of(OauthError.INVALID_REQUEST, "token is missing").answer());
        }
        Mono<Answer> answer = StandingRuns.isToken(token)
                ? agents(request, token, (agent, holder) -> errand(agent, StandingRuns.idOf(token)))
                : DeviceGrant.isCode(token)
                        ? agents(request, token, (agent, holder) -> asked.withdraw(token, agent, holder))
                        : proofs.verify(request, PATH, Sha256.base64UrlOf(token))
                                .then(proof -> proven(request, token, proof));
        return answer.onErrorResume(
                StoreUnavailableException.class,
                e -> Mono.just(
                        AwayLog.SHARED.refuse(Dependency.STATE, e.getMessage()).answer()));
    }

    /** Ends what is the agent's own. Whether something of another agent exists is told to nobody. */
    private Mono<Answer> agents(TokenRequest request, String token, BiFunction<SpiffeId, HolderKey, Mono<Void>> end) {
        return clients.authenticate(request)
                .flatMap(client -> client.then(agent -> proofs.check(request, PATH, Sha256.base64UrlOf(token))
                        .flatMap(proof ->
                                proof.then(holder -> end.apply(agent, holder).thenReturn(DONE)))));
    }

    private Mono<Void> errand(SpiffeId agent, String id) {
        return standing.find(id)
                .flatMap(found ->
                        found.isPresent() && found.get().errand().agent().equals(agent.toString())
                                ? Uncancelled.of(standing.end(id, EndedBy.HOLDER, "Its agent ended it.")
                                        .then())
                                : Mono.empty());
    }

    /** Verifies only signatures until the proof is known to be fresh and by a holder. */
    private Mono<Answer> proven(TokenRequest request, String token, ProofCheck.Proof proof) {
        Optional<SignedChain> signed = chains.signed(request, token);
        if (signed.isEmpty() || !signed.get().isHeldBy(proof.key().thumbprint())) {
            return Mono.just(NOT_THEIRS);
        }
        return proofs.use(proof)
                .flatMap(fresh -> fresh.then(holder -> chains.check(signed.get())
                        .map(chain -> Uncancelled.of(revoke(chain)))
                        .orElse(Mono.just(DONE))));
    }

    private Mono<Answer> revoke(VerifiedChain chain) {
        DelegationToken leaf = chain.leaf();
        DelegationToken root = chain.rootToken();
        return policies.of(chain).flatMap(found -> {
            if (!(found instanceof Accepted governed)) {
                return Mono.just(DONE);
            }
            long until = governed.registerUntilMillis(System.currentTimeMillis());
            return tasks.apply(
                            governed.task(),
                            governed.policy(),
                            new TaskStep.Revoke(leaf.id(), root.id(), leaf.depth(), until))
                    .flatMap(outcome -> begun(chain, governed, until, outcome).thenReturn(outcome))
                    .flatMap(outcome -> outcome instanceof TaskOutcome.Denied denied && denied.denial() != null
                            ? Mono.just(Refusal.of(
                                            OauthError.INVALID_REQUEST,
                                            denied.denial().detail())
                                    .answer())
                            : record(chain, governed, outcome)
                                    .then(release(chain))
                                    .then(tasks.confirm(governed.task()))
                                    .map(RevokeService::done));
        });
    }

    /** Records the beginning of another anchor's task if it ends, or a token of it, before its first call: this request began it. */
    private Mono<Void> begun(VerifiedChain chain, Accepted governed, long untilMillis, TaskOutcome outcome) {
        boolean begun =
                outcome instanceof TaskOutcome.Done done && done.progress().begun();
        return begun ? records.begun(chain, governed.policy(), governed.task().value(), untilMillis) : Mono.empty();
    }

    /** Records the end if this request caused it. The task or token has ended, so it is answered even if the log fails. */
    private Mono<Void> record(VerifiedChain chain, Accepted governed, TaskOutcome outcome) {
        if (!(outcome instanceof TaskOutcome.Done done) || !done.ended()) {
            return Mono.empty();
        }
        DelegationToken leaf = chain.leaf();
        metrics.ended(governed.policy().template(), EndedBy.HOLDER);
        ProvenanceRecord ending = new ProvenanceRecord.Ended(
                Instant.now(),
                governed.task().value(),
                chain.tokens().size() == 1 ? null : leaf.id().hash(),
                leaf.holder().thumbprint().value(),
                TaskState.COMPLETED.wire(),
                EndedBy.HOLDER,
                null,
                chain.root().human(),
                chain.tokens().size() == 1 ? "A holder ended the task." : "A holder ended the token and all below it.");
        return log.append(ending).onErrorResume(ProvenanceLog.LogUnavailableException.class, e -> {
            LOG.warn("ending not recorded task={}: {}", governed.task().value(), e.getMessage());
            return Mono.empty();
        });
    }

    /** Frees the ended task's place in the limits for another start of the same human and agent. */
    private Mono<Void> release(VerifiedChain chain) {
        RootFacts root = chain.root();
        RootFacts.TaskFacts task = root.task();
        return chain.tokens().size() > 1 || task == null || root.actor() == null
                ? Mono.empty()
                : starts.release(StartKey.of(task.template(), root.human(), root.actor()), task.id());
    }
}
