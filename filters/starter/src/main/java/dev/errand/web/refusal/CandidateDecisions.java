package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.log.ProvenanceRecord;
import dev.errand.operation.GrantDecision;
import dev.errand.operation.OperationCall;
import dev.errand.policy.Candidacy;
import dev.errand.task.CandidateVerdict;
import dev.errand.task.CandidateVerdict.Reach;
import dev.errand.task.TaskOutcome;
import dev.errand.token.Capability;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares the decisions of candidates with the decisions that were made, counts the results, and makes the record's part
 * about a difference. A candidate's grant is judged here, and its step within the task's own step. Labels are the name of
 * a loaded template and words of a closed list. Thread-safe.
 */
public final class CandidateDecisions {
    private static final String NAME = "errand.candidate.decisions";

    /** Refusals by which no candidate is judged: the gateway could not decide, or anybody may have sent the proof. */
    private static final List<DenyReason> NOT_LIVE = List.of(DenyReason.DECISION_UNAVAILABLE, DenyReason.INVALID_PROOF);

    private final MeterRegistry registry;
    private final Map<String, Counters> counters = new ConcurrentHashMap<>();

    CandidateDecisions(MeterRegistry registry) {
        this.registry = registry;
    }

    /** How the candidate's decision compares. */
    private enum Compared {
        SAME,
        STRICTER,
        LOOSER,
        UNJUDGED
    }

    /** The counters of one template. */
    private record Counters(Counter same, Counter stricter, Counter looser, Counter unjudged) {
        void count(Compared compared) {
            switch (compared) {
                case SAME -> same.increment();
                case STRICTER -> stricter.increment();
                case LOOSER -> looser.increment();
                case UNJUDGED -> unjudged.increment();
            }
        }
    }

    /** Registers the counters of these templates, before a call of theirs is judged. */
    public void expect(Collection<String> templates) {
        templates.forEach(this::counters);
    }

    private Counters counters(String template) {
        Counters known = counters.get(template);
        return known != null
                ? known
                : counters.computeIfAbsent(
                        template,
                        name -> new Counters(
                                counter(name, "same"),
                                counter(name, "stricter"),
                                counter(name, "looser"),
                                counter(name, "unjudged")));
    }

    private Counter counter(String template, String outcome) {
        return Counter.builder(NAME)
                .description("Calls that a candidate judged beside the running template, by what it said of them")
                .tag("template", template)
                .tag("outcome", outcome)
                .register(registry);
    }

    /**
     * The candidate's part of the record of a decision. It is counted once.
     *
     * @param denial why the call was refused, or the objection that was only observed
     * @param progress the outcome of the step; null if there was no step
     * @return null if the candidate decides the same, or judged nothing
     */
    ProvenanceRecord.@Nullable Candidate of(
            Call call, boolean permit, @Nullable Denial denial, TaskOutcome.@Nullable Progress progress) {
        Caller caller = call.caller();
        if (caller == null) {
            return null;
        }
        Candidacy candidacy = caller.candidacy();
        if (candidacy == null || (denial != null && !permit && NOT_LIVE.contains(denial.reason()))) {
            return null;
        }
        Counters counters = counters(candidacy.candidate().name());
        Capability grants = candidacy.grants();
        CandidateVerdict step = progress == null ? null : progress.candidate();
        if (grants == null || (step != null && step.reach() == Reach.NONE)) {
            counters.count(Compared.UNJUDGED);
            return null;
        }
        boolean partial = step != null && step.partial();
        Verdict running = new Verdict(permit, denial);
        Verdict candidate = step != null && step.reach() == Reach.STEP
                ? atStep(step, grants, call.operations())
                : before(call, running, grants, candidacy);
        counters.count(running.compared(candidate, caller.policy().observe()));
        return running.equals(candidate)
                ? null
                : new ProvenanceRecord.Candidate(
                        candidacy.candidate().revision(),
                        candidate.permit(),
                        candidate.code(),
                        candidate.detail(),
                        partial);
    }

    private static @Nullable Denial byGrant(Capability grants, List<OperationCall> operations) {
        return GrantDecision.of(grants, null, operations).denial("the candidate");
    }

    /** For a call whose step was judged: an objection of the candidate's grant comes before one of its step. */
    private static Verdict atStep(CandidateVerdict step, Capability grants, List<OperationCall> operations) {
        Denial byGrant = byGrant(grants, operations);
        return byGrant == null ? new Verdict(step.permit(), step.objection()) : new Verdict(false, byGrant);
    }

    /**
     * A call whose step was not judged: only grants are compared, and for a refused call only if a grant refused it.
     */
    private static Verdict before(Call call, Verdict running, Capability grants, Candidacy candidacy) {
        DenyReason reason = running.denial() == null ? null : running.denial().reason();
        boolean byGrant = reason == DenyReason.NOT_GRANTED || reason == DenyReason.CONSTRAINT_VIOLATED;
        if (!running.permit() && (!byGrant || call.operations().isEmpty())) {
            return running;
        }
        Denial denial = byGrant(grants, call.operations());
        if (running.permit()) {
            return denial == null ? running : new Verdict(false, denial);
        }
        // The template grants it and the token does not: the start or a holder above took it away.
        boolean narrowed = candidacy.running() != null && byGrant(candidacy.running(), call.operations()) == null;
        return denial == null && narrowed ? running : new Verdict(denial == null, denial);
    }

    /** The decision about a call. Two are equal if outcome and code are. */
    private record Verdict(boolean permit, @Nullable Denial denial) {
        @Nullable String code() {
            return denial == null ? null : denial.reason().code();
        }

        /** The detail, in which the rule that objects is named. */
        @Nullable String detail() {
            if (denial == null) {
                return null;
            }
            String rule = denial.rule();
            return rule == null || denial.detail().contains(rule) ? denial.detail() : rule + ": " + denial.detail();
        }

        /**
         * @param observing whether the whole gateway only observes: then a call that would be denied counts as denied
         */
        Compared compared(Verdict candidate, boolean observing) {
            boolean passes = permit && !(observing && denial != null);
            boolean would = candidate.permit && !(observing && candidate.denial != null);
            return passes == would ? Compared.SAME : passes ? Compared.STRICTER : Compared.LOOSER;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Verdict that && permit == that.permit && Objects.equals(code(), that.code());
        }

        @Override
        public int hashCode() {
            return Objects.hash(permit, code());
        }
    }
}
