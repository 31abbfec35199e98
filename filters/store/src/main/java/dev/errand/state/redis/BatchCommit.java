package dev.errand.state.redis;

import dev.errand.jose.ProofClaim;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.record.TaskParts;
import dev.errand.task.step.StepBatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a batch, valid if the store still has the record that they were judged by, and the script call that
 * commits them.
 *
 * @param applied the outcomes
 * @param after the record to remember once the store has accepted it
 * @param claimants for each field that must be absent, the index of the step that claims it
 * @param uses how many of these fields are used proofs; the others are denials that count once
 * @param run the script call
 * @param reads names of the parts that the call reads if the store has another record
 * @param marks how many single uses the call marks
 * @param marksUntilMillis until when these marks are needed, by the store's time
 * @param announcement the message for the other replicas, or null
 * @param restored whether the record replaces an older one that a rollback brought back
 */
record BatchCommit(
        StepBatch.Applied applied,
        CachedRecord after,
        List<Integer> claimants,
        int uses,
        StepScript.Run run,
        List<String> reads,
        int marks,
        long marksUntilMillis,
        byte @Nullable [] announcement,
        boolean restored) {

    /**
     * @param last the remembered record, bound to the policy of the batch
     * @param small whether the store should keep the task's hash in its small form
     */
    static BatchCommit of(
            LaneBatch batch, CachedRecord last, LaneRecord record, TaskKey key, long nowMillis, boolean small) {
        Task current = last.task();
        List<TaskStep> steps = batch.toApply();
        StepBatch.Applied applied = StepBatch.apply(batch.policy, current, steps, nowMillis, batch.counted);
        Claims claims = new Claims(nowMillis);
        for (int i = 0; i < steps.size(); i++) {
            TaskOutcome outcome = applied.outcomes().get(i);
            ProofClaim proof = StepBatch.presented(steps.get(i));
            if (proof != null
                    && (outcome instanceof TaskOutcome.Permitted
                            || outcome instanceof TaskOutcome.Denied
                            || outcome instanceof TaskOutcome.Asks)) {
                boolean uses = StepBatch.claimed(steps.get(i), outcome) != null;
                claims.add(TaskKeys.used(proof), i, uses ? proof : null);
            }
        }
        int uses = claims.claimants.size();
        if (!applied.counted().isEmpty()) {
            claims.addDenials(steps, applied);
        }
        Task next = applied.next();
        boolean ends = applied.ended() || (last.restores() && next != null && next.ending() != null);
        byte[] announcement = ends && next != null ? record.announcement(key, next) : null;
        if (next == null || (next == current && !last.restores())) {
            StepScript.Run run = claims.run(last.tag(), List.of(), List.of());
            return claims.judgement(applied, last, uses, run, List.of(), announcement, false);
        }
        LaneRecord.Written written = record.write(next, batch.policy, small);
        List<String> reads = current == null ? List.of() : List.copyOf(TaskParts.looksAt(current, steps));
        StepScript.Run run = claims.run(last.tag(), LaneRecord.fields(reads), written.fields());
        CachedRecord after = new CachedRecord(written.tag(), written.task(), batch.policy);
        return claims.judgement(applied, after, uses, run, reads, announcement, last.restores());
    }

    /** The single uses of a batch. */
    private static final class Claims {
        private final List<byte[]> unused = new ArrayList<>();
        private final List<Integer> claimants = new ArrayList<>();
        private final List<StepScript.Field> marks = new ArrayList<>();
        private final long nowMillis;
        private long untilMillis;

        Claims(long nowMillis) {
            this.nowMillis = nowMillis;
        }

        /** @param used the proof that the step uses up; null if the field must only be absent */
        void add(byte[] field, int claimant, @Nullable ProofClaim used) {
            unused.add(field);
            claimants.add(claimant);
            if (used != null) {
                long until = nowMillis + used.keepMillis();
                marks.add(new StepScript.Field(field, UsedProofs.mark(until)));
                untilMillis = Math.max(untilMillis, until);
            }
        }

        /** Claims each counted denial, so that no replica counts a further denial of the same proof. */
        void addDenials(List<TaskStep> steps, StepBatch.Applied applied) {
            Set<String> left = new HashSet<>(applied.counted());
            for (int i = 0; i < steps.size(); i++) {
                ProofClaim proof = StepBatch.presented(steps.get(i));
                if (proof != null
                        && applied.outcomes().get(i) instanceof TaskOutcome.Denied
                        && left.remove(proof.hash())) {
                    add(TaskKeys.denied(proof), i, proof);
                }
            }
        }

        StepScript.Run run(byte[] tag, List<byte[]> reads, List<StepScript.Field> record) {
            List<StepScript.Field> writes = new ArrayList<>(record.size() + marks.size());
            writes.addAll(record);
            writes.addAll(marks);
            return new StepScript.Run(tag, unused, reads, writes);
        }

        BatchCommit judgement(
                StepBatch.Applied applied,
                CachedRecord after,
                int uses,
                StepScript.Run run,
                List<String> reads,
                byte @Nullable [] announcement,
                boolean restored) {
            return new BatchCommit(
                    applied, after, claimants, uses, run, reads, marks.size(), untilMillis, announcement, restored);
        }
    }
}
