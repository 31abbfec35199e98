package dev.errand.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.delegation.Capability;
import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.RootFacts;
import dev.errand.delegation.TaskBounds;
import dev.errand.delegation.TokenId;
import dev.errand.delegation.VerifiedChain;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.identity.Holder;
import dev.errand.limit.Bandwidth;
import dev.errand.policy.StoredPolicies;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import dev.errand.task.template.Template;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final StoredPolicies revisions;
    private final Cache<TokenId, Kept> standings =
            Caffeine.newBuilder().maximumSize(100_000).build();

    /**
     * A standing that was found.
     *
     * @param revision by whose caps it was found, for a root of another anchor; null where no later revision can differ
     */
    private record Kept(Call.Standing standing, @Nullable Revision revision) {}

    TaskPolicies(String issuer, boolean observe, StoredPolicies revisions) {
        this.issuer = issuer;
        this.observe = observe;
        this.revisions = revisions;
    }

    /** The outcome of {@link #of}. */
    sealed interface Found {
        record Known(Call.Standing standing) implements Found {}

        /** The task's template cannot judge it. */
        record Refused(Denial denial) implements Found {}
    }

    /** The chain's standing in the eyes of a revision. */
    Mono<Found> of(VerifiedChain chain, Revision revision) {
        Kept known = standings.getIfPresent(chain.leaf().id());
        if (known != null && (known.revision() == null || known.revision() == revision)) {
            return Mono.just(new Found.Known(known.standing()));
        }
        RootFacts.TaskFacts task = ours(chain);
        if (task == null) {
            return Mono.just(foreign(chain, revision));
        }
        return revisions
                .find(task.revision())
                .map(policy -> policy.<Found>map(p -> keep(chain, p, null, null))
                        .orElseGet(() -> new Found.Refused(new Denial(
                                DenyReason.TASK_ENDED,
                                null,
                                "the template revision that the task runs under is gone"))));
    }

    private RootFacts.@Nullable TaskFacts ours(VerifiedChain chain) {
        return chain.root().anchor().equals(issuer) ? chain.root().task() : null;
    }

    /** A root of another anchor: within its own details, and within the template that caps its anchor, if one does. */
    private Found foreign(VerifiedChain chain, Revision revision) {
        Set<String> caps =
                revision.trust().anchorTemplates().getOrDefault(chain.root().anchor(), Set.of());
        if (caps.isEmpty()) {
            return keep(chain, UNTEMPLATED, null, revision);
        }
        RootFacts.NamedTemplate named = chain.root().named();
        String name = named != null
                ? named.template()
                : caps.size() == 1 ? caps.iterator().next() : "";
        Template template =
                caps.contains(name) ? revision.policies().templates().get(name) : null;
        if (template == null) {
            return refused("the root names no template that caps its anchor");
        }
        Map<String, String> parameters = named == null ? Map.of() : named.parameters();
        String fault = template.refusesParameters(parameters);
        return fault == null
                ? keep(chain, template.policy(observe), template.granted(parameters), revision)
                : refused(fault);
    }

    private static Found refused(String reason) {
        return new Found.Refused(new Denial(DenyReason.INVALID_TOKEN, "task:template", reason));
    }

    private Found keep(VerifiedChain chain, TaskPolicy policy, @Nullable Capability cap, @Nullable Revision revision) {
        Call.Standing standing = standing(chain, policy, cap);
        standings.put(chain.leaf().id(), new Kept(standing, revision));
        return new Found.Known(standing);
    }

    private Call.Standing standing(VerifiedChain chain, TaskPolicy policy, @Nullable Capability cap) {
        RootFacts.TaskFacts task =
                chain.root().anchor().equals(issuer) ? chain.root().task() : null;
        String label = task != null ? task.id() : chain.rootToken().id().hash();
        List<TokenAccount> accounts = new ArrayList<>();
        List<Holder> holders = new ArrayList<>();
        for (DelegationToken token : chain.tokens()) {
            boolean root = token.depth() == 0;
            accounts.add(account(token, root ? policy : null));
            holders.add(new Holder(token.holder().thumbprint(), token.actor(), root));
        }
        return new Call.Standing(new TaskKey(label), label, List.copyOf(holders), accounts, policy, cap);
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
}
