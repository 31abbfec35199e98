package dev.errand.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.RootFacts;
import dev.errand.delegation.TaskBounds;
import dev.errand.delegation.TokenId;
import dev.errand.delegation.VerifiedChain;
import dev.errand.identity.Holder;
import dev.errand.limit.Bandwidth;
import dev.errand.policy.StoredPolicies;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The standing of a chain: under which template revision its task runs, and what its calls are charged to. A task keeps
 * the revision it started under, even when the file has changed since, or this replica never had it. Thread-safe.
 */
final class TaskPolicies {
    /** For tasks of other anchors without a template: no plan, no rules, violations only deny or throttle. */
    static final TaskPolicy UNTEMPLATED = new TaskPolicy(
            "",
            "",
            List.of(),
            Map.of(),
            null,
            SequencePolicy.ANY_ORDER,
            TaskPolicy.Reactions.NEVER_INTERRUPT,
            TaskPolicy.Cut.SUBTREE,
            TaskPolicy.Flow.OFF,
            false);

    private final String issuer;
    private final StoredPolicies revisions;
    private final Cache<TokenId, Call.Standing> standings =
            Caffeine.newBuilder().maximumSize(100_000).build();

    TaskPolicies(String issuer, StoredPolicies revisions) {
        this.issuer = issuer;
        this.revisions = revisions;
    }

    /** The chain's standing; empty if the revision that its task runs under cannot be found any more. */
    Mono<Call.Standing> of(VerifiedChain chain) {
        Call.Standing known = standings.getIfPresent(chain.leaf().id());
        if (known != null) {
            return Mono.just(known);
        }
        return policy(chain).map(policy -> {
            Call.Standing standing = standing(chain, policy);
            standings.put(chain.leaf().id(), standing);
            return standing;
        });
    }

    private Mono<TaskPolicy> policy(VerifiedChain chain) {
        RootFacts.TaskFacts task = chain.root().task();
        if (!chain.root().anchor().equals(issuer) || task == null) {
            return Mono.just(UNTEMPLATED);
        }
        return revisions.find(task.revision()).flatMap(Mono::justOrEmpty);
    }

    private Call.Standing standing(VerifiedChain chain, TaskPolicy policy) {
        RootFacts.TaskFacts task =
                chain.root().anchor().equals(issuer) ? chain.root().task() : null;
        boolean ours = task != null;
        String label = task != null ? task.id() : chain.rootToken().id().hash();
        List<TokenAccount> accounts = new ArrayList<>();
        List<Holder> holders = new ArrayList<>();
        for (DelegationToken token : chain.tokens()) {
            boolean root = token.depth() == 0;
            accounts.add(account(token, root ? policy : null));
            holders.add(new Holder(token.holder().thumbprint(), token.actor(), root));
        }
        return new Call.Standing(
                new TaskKey(ours ? label : "r-" + label), label, List.copyOf(holders), accounts, policy);
    }

    /** A root's bounds that only repeat its template's are charged once, as the task's. */
    private static TokenAccount account(DelegationToken token, @Nullable TaskPolicy taskPolicy) {
        TaskBounds bounds = token.bounds();
        List<Bandwidth> limits = new ArrayList<>();
        for (TaskBounds.Limit limit : bounds.limits()) {
            Bandwidth bandwidth = new Bandwidth(limit.capacity(), Duration.ofSeconds(limit.periodSeconds()), false);
            if (taskPolicy == null || !taskPolicy.limits().contains(bandwidth)) {
                limits.add(bandwidth);
            }
        }
        Long calls = bounds.calls();
        boolean repeated = taskPolicy != null && calls != null && calls.equals(taskPolicy.calls());
        return new TokenAccount(token.id(), repeated ? null : calls, bounds.children(), limits);
    }

    /** Drops what was derived from keys or templates that are no longer trusted. */
    void forget() {
        standings.invalidateAll();
    }
}
