package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.limit.Budgets;
import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.operation.OperationCall;
import dev.errand.operation.RecordedArguments;
import dev.errand.task.ApprovedUse;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.token.DelegationToken;
import dev.errand.token.Holders;
import dev.errand.token.VerifiedChain;
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
    /** Records of calls that no candidate judges. */
    public Records(String mode, String gateway) {
        this(mode, gateway, null);
    }

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

    /** @param returned how many values of the answer were taken and dropped, or null */
    public ProvenanceRecord.Outcome outcome(
            Call call, @Nullable Integer upstreamStatus, boolean compensated, TaskOutcome.@Nullable Returned returned) {
        return new ProvenanceRecord.Outcome(
                call.decision(),
                Instant.now(),
                upstreamStatus,
                (System.nanoTime() - call.arrived().startedNanos()) / 1_000_000,
                compensated,
                returned == null ? null : new ProvenanceRecord.Returned(returned.taken(), returned.dropped()),
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
        VerifiedChain chain = caller == null ? null : caller.chain();
        // An unverified caller is told only the code.
        Denial told = caller == null ? null : denial;
        Budgets budgets = progress == null ? null : progress.budgets();
        List<String> operations = new ArrayList<>(call.operations().size());
        List<String> resources = new ArrayList<>(call.operations().size());
        for (OperationCall pair : call.operations()) {
            operations.add(pair.operation().id());
            resources.add(pair.resource());
        }
        return new ProvenanceRecord.Decision(
                call.decision(),
                Instant.now(),
                permit,
                denial == null ? null : denial.reason().code(),
                denial == null ? null : denial.step(),
                caller == null ? null : caller.taskLabel(),
                caller == null || caller.policy().template().isEmpty()
                        ? null
                        : caller.policy().template(),
                caller == null || caller.policy().revision().isEmpty()
                        ? null
                        : caller.policy().revision(),
                chain == null ? null : chain.root().human(),
                chain == null ? null : chain.root().otherAnchor(),
                caller == null ? Holders.NONE : caller.holders(),
                chain == null ? null : chain.leaf().holder().thumbprint().value(),
                caller == null ? null : caller.instruction(progress),
                operations,
                resources,
                call.argsHash(),
                call.arrived().method(),
                call.route(),
                budgets,
                progress == null ? null : progress.before(),
                progress == null ? null : progress.after(),
                mode,
                gateway,
                call.arrived().traceparent(),
                caller == null || caller.policy().template().isEmpty() ? null : reaction(progress),
                progress != null && progress.over(),
                told == null ? null : told.detail(),
                told == null ? null : told.rule(),
                approval == null ? null : approved(approval),
                candidates == null ? null : candidates.of(call, permit, denial, progress),
                RecordedArguments.of(call.operations()),
                call.removed(),
                waiting,
                chain == null ? null : chain.root().standing(),
                call.arrived().gatewayName());
    }

    private static @Nullable String reaction(TaskOutcome.@Nullable Progress progress) {
        return progress == null || progress.reaction() == null
                ? null
                : progress.reaction().name().toLowerCase(Locale.ROOT);
    }

    /** An approval as it is recorded. */
    public static ProvenanceRecord.Approved approved(ApprovedUse approval) {
        ApprovedUse.Offered offer = approval.offer();
        return new ProvenanceRecord.Approved(
                approval.id(),
                approval.by(),
                approval.digest(),
                offer == null ? null : new ProvenanceRecord.Approved.Offered(offer.calls(), offer.used()));
    }
}
