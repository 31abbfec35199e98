package dev.errand.task.step;

import dev.errand.limit.BucketLevel;
import dev.errand.limit.Budgets;
import dev.errand.sequence.SequenceState;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.Approvals;
import dev.errand.task.BucketName;
import dev.errand.task.GivenBack;
import dev.errand.task.Observation;
import dev.errand.task.Parts;
import dev.errand.task.Task;
import dev.errand.task.TaskLists;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskState;
import dev.errand.task.TokenRecord;
import dev.errand.task.TokenTable;
import dev.errand.task.UnreadSequence;
import dev.errand.token.TokenId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The working copy of a task while one {@link StepBatch} applies its steps. Not thread-safe. */
final class Ledger {
    private final TaskPolicy policy;
    private final @Nullable Task before;
    private final long nowMillis;
    private final TaskLifecycle life;
    private final BucketLevels buckets;
    private final TokenTable tokens;

    private long calls;
    private boolean untrusted;
    private SequenceState sequence;
    private TaskLists lists = TaskLists.NONE;
    private boolean changed;

    Ledger(TaskPolicy policy, @Nullable Task before, long nowMillis) {
        this.policy = policy;
        this.before = before;
        this.nowMillis = before == null ? nowMillis : Math.max(nowMillis, before.timeMillis());
        life = new TaskLifecycle(before, this.nowMillis);
        buckets = new BucketLevels(policy, before == null ? Map.of() : before.buckets(), this.nowMillis);
        if (before == null) {
            sequence = policy.sequence().start();
            tokens = TokenTable.empty();
            return;
        }
        sequence = before.sequence();
        calls = before.calls();
        untrusted = before.isUntrusted();
        lists = before.lists();
        tokens = before.tokens().copy();
    }

    /** Another, independent working copy of the task as it was before the batch. */
    Ledger asBefore() {
        return new Ledger(policy, before, nowMillis);
    }

    @Nullable Task before() {
        return before;
    }

    /** The task after the batch; the same object if nothing changed. Do not use the working copy afterwards. */
    @Nullable Task close() {
        TokenId root = life.root();
        if (root == null || !changed) {
            return before;
        }
        if (!approvals().requests().isEmpty()) {
            lists = lists.with(approvals().standing(settled(), untrusted, nowMillis));
        }
        Task after = new Task(
                life.ending(),
                life.why(),
                before == null ? policy.fingerprint() : before.revision(),
                root,
                life.expiresAtMillis(),
                nowMillis,
                calls,
                untrusted,
                buckets.close(),
                sequence,
                tokens,
                lists,
                before == null ? 1 : before.steps() + 1,
                before == null ? nowMillis : before.baseMillis(),
                life.start(),
                Parts.NONE);
        return before == null ? after : after.stored(tokens, Parts.kept(before, after));
    }

    boolean endedSomething() {
        return life.endedSomething();
    }

    TaskPolicy policy() {
        return policy;
    }

    /** The time of the batch, epoch milliseconds; never before the task's last step. */
    long nowMillis() {
        return nowMillis;
    }

    @Nullable TokenId root() {
        return life.root();
    }

    long expiresAtMillis() {
        return life.expiresAtMillis();
    }

    TaskState state() {
        return life.state();
    }

    TokenTable tokens() {
        return tokens;
    }

    /** The record of a token; of an unknown token, an empty record. */
    TokenRecord token(TokenId id) {
        return tokens.get(id);
    }

    @Nullable BucketLevel level(BucketName name) {
        return buckets.get(name);
    }

    long calls() {
        return calls;
    }

    /** The requests for approval; some of them may have ended. */
    Approvals approvals() {
        return lists.approvals();
    }

    void keep(Approvals next) {
        keep(lists.with(next));
    }

    boolean isUntrusted() {
        return untrusted;
    }

    SequenceState sequence() {
        return sequence;
    }

    /** The consequences that denials would have had if the task were enforced. */
    Observation observation() {
        return lists.observation();
    }

    /** Notes the consequences; for null it returns false and changes nothing. */
    boolean observe(@Nullable Observation next) {
        if (next == null) {
            return false;
        }
        lists = lists.with(next);
        changed = true;
        return true;
    }

    TaskLists lists() {
        return lists;
    }

