package dev.errand.task.step;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.limit.Bandwidth;
import dev.errand.limit.BucketLevel;
import dev.errand.limit.Budgets;
import dev.errand.limit.TokenBucket;
import dev.errand.task.BucketName;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.TaskView;
import dev.errand.task.TokenAccount;
import dev.errand.task.TokenLevels;
import dev.errand.task.UnreadSequence;
import dev.errand.token.TokenId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A holder looks at a task: the remaining budgets, the operations that the plan allows, and the decision that a call
 * would get. It uses a working copy of its own, which is dropped. Not thread-safe; used within one step.
 *
 * @param copy a working copy of the task as it was before the batch
 * @param before that task, or null if there is none
 */
record ViewStep(Ledger copy, @Nullable Task before, TaskStep.View view) {
    TaskOutcome apply() {
        List<TokenAccount> chain = view.chain();
        copy.register(chain.get(0).id(), view.registerUntilMillis());
        TaskOutcome.Ended over = copy.over(List.of());
        if (over != null) {
            return new TaskOutcome.Over(over, endedAt(over));
        }
        List<TokenId> tokens = chain.stream().map(TokenAccount::id).toList();
        TaskOutcome.Ended ended = copy.over(tokens);
        if (ended != null) {
            String why = ended.why() == null ? "" : ". " + ended.why();
            return denied(DenyReason.TASK_ENDED, null, ended.told() + why);
        }
        if (!tokens.get(0).equals(copy.root())) {
            return denied(DenyReason.INVALID_TOKEN, "task:id", "The task was started with another root token.");
        }
        if (copy.sequence() instanceof UnreadSequence) {
            throw new IllegalStateException("the task runs under another revision of template '"
                    + copy.policy().template() + "'");
        }
        copy.move(copy.policy().sequence().expire(copy.sequence(), copy.nowMillis()));
        TaskView seen = new TaskView(
                copy.describe(),
                copy.policy().sequence().view(copy.sequence(), copy.nowMillis()),
                budgets(),
                buckets());
        return new TaskOutcome.Viewed(seen, would());
    }

    private TaskOutcome denied(DenyReason reason, @Nullable String step, String detail) {
        return new TaskOutcome.Denied(new Denial(reason, step, detail), null, null, copy.progress(copy.describe()));
    }

    private @Nullable Long endedAt(TaskOutcome.Ended over) {
        return before == null
                ? null
                : (Long) (over.state() == TaskState.EXPIRED ? before.expiresAtMillis() : before.timeMillis());
    }

    /** Applies the call to another copy, where it may debit and interrupt. */
    private @Nullable TaskOutcome would() {
        if (view.would() == null) {
            return null;
        }
        TaskStep call = new TaskStep.Call(
                        "view",
                        view.chain(),
                        ProofClaim.NONE,
                        List.of(view.would()),
                        view.trusted(),
                        view.registerUntilMillis())
                .of(view.values());
        return StepBatch.apply(copy.policy(), before, List.of(call), copy.nowMillis())
                .outcomes()
                .get(0);
    }

    private Budgets budgets() {
        Budgets.Builder left = copy.budgets(view.chain().size() + 1);
        for (int depth = 0; depth < view.chain().size(); depth++) {
            TokenAccount account = view.chain().get(depth);
            if (account.calls() != null) {
                long used = copy.token(account.id()).calls();
                left.add(Charge.tokenName(depth), Math.max(0, account.calls() - used));
            }
        }
        return left.build();
    }

    private List<TaskView.Bucket> buckets() {
        Map<String, TaskView.Bucket> least = new TreeMap<>();
        addTemplates(least, "task", "", copy.policy().limits());
        copy.policy()
                .operationLimits()
                .forEach((operation, limits) -> addTemplates(least, "op:" + operation, operation, limits));
        for (int depth = 0; depth < view.chain().size(); depth++) {
            TokenAccount account = view.chain().get(depth);
            TokenLevels levels = copy.token(account.id()).levels();
            for (TokenAccount.Limit limit : account.limits()) {
                add(least, Charge.tokenName(depth), limit.bucket(), levels.get(limit.place()));
            }
        }
        return List.copyOf(least.values());
    }

    private void addTemplates(
            Map<String, TaskView.Bucket> least, String name, String operation, List<TokenBucket> limits) {
        for (int i = 0; i < limits.size(); i++) {
            add(least, name, limits.get(i), copy.level(BucketName.of(operation, i)));
        }
    }

    private void add(Map<String, TaskView.Bucket> least, String name, TokenBucket bucket, @Nullable BucketLevel level) {
        Bandwidth bandwidth = bucket.bandwidth();
        TaskView.Bucket found = new TaskView.Bucket(
                name, bandwidth.capacity(), bandwidth.period(), bucket.available(level, copy.nowMillis()));
        least.merge(name, found, (one, other) -> other.left() < one.left() ? other : one);
    }
}
