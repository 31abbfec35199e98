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
import dev.errand.policy.Policies;
import dev.errand.sequence.SequencePolicy;
import dev.errand.state.StartStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import dev.errand.task.template.Template;
import dev.errand.task.template.TemplateParser;
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
    private final boolean observe;
    private final StartStore starts;
    private final TemplateParser parser;
    private final Cache<TokenId, Call.Standing> standings =
            Caffeine.newBuilder().maximumSize(100_000).build();
    private final Cache<String, Template> pastRevisions =
            Caffeine.newBuilder().maximumSize(1_000).build();

    TaskPolicies(String issuer, boolean observe, StartStore starts, TemplateParser parser) {
        this.issuer = issuer;
        this.observe = observe;
        this.starts = starts;
        this.parser = parser;
    }

    /** The chain's standing; empty if the revision that its task runs under cannot be found any more. */
    Mono<Call.Standing> of(VerifiedChain chain, Policies policies) {
        Call.Standing known = standings.getIfPresent(chain.leaf().id());
        if (known != null) {
            return Mono.just(known);
        }
        return policy(chain, policies).map(policy -> {
            Call.Standing standing = standing(chain, policy);
            standings.put(chain.leaf().id(), standing);
            return standing;
        });
    }

    private Mono<TaskPolicy> policy(VerifiedChain chain, Policies policies) {
        RootFacts.TaskFacts task = chain.root().task();
        if (!chain.root().anchor().equals(issuer) || task == null) {
            return Mono.just(UNTEMPLATED);
        }
        Template current = policies.templates().get(task.template());
        if (current != null && current.revision().equals(task.revision())) {
            return Mono.just(current.policy(observe));
        }
        Template past = pastRevisions.getIfPresent(task.revision());
        if (past != null) {
            return Mono.just(past.policy(observe));
        }
        return starts.findRevision(task.revision())
                .flatMap(text -> Mono.justOrEmpty(text.flatMap(parser::parse)))
                .filter(template -> template.revision().equals(task.revision()))
                .doOnNext(template -> pastRevisions.put(task.revision(), template))
                .map(template -> template.policy(observe));
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