    /** The values that answers returned to the task. */
    AnswerValues answers() {
        return lists.answers();
    }

    void keep(TaskLists next) {
        if (next != lists) {
            lists = next;
            changed = true;
        }
    }

    /** How the task ended or, if it has not, a token of the chain; null if all are good. */
    TaskOutcome.@Nullable Ended over(List<TokenId> chain) {
        TaskOutcome.Ended over = life.over();
        for (int depth = 0; over == null && depth < chain.size(); depth++) {
            over = token(chain.get(depth)).over();
        }
        return over;
    }

    /** How one of the tokens at these places ended, or null. */
    TaskOutcome.@Nullable Ended over(@Nullable Integer[] places) {
        TaskOutcome.Ended over = null;
        for (int depth = 0; over == null && depth < places.length; depth++) {
            over = tokens.at(places[depth]).over();
        }
        return over;
    }

    /** Begins a task of another anchor at its first step. Returns false, changing nothing, if it began before. */
    boolean register(TokenId rootOfChain, long untilMillis) {
        return life.root() == null && begin(rootOfChain, untilMillis, null);
    }

    /** Begins a task. If it would be over already, returns false and changes nothing. */
    boolean begin(TokenId root, long untilMillis, @Nullable TokenId subject) {
        if (untilMillis <= nowMillis) {
            return false;
        }
        life.begin(root, untilMillis, subject);
        tokens.put(root, TokenRecord.NEW);
        changed = true;
        return true;
    }

    void end(TaskState how, String why) {
        life.end(how, why);
        changed = true;
    }

    void endToken(TokenId id, TaskState how, String why) {
        put(tokens.place(id), id, token(id).ended(how, TaskLifecycle.cut(why)));
        lists = lists.with(approvals().withoutToken(id));
        life.endToken();
    }

    /** @param place the token's place, or null if the token was unknown */
    void put(@Nullable Integer place, TokenId id, TokenRecord record) {
        tokens.put(place, id, record);
        changed = true;
    }

    void put(BucketName name, BucketLevel level) {
        buckets.put(name, level);
        changed = true;
    }

    void charge(int cost) {
        calls += cost;
        changed = true;
    }

    /** Gives a decision's calls back to the template's budget, and remembers the decisions that were given back. */
    void giveBack(List<GivenBack> remembered, int cost) {
        lists = lists.with(remembered);
        calls = Math.max(0, calls - cost);
        changed = true;
    }

    void taint() {
        untrusted = true;
        changed = true;
    }

    void move(SequenceState next) {
        if (!next.equals(sequence)) {
            sequence = next;
            changed = true;
        }
    }

    TaskOutcome done(String stood) {
        return done(false, stood);
    }

    TaskOutcome done(boolean ends, String stood) {
        return new TaskOutcome.Done(state(), ends, progress(stood), life.start());
    }

    /** The state, with the calls whose outcome is unknown. */
    TaskOutcome looked() {
        if (sequence instanceof UnreadSequence || root() == null) {
            return done(describe());
        }
        String stands = describe(policy.sequence().expire(sequence, nowMillis));
        return new TaskOutcome.Done(
                state(),
                false,
                new TaskOutcome.Progress(stands, stands, budgets(1).build()),
                life.start(),
                policy.sequence().unknown(sequence, nowMillis));
    }

    TaskOutcome.Progress progress(String stood) {
        return progress(stood, budgets(1));
    }

    TaskOutcome.Progress progress(String stood, Budgets.Builder budgets) {
        return new TaskOutcome.Progress(stood, describe(), budgets.build());
    }

    /** What is left of the task's own calls, as a builder to which more can be added. */
    Budgets.Builder budgets(int expected) {
        Budgets.Builder budgets = new Budgets.Builder(expected);
        return policy.calls() == null ? budgets : budgets.add("calls", Math.max(0, policy.calls() - calls));
    }

    /** The plan's state by the known outcomes; null if the sequence was not read. */
    @Nullable String settled() {
        return sequence instanceof UnreadSequence ? null : sequence.settled();
    }

    /** The state of plan and rules, and whether untrusted content has reached the task. */
    String describe() {
        return describe(sequence);
    }

    private String describe(SequenceState state) {
        return untrusted ? state.describe() + TaskOutcome.Progress.UNTRUSTED : state.describe();
    }
}
