package dev.errand.task;

import dev.errand.limit.TokenBucket;
import dev.errand.operation.Operation;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.token.Sha256;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The part of a template revision that judges steps on the shared state of a task. Compiled when the template is
 * loaded, and shared by all calls of all tasks under the revision.
 *
 * @param template the template's name; empty for a task of another anchor
 * @param revision {@code sha-256:} digest of the template
 * @param limits buckets of the whole task
 * @param operationLimits buckets by operation id
 * @param calls the most calls of the whole task, or null
 * @param sequence plan and rules
 * @param reactions what each kind of violation leads to
 * @param cut what an interruption ends
 * @param flow what untrusted content does to operations that need a trusted task
 * @param observe whether the gateway only observes: limits, budgets, sequence, rules and flow are decided and reported,
 *     not enforced
 * @param ask who is asked about calls, or null if nobody is
 * @param fixed the arguments that content which comes in later cannot choose
 * @param candidate the policy that is judged beside this one and never enforced, or null
 * @param narrower the digest of the plan that governs the task instead of the template's, or null
 */
public record TaskPolicy(
        String template,
        String revision,
        List<TokenBucket> limits,
        Map<String, List<TokenBucket>> operationLimits,
        @Nullable Long calls,
        SequencePolicy sequence,
        Reactions reactions,
        Cut cut,
        Flow flow,
        boolean observe,
        @Nullable AskPolicy ask,
        Fixed fixed,
        @Nullable TaskPolicy candidate,
        @Nullable String narrower) {
    /** What is asked about calls of an operation, whatever plan and rules say. */
    public AlwaysAsked.Asked asked(Operation operation) {
        return ask == null ? AlwaysAsked.Asked.NOTHING : ask.always().of(operation);
    }

    /** A policy that asks nobody and has no fixed arguments. */
    public TaskPolicy(
            String template,
            String revision,
            List<TokenBucket> limits,
            Map<String, List<TokenBucket>> operationLimits,
            @Nullable Long calls,
            SequencePolicy sequence,
            Reactions reactions,
            Cut cut,
            Flow flow,
            boolean observe) {
        this(
                template,
                revision,
                limits,
                operationLimits,
                calls,
                sequence,
                reactions,
                cut,
                flow,
                observe,
                null,
                Fixed.NONE,
                null,
                null);
    }

    public TaskPolicy {
        limits = List.copyOf(limits);
        operationLimits = Map.copyOf(operationLimits);
    }

    /** The same policy, with a candidate beside it. */
    public TaskPolicy beside(@Nullable TaskPolicy other) {
        return with(fixed, other);
    }

    private TaskPolicy with(Fixed others, @Nullable TaskPolicy other) {
        return with(sequence, others, other, narrower);
    }

    /** The same policy with a narrower plan in the place of the template's. */
    public TaskPolicy narrowed(SequencePolicy plan) {
        return with(plan, fixed, candidate, plan.digest());
    }

    private TaskPolicy with(
            SequencePolicy plan, Fixed others, @Nullable TaskPolicy other, @Nullable String planDigest) {
        return new TaskPolicy(
                template,
                revision,
                limits,
                operationLimits,
                calls,
                plan,
                reactions,
                cut,
                flow,
                observe,
                ask,
                others,
                other,
                planDigest);
    }

    /** Whether the plan, a rule or {@code flow-from} cannot be held to without the answers of calls. */
    public boolean needsAnswers() {
        return sequence.needsAnswers()
                || (flow == Flow.ENFORCE && !fixed.sources().isEmpty());
    }

    /** The names of the values in the operation's answers that rules or flow look at; empty for nearly every operation. */
    public Set<String> returns(String operation) {
        Set<String> ofRules = sequence.returns(operation);
        Set<String> ofFlow = flow == Flow.OFF ? Set.of() : fixed.returns(operation);
        if (ofFlow.isEmpty()) {
            return ofRules;
        }
        Set<String> all = new TreeSet<>(ofRules);
        all.addAll(ofFlow);
        return all;
    }

    /**
     * The values of an answer that are kept among all that came.
     *
     * @param trusted whether the task was still trusted when the answer came
     */
    public List<AnswerValues.Named> remembered(List<AnswerValues.Named> values, boolean trusted) {
        List<AnswerValues.Named> kept = new ArrayList<>();
        for (AnswerValues.Named value : values) {
            if (sequence.remembers(value)) {
                kept.add(value);
            }
            if (flow != Flow.OFF
                    && (trusted || value.authority())
                    && fixed.returns(value.operation()).contains(value.name())) {
                kept.add(value.trusted());
            }
        }
        return kept;
    }

    /** A name of the policy in a task's record: only a policy of the same name reads the state of its plan and rules. */
    public long fingerprint() {
        return Sha256.fingerprint(narrower == null ? revision : revision + ' ' + narrower);
    }

    /** The same policy for a task whose human gave no consent here. */
    public TaskPolicy withoutConsent() {
        Fixed left = fixed.withoutConsent();
        TaskPolicy other = candidate == null ? null : candidate.withoutConsent();
        return left == fixed && other == candidate ? this : with(left, other);
    }

    /** The rules that refuse calls, in the template's order, each with what a violation leads to. */
    public Map<Rule, Reaction> rules() {
        Map<Rule, Reaction> refusing = new LinkedHashMap<>();
        List<RuleMonitor> all = sequence instanceof CompiledSequence compiled ? compiled.rules() : List.of();
        for (int place = 0; place < all.size(); place++) {
            Rule rule = all.get(place).rule();
            if (!rule.observe()) {
                refusing.put(rule, reactions.rule(place));
            }
        }
        return refusing;
    }

    /**
     * The violations of which one ends a task. One that no call can make, such as that of a plan where there is none, is
     * left out.
     *
     * @param bounded whether the tokens of the task have limits of their own
     */
    public List<Violation> ending(boolean bounded) {
        List<Violation> ending = new ArrayList<>();
        if (reactions.sequence() == Reaction.INTERRUPT && sequence.states() > 0) {
            ending.add(Violation.SEQUENCE);
        }
        if (rules().containsValue(Reaction.INTERRUPT)) {
            ending.add(Violation.RULE);
        }
        if (reactions.flow() == Reaction.INTERRUPT && flow == Flow.ENFORCE) {
            ending.add(Violation.FLOW);
        }
        boolean limited = Stream.concat(
                        limits.stream(), operationLimits.values().stream().flatMap(List::stream))
                .anyMatch(bucket -> !bucket.bandwidth().observe());
        if (reactions.limit() == Reaction.INTERRUPT && (bounded || limited || calls != null)) {
            ending.add(Violation.LIMIT);
        }
        if (reactions.notGranted() == Reaction.INTERRUPT) {
            ending.add(Violation.NOT_GRANTED);
        }
        if (ask != null && ask.refusedInterrupts()) {
            ending.add(Violation.APPROVAL_REFUSED);
        }
        return ending;
    }

    /** What a call can violate. */
    public enum Violation {
        SEQUENCE,
        RULE,
        FLOW,
        LIMIT,
        NOT_GRANTED,
        /** A human has refused the call, and it is made again. */
        APPROVAL_REFUSED;

        /** Its word in messages. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What an interruption ends. */
    public enum Cut {
        /** The offender's token and all tokens below it; the task if the offender is the root. */
        SUBTREE,
        TASK
    }

    /** Whether the flow rule is enforced: operations that need a trusted task are refused to an untrusted one. */
    public enum Flow {
        OFF,
        OBSERVE,
        ENFORCE
    }

    /** What a violation leads to. */
    public enum Reaction {
        DENY,
        /** Denies, with a time to come back; only for rates. */
        THROTTLE,
        INTERRUPT,
        /** Asks a human; only for plan, rules and flow. */
        ASK
    }

    /**
     * The reactions of a template ({@code on-violation}).
     *
     * @param repeated how many denials, within which time, lead to a further reaction; null for none
     * @param flow the reaction of the flow rule
     * @param ofRules the reactions of the rules that name one themselves, by their place among the rules
     */
    public record Reactions(
            Reaction sequence,
            Reaction rule,
            Reaction limit,
            Reaction notGranted,
            @Nullable Repeated repeated,
            Reaction flow,
            Map<Integer, Reaction> ofRules) {
        public Reactions {
            ofRules = Map.copyOf(ofRules);
        }

        /** The same reactions, where these rules have one of their own. */
        public Reactions with(Map<Integer, Reaction> own) {
            return new Reactions(sequence, rule, limit, notGranted, repeated, flow, own);
        }

        /** The reaction to a violation of the rule at that place. */
        public Reaction rule(int place) {
            return ofRules.isEmpty() ? rule : ofRules.getOrDefault(place, rule);
        }

        /** Whether some violation leads to a question to humans. */
        public boolean asks() {
            return sequence == Reaction.ASK
                    || rule == Reaction.ASK
                    || flow == Reaction.ASK
                    || ofRules.containsValue(Reaction.ASK);
        }

        /** Reactions whose flow rule denies. */
        public Reactions(
                Reaction sequence, Reaction rule, Reaction limit, Reaction notGranted, @Nullable Repeated repeated) {
            this(sequence, rule, limit, notGranted, repeated, Reaction.DENY, Map.of());
        }

        /** The documented defaults. */
        public static final Reactions DEFAULT = new Reactions(
                Reaction.INTERRUPT, Reaction.INTERRUPT, Reaction.THROTTLE, Reaction.DENY, new Repeated(5, 60_000));

        /** For tasks without a template: every violation only denies or throttles. */
        public static final Reactions NEVER_INTERRUPT =
                new Reactions(Reaction.DENY, Reaction.DENY, Reaction.THROTTLE, Reaction.DENY, null);
    }

    /**
     * This many denials within the time interrupt.
     *
     * @param denials 1 or more
     * @param withinMillis 1 or more
     */
    public record Repeated(int denials, long withinMillis) {}
}
