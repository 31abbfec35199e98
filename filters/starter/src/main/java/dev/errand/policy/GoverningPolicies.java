package dev.errand.policy;

import dev.errand.denial.StartReason;
import dev.errand.sequence.SequencePolicy;
import dev.errand.state.StartStore;
import dev.errand.task.PinnedArguments;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.token.Capability;
import dev.errand.token.DelegationToken;
import dev.errand.token.ParameterValue;
import dev.errand.token.RootFacts.NamedTemplate;
import dev.errand.token.RootFacts.TaskFacts;
import dev.errand.token.VerifiedChain;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Finds the task that a chain belongs to, and the template revision that governs the task. A task keeps the revision it
 * began under, even if the file has changed since or this replica never had it. A root that our issuer started names
 * its revision; a root of another anchor is tied to the revision that ran when its chain was first judged here.
 * Thread-safe, never blocking; fails with {@link dev.errand.state.StoreUnavailableException}.
 */
public final class GoverningPolicies {
    /** For tasks of other anchors without a template: no plan, no rules, violations only deny or throttle. */
    public static final TaskPolicy UNTEMPLATED = new TaskPolicy(
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
    private final StartStore starts;
    private final SpreadTemplates spread = new SpreadTemplates();

    /** @param issuer our own identifier */
    public GoverningPolicies(String issuer, StoredPolicies revisions, StartStore starts) {
        this.issuer = issuer;
        this.revisions = revisions;
        this.starts = starts;
    }

    /** The outcome of {@link #of}. */
    public sealed interface Found {
        /**
         * The task is governed by this policy.
         *
         * @param ours whether our own issuer started it
         * @param cap the part of the root that an anchor's template allows, or null
         * @param untilMillis when a task of another anchor ends, epoch milliseconds; 0 for a task of ours
         * @param registerBeforeMillis the time after which such a task can no longer begin, epoch milliseconds
         * @param template the template of the policy, or null
         */
        record Accepted(
                TaskKey task,
                boolean ours,
                TaskPolicy policy,
                @Nullable Cap cap,
                long untilMillis,
                long registerBeforeMillis,
                @Nullable Template template)
                implements Found {
            /**
             * The end of a task of another anchor, which begins at its first call. 0 for a task that must already be
             * known: one of ours, and one whose anchor's {@code register-within} is over at this time.
             */
            public long registerUntilMillis(long nowMillis) {
                return nowMillis < registerBeforeMillis ? untilMillis : 0;
            }
        }

        /** Neither this replica nor the shared state has the revision any more: the task is over. */
        record Gone() implements Found {}

        /**
         * A root of another anchor that the templates of its anchor do not admit.
         *
         * @param step {@code task:} and the claim that is at fault
         * @param start why the root starts no task; null if the root may start one and only this chain is refused
         * @param policy the policy of the template that caps the anchor; null if no template does
         */
        record Refused(
                String step,
                String reason,
                @Nullable StartReason start,
                @Nullable TaskPolicy policy) implements Found {}
    }

    /**
     * What a template that caps an anchor allows of one of its roots, in addition to the limits of the root's own
     * details.
     *
     * @param capability the operations and resources that the template grants
     * @param children how many distinct direct children of each token may make a call, or null for no bound
     * @param untilMillis when the task ends, epoch milliseconds: at the root's expiry or, if earlier, the template's
     *     lifetime after the root was issued
     */
    public record Cap(Capability capability, @Nullable Long children, long untilMillis) {}

    /**
     * Finds what governs the chain's task.
     *
     * @param policies the current revision: a task of another anchor begins under its templates
     * @param anchors the terms of this revision for roots of other anchors, by the anchor's issuer
     */
    public Mono<Found> of(VerifiedChain chain, Policies policies, Map<String, AnchorTerms> anchors) {
        TaskFacts task = chain.root().anchor().equals(issuer) ? chain.root().task() : null;
        if (task == null) {
            return foreign(chain, policies, anchors.getOrDefault(chain.root().anchor(), AnchorTerms.NONE));
        }
        return revisions
                .template(task.revision(), chain.rootToken().bounds().sequence())
                .map(template -> template.<Found>map(found -> new Found.Accepted(
                                new TaskKey(task.id()), true, revisions.policyOf(found), null, 0, 0, found))
                        .orElseGet(Found.Gone::new));
    }

    /**
     * Governs a root of another anchor: by its own details, and by the template that caps its anchor, if there is one.
     */
    private Mono<Found> foreign(VerifiedChain chain, Policies policies, AnchorTerms terms) {
        DelegationToken root = chain.rootToken();
        TaskKey key = new TaskKey(root.id().hash());
        Set<String> caps = terms.templates();
        long before = terms.registerBeforeMillis(root.issuedAt());
        if (caps.isEmpty()) {
            return Mono.just(new Found.Accepted(key, false, UNTEMPLATED, null, root.expiry() * 1000, before, null));
        }
        NamedTemplate named = chain.root().named();
        String name = named != null
                ? named.template()
                : caps.size() == 1 ? caps.iterator().next() : "";
        Template running = caps.contains(name) ? policies.templates().get(name) : null;
        if (running == null) {
            return Mono.just(new Found.Refused(
                    "task:template", "the root names no template that caps its anchor", StartReason.TEMPLATE, null));
        }
        Map<String, ParameterValue> parameters = named == null ? Map.of() : named.parameters();
        long untilMillis = root.expiry() * 1000 + Task.MARGIN_MILLIS;
        return starts.saveRevision(running.revision(), running.text(), untilMillis)
                .then(starts.pinRevision(key.value(), running.revision(), untilMillis))
                .flatMap(revisions::template)
                .map(template -> template.map(found -> spread.of(found, policies))
                        .map(found -> capped(key, found, parameters, chain, before))
                        .orElseGet(Found.Gone::new));
    }

    /** The intersection of root and template: agents, humans, grants, lifetime and depth. */
    private Found capped(
            TaskKey key, Template template, Map<String, ParameterValue> parameters, VerifiedChain chain, long before) {
        TaskPolicy policy = revisions.policyOf(template).withoutConsent();
        Found.Refused admission = AnchorAdmission.refuses(template.admission(), chain, policy);
        if (admission != null) {
            return admission;
        }
        String fault = template.refusesParameters(parameters);
        if (fault != null) {
            return new Found.Refused("task:template", fault, StartReason.PARAMETER, policy);
        }
        if (chain.leaf().depth() > template.delegation().maxDepth()) {
            return new Found.Refused(
                    "task:template",
                    "the template that caps the anchor lets a task be handed on "
                            + template.delegation().maxDepth() + " deep",
                    null,
                    policy);
        }
        DelegationToken root = chain.rootToken();
        long until =
                Math.min(root.expiry(), root.issuedAt() + template.lifetime().toSeconds());
        PinnedArguments pinned = template.grants().pinned();
        Set<String> unfixed = pinned.unfixed(root.capability());
        Cap cap = new Cap(
                pinned.closing(PinnedArguments.without(template.granted(parameters), unfixed), root.capability()),
                template.delegation().maxChildren(),
                until * 1000);
        return new Found.Accepted(key, false, policy, cap, cap.untilMillis(), before, template);
    }
}
