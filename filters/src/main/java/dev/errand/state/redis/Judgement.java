package dev.errand.state.redis;

import dev.errand.state.redis.link.StepScript;
import dev.errand.task.ProofClaim;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.record.TaskParts;
import dev.errand.task.state.Task;
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
 * @param claimants for each claim, the index of the step that makes it
 * @param uses how many claims are of used proofs; the others are of denials that count once
 * @param run the script call
 * @param reads names of the parts that the call reads if the store has another record
 * @param restored whether the record replaces an older one that a rollback brought back
 */
record Judgement(
        StepBatch.Applied applied,
        Remembered after,
        List<Integer> claimants,
        int uses,
        StepScript.Run run,
        List<String> reads,
        boolean restored) {

    /** @param last the remembered record, bound to the policy of the batch */
    static Judgement of(LaneBatch batch, Remembered last, LaneRecord record, TaskKey key, long nowMillis) {
        Task current = last.task();
        List<TaskStep> steps = batch.toApply();
        StepBatch.Applied applied = StepBatch.apply(batch.policy, current, steps, nowMillis, batch.counted);
        List<StepScript.Claim> claims = new ArrayList<>();
        List<Integer> claimants = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            TaskOutcome outcome = applied.outcomes().get(i);
            ProofClaim proof = StepBatch.presented(steps.get(i));
            if (proof != null
                    && (outcome instanceof TaskOutcome.Permitted
                            || outcome instanceof TaskOutcome.Denied
                            || outcome instanceof TaskOutcome.Asks)) {
                long keep = StepBatch.claimed(steps.get(i), outcome) == null ? 0 : proof.keepMillis();
                claims.add(new StepScript.Claim(record.keys().used(proof), keep));
                claimants.add(i);
            }
        }
        int uses = claims.size();
        if (!applied.counted().isEmpty()) {
            claimDenials(steps, applied, record.keys(), claims, claimants);
        }
        Task next = applied.next();
        byte[] announce = applied.ended() || (last.restores() && next != null && next.ending() != null)
                ? announcement(record, key, next)
                : StepScript.NOTHING;
        if (next == null || (next == current && !last.restores())) {
            StepScript.Run run = new StepScript.Run(last.tag(), StepScript.NOTHING, 0, announce, claims);
            return new Judgement(applied, last, claimants, uses, run, List.of(), false);
        }
        LaneRecord.Written written = record.write(next, batch.policy);
        List<String> reads = current == null ? List.of() : List.copyOf(TaskParts.looksAt(current, steps));
        StepScript.Run run = new StepScript.Run(
                last.tag(),
                written.record(),
                next.forgetAtMillis(),
                announce,
                claims,
                written.parts(),
                record.keys(reads));
        Remembered after = new Remembered(written.tag(), written.task(), batch.policy);
        return new Judgement(applied, after, claimants, uses, run, reads, last.restores());
    }

    private static byte[] announcement(LaneRecord record, TaskKey key, @Nullable Task next) {
        return next == null ? StepScript.NOTHING : record.announcement(key, next);
    }

    /** Claims each counted denial, so that no replica counts a further denial of the same proof. */
    private static void claimDenials(
            List<TaskStep> steps,
            StepBatch.Applied applied,
            TaskKeys keys,
            List<StepScript.Claim> claims,
            List<Integer> claimants) {
        Set<String> left = new HashSet<>(applied.counted());
        for (int i = 0; i < steps.size(); i++) {
            ProofClaim proof = StepBatch.presented(steps.get(i));
            if (proof != null && applied.outcomes().get(i) instanceof TaskOutcome.Denied && left.remove(proof.hash())) {
                claims.add(new StepScript.Claim(keys.denied(proof), proof.keepMillis()));
                claimants.add(i);
            }
        }
    }
}
