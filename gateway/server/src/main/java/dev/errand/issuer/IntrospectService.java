package dev.errand.issuer;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.policy.GoverningPolicies.Found.Accepted;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.token.DelegationToken;
import dev.errand.token.RootFacts;
import dev.errand.token.SignedChain;
import dev.errand.token.TaskBounds;
import dev.errand.token.VerifiedChain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import reactor.core.publisher.Mono;

/**
 * The introspection endpoint (RFC 7662). The holder of a token or of an ancestor (by DPoP), and the agent that its root
 * names (by client assertion), learn whether the token is active and what it grants. All others are told "not active".
 * Thread-safe, never blocking.
 */
record IntrospectService(
        ClientAuthentication clients, ProofCheck proofs, PresentedChain chains, TaskLookup policies, TaskStore tasks) {
    /** The endpoint's path. */
    public static final String PATH = "/oauth2/introspect";

    private static final Answer INACTIVE = Answer.ok(new JsonObject(Map.of("active", new JsonBoolean(false))));

    /** Answers one request; {@code temporarily_unavailable} where the shared state cannot be reached. */
    public Mono<Answer> introspect(TokenRequest request) {
        String token = request.form().get("token");
        if (token == null) {
            return Mono.just(
                    Refusal.of(OauthError.INVALID_REQUEST, "token is missing").answer());
        }
        boolean byClient = clients.isAttempted(request)
                || (request.proofs().isEmpty() && !request.certificates().isEmpty());
        Mono<Answer> answer = byClient
                ? clients.authenticate(request)
                        .flatMap(client -> client.then(agent -> look(chains.verify(request, token)
                                .filter(chain ->
                                        agent.toString().equals(chain.root().actor())))))
                : request.proofs().isEmpty()
                        ? Mono.just(
                                Refusal.of(OauthError.INVALID_CLIENT, "a DPoP proof or a client assertion is needed")
                                        .answer())
                        : proofs.verify(request, PATH, null).then(proof -> proven(request, token, proof));
        return answer.onErrorResume(
                StoreUnavailableException.class,
                e -> Mono.just(
                        AwayLog.SHARED.refuse(Dependency.STATE, e.getMessage()).answer()));
    }

    /** Verifies only signatures until the proof is known to be fresh and by a holder. */
    private Mono<Answer> proven(TokenRequest request, String token, ProofCheck.Proof proof) {
        Optional<SignedChain> held = chains.signed(request, token)
                .filter(chain -> chain.isHeldBy(proof.key().thumbprint()));
        return held.isEmpty()
                ? Mono.just(INACTIVE)
                : proofs.use(proof).flatMap(fresh -> fresh.then(holder -> look(chains.check(held.get()))));
    }

    private Mono<Answer> look(Optional<VerifiedChain> chain) {
        return chain.isEmpty() ? Mono.just(INACTIVE) : look(chain.get());
    }

    private Mono<Answer> look(VerifiedChain chain) {
        List<dev.errand.token.TokenId> ids =
                chain.tokens().stream().map(DelegationToken::id).toList();
        return policies.of(chain)
                .flatMap(found -> found instanceof Accepted governed
                        ? tasks.apply(governed.task(), governed.policy(), new TaskStep.Look(ids))
                                .map(outcome -> isActive(outcome, governed) ? active(chain, governed) : INACTIVE)
                        : Mono.just(INACTIVE));
    }

    /** Whether the token is active. A task of another anchor has no state before its first call; then its token decides. */
    private static boolean isActive(TaskOutcome outcome, Accepted governed) {
        long nowMillis = Instant.now().toEpochMilli();
        return outcome instanceof TaskOutcome.Done done
                ? done.state() == TaskState.ACTIVE
                : outcome instanceof TaskOutcome.Ended ended
                        && ended.state() == TaskState.EXPIRED
                        && nowMillis < governed.registerUntilMillis(nowMillis);
    }

    private static Answer active(VerifiedChain chain, Accepted governed) {
        DelegationToken leaf = chain.leaf();
        RootFacts root = chain.root();
        JsonMembers body = new JsonMembers();
        body.put("active", true);
        body.put("token_type", "DPoP");
        body.put(
                "scope",
                String.join(" ", new TreeSet<>(leaf.capability().tools().keySet())));
        body.put("iss", leaf.issuer());
        body.put("jti", leaf.jti());
        body.put("iat", leaf.issuedAt());
        body.put("exp", expiry(chain, governed));
        if (!leaf.audience().isEmpty()) {
            body.put("aud", leaf.audience());
        }
        body.put("sub", root.human().subject());
        body.put(
                "sub_id",
                new JsonObject(Map.of(
                        "format",
                        new JsonString("iss_sub"),
                        "iss",
                        new JsonString(root.human().issuer()),
                        "sub",
                        new JsonString(root.human().subject()))));
        if (root.actor() != null) {
            body.put("client_id", root.actor());
            body.put("act", new JsonObject(Map.of("sub", new JsonString(root.actor()))));
        }
        body.put(
                "cnf",
                new JsonObject(
                        Map.of("jkt", new JsonString(leaf.holder().thumbprint().value()))));
        body.put("del_depth", leaf.depth());
        body.put("del_max_depth", leaf.maxDepth());
        body.put("task", task(chain));
        List<JsonValue> details = new ArrayList<>(List.of(leaf.capability().toJson()));
        if (!leaf.bounds().equals(TaskBounds.NONE)) {
            details.add(leaf.bounds().toJson());
        }
        body.put("authorization_details", new JsonArray(details));
        return Answer.ok(body.toJson());
    }

    /** The earliest end of the chain's tokens and, where a template caps the task, of the task. */
    private static long expiry(VerifiedChain chain, Accepted governed) {
        long tokens = chain.earliestExpiry();
        return governed.ours() ? tokens : Math.min(tokens, governed.untilMillis() / 1000);
    }

    private static JsonObject task(VerifiedChain chain) {
        JsonMembers task = new JsonMembers();
        RootFacts.TaskFacts facts = chain.root().task();
        if (facts == null) {
            task.put("id", chain.rootToken().id().hash());
        } else {
            task.put("id", facts.id());
            task.put("template", facts.template());
            task.put("revision", facts.revision());
        }
        task.put("state", TaskState.ACTIVE.wire());
        return task.toJson();
    }
}
