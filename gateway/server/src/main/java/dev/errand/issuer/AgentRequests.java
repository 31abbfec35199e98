package dev.errand.issuer;

import dev.errand.denial.StartReason;
import dev.errand.state.StoreUnavailableException;
import dev.errand.token.HolderKey;
import dev.errand.token.SpiffeId;
import java.util.Map;
import java.util.function.BiFunction;
import reactor.core.publisher.Mono;

/**
 * Admits the requests of agents that start or ask for tasks: the client's SVID, its rate, and the proof of the task's key are checked
 * first, so only the agent learns anything about templates, humans or tasks. Thread-safe, never blocking.
 */
record AgentRequests(ClientAuthentication clients, ClientRate rate, ProofCheck proofs) {
    /** The refusal of one request too many. */
    static final Refusal TOO_OFTEN = new Refusal(
            OauthError.TOO_MANY,
            "the agent sends requests too often: wait as long as Retry-After says",
            Map.of("Retry-After", "1"),
            StartReason.RATE,
            null);

    /**
     * Answers with the refusal, or goes on with the agent and the holder's key.
     *
     * @param path the endpoint's path
     */
    Mono<Answer> admit(
            TokenRequest request,
            String path,
            StartAttempt attempt,
            BiFunction<SpiffeId, HolderKey, Mono<Answer>> next) {
        return clients.authenticate(request)
                .flatMap(client -> client.then(agent -> proven(request, path, agent, attempt, next), attempt::refused))
                .onErrorResume(
                        StoreUnavailableException.class,
                        e -> attempt.refused(AwayLog.SHARED.refuse(Dependency.STATE, e.getMessage())));
    }

    private Mono<Answer> proven(
            TokenRequest request,
            String path,
            SpiffeId agent,
            StartAttempt attempt,
            BiFunction<SpiffeId, HolderKey, Mono<Answer>> next) {
        attempt.by(agent);
        if (!rate.admits(agent)) {
            return attempt.refused(TOO_OFTEN);
        }
        return proofs.check(request, path, null)
                .flatMap(proof -> proof.then(holder -> next.apply(agent, holder), attempt::refused));
    }
}
