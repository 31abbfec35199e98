package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.operation.OperationCall;
import dev.errand.operation.RecordedArguments;
import dev.errand.task.ApprovedUse;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.token.DelegationToken;
import dev.errand.token.RootFacts;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes the provenance records of calls.
 *
 * @param mode {@code enforce} or {@code observe}
 * @param gateway the name of this replica
 * @param candidates what candidates say of the calls, counted here; null where no candidate is judged
 */
public record Records(String mode, String gateway, @Nullable CandidateDecisions candidates) {
    public ProvenanceRecord.Decision permitted(Call.Permitted call) {
        TaskOutcome.Permitted permit = call.step();
        Denial observed = permit.observed().isEmpty() ? null : permit.observed().get(0);
        return decision(call, true, observed, permit.progress(), permit.approval(), 0);
    }

    ProvenanceRecord.Decision denied(Call call, Denial denial, TaskOutcome.@Nullable Denied counted) {
        TaskOutcome.Asked asked = counted == null || !counted.waits() ? null : counted.asked();
        return decision(
                call,
                false,
                denial,
                counted == null ? null : counted.progress(),
                null,
                asked == null ? 0 : asked.counted());
    }

    /**
     * @param returned how many values of the answer were taken and dropped, or null
     * @param values those that go into the record, by operation and name
     */
    public ProvenanceRecord.Outcome outcome(
            Call call,
            @Nullable Integer upstreamStatus,
            boolean compensated,
            TaskOutcome.@Nullable Returned returned,
            JsonObject values) {
        boolean none = returned == null && values.members().isEmpty();
        return new ProvenanceRecord.Outcome(
                call.decision(),
                Instant.now(),
                upstreamStatus,
                (System.nanoTime() - call.arrived().startedNanos()) / 1_000_000,
                compensated,
                none
                        ? null
                        : new ProvenanceRecord.Returned(
                                returned == null ? 0 : returned.taken(),
                                returned == null ? 0 : returned.dropped(),
                                values),
                false);
    }

    /** The outcome of a call whose answer nobody shows. */
    public ProvenanceRecord.Outcome unseen(Call call) {
        return new ProvenanceRecord.Outcome(
                call.decision(),
                Instant.now(),
                null,
                (System.nanoTime() - call.arrived().startedNanos()) / 1_000_000,
                false,
                null,
                true);
    }

    /** The record of the task or token that a denial of the call ended. */
    ProvenanceRecord.Ended ended(Call call, TaskOutcome.Ending ending) {
        Caller caller = Objects.requireNonNull(call.caller());
        DelegationToken token = caller.chain().tokens().get(ending.depth());
        return new ProvenanceRecord.Ended(
                Instant.now(),
                caller.taskLabel(),
                ending.depth() == 0 ? null : token.id().hash(),
                token.holder().thumbprint().value(),
                TaskState.INTERRUPTED.wire(),
                EndedBy.POLICY,
                call.decision(),
                caller.chain().root().human(),
                ending.why());
    }

    private ProvenanceRecord.Decision decision(
            Call call,
            boolean permit,
            @Nullable Denial denial,
            TaskOutcome.@Nullable Progress progress,
            @Nullable ApprovedUse approval,
            long waiting) {
        Caller caller = call.caller();
        return new ProvenanceRecord.Decision(
                call.decision(),
                Instant.now(),
                permit,
                objection(denial, caller != null),
                caller == null ? ProvenanceRecord.Caller.UNVERIFIED : caller(caller, progress),
                request(call),
                progress == null
                        ? ProvenanceRecord.Position.UNKNOWN
                        : new ProvenanceRecord.Position(progress.budgets(), progress.before(), progress.after()),
                mode,
                caller == null || caller.policy().template().isEmpty() ? null : reaction(progress),
                progress != null && progress.over(),
                gateway,
                call.arrived().gatewayName(),
                call.arrived().traceparent(),
                approval == null ? null : approved(approval),
                candidates == null ? null : candidates.of(call, permit, denial, progress),
                waiting);
    }

    /** An unverified caller is told only the code. */
    private static ProvenanceRecord.Objection objection(@Nullable Denial denial, boolean verified) {
        return denial == null
                ? ProvenanceRecord.Objection.NONE
                : new ProvenanceRecord.Objection(
                        denial.reason().code(),
                        denial.step(),
                        verified ? denial.detail() : null,
                        verified ? denial.rule() : null);
    }

    private static ProvenanceRecord.Caller caller(Caller caller, TaskOutcome.@Nullable Progress progress) {
        TaskPolicy policy = caller.policy();
        RootFacts root = caller.chain().root();
        return new ProvenanceRecord.Caller(
                caller.taskLabel(),
                policy.template().isEmpty() ? null : policy.template(),
                policy.revision().isEmpty() ? null : policy.revision(),
                root.human(),
                root.otherAnchor(),
                caller.holders(),
                caller.chain().leaf().holder().thumbprint().value(),
                caller.instruction(progress),
                root.standing());
    }

    private static ProvenanceRecord.Request request(Call call) {
        List<String> operations = new ArrayList<>(call.operations().size());
        List<String> resources = new ArrayList<>(call.operations().size());
        for (OperationCall pair : call.operations()) {
            operations.add(pair.operation().id());
            resources.add(pair.resource());
        }
        return new ProvenanceRecord.Request(
                operations,
                resources,
                call.argsHash(),
                RecordedArguments.of(call.operations()),
                call.removed(),
                call.arrived().method(),
                call.route());
    }

    private static @Nullable String reaction(TaskOutcome.@Nullable Progress progress) {
        return progress == null || progress.reaction() == null
                ? null
                : progress.reaction().name().toLowerCase(Locale.ROOT);
    }

    public static ProvenanceRecord.Approved approved(ApprovedUse approval) {
        ApprovedUse.Offered offer = approval.offer();
        return new ProvenanceRecord.Approved(
                approval.id(),
                approval.by(),
                approval.digest(),
                offer == null ? null : new ProvenanceRecord.Approved.Offered(offer.calls(), offer.used()));
    }
}
