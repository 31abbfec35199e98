package dev.errand.task;

import dev.errand.delegation.TokenId;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.limit.BucketLevel;
import dev.errand.limit.Budgets;
import dev.errand.limit.TokenBucket;
import dev.errand.sequence.SequenceState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The working copy of a task while a batch of steps is applied. Not thread-safe; lives within one
 * {@link Task#apply}. Dispatches the steps; {@link CallStep} judges calls, {@link Interruption} what denials
 * lead to, {@link RevokeStep} what holders end, {@link SessionStep} whose an MCP session is.
 */
final class Ledger {
    /** How long a decision that was given back is remembered, so that a repetition is recognised. */
    static final long RETURNED_MILLIS = 600_000;

    private static final int MAX_RETURNED = 256;
    private static final int MAX_WHY = 512;

    final TaskPolicy policy;
    final long nowMillis;
    final long revision;
    final TokenTable tokens;
    private Map<BucketName, BucketLevel> buckets;
    long calls;
    boolean untrusted;
    SequenceState sequence;
    Sessions sessions = Sessions.NONE;

    private final @Nullable Task before;
    private final Set<String> claimed = new HashSet<>();
    /** Proofs that stay unused by a denial, and whose denial was counted before the batch. */
    private final Set<String> countedBefore;
    /** The same, counted by the batch. */
    private Set<String> counted = Set.of();

    @Nullable TokenId root;

    private TaskState state = TaskState.ACTIVE;
    private @Nullable String why;
    private long expiresAtMillis;
    private List<Returned> returned = List.of();
    private boolean changed;
    private boolean bucketsChanged;
    private boolean ended;
    private @Nullable TokenId start;

    Ledger(TaskPolicy policy, @Nullable Task before, long nowMillis, Set<String> countedBefore) {
        this.policy = policy;
        this.countedBefore = countedBefore;
        this.before = before;
        this.nowMillis = before == null ? nowMillis : Math.max(nowMillis, before.timeMillis);
        if (before == null) {
            revision = TaskFormat.fingerprint(policy.revision());
            sequence = policy.sequence().start();
            tokens = TokenTable.empty();
            buckets = Map.of();
            return;
        }
        revision = before.revision;
        sequence = before.sequence;
        root = before.root;
        state = before.state;
        why = before.why;
        expiresAtMillis = before.expiresAtMillis;
        calls = before.calls;
        untrusted = before.untrusted;
        returned = before.returned;
        buckets = before.buckets;
        start = before.start;
        tokens = before.tokens.copy();
        sessions = before.sessions;
    }

    TaskOutcome apply(TaskStep step) {
        if (step instanceof TaskStep.Call call) {
            return proven(call, places -> new CallStep(this, call, places).apply());
        }
        if (step instanceof TaskStep.Refuse refuse) {
            return proven(refuse, places -> refuse(refuse));
        }
        if (step instanceof TaskStep.Start start) {
            return start(start);
        }
        if (step instanceof TaskStep.Settle settle) {
            return settle(settle);
        }
        if (step instanceof TaskStep.GiveBack giveBack) {
            return giveBack(giveBack);
        }
        if (step instanceof TaskStep.Revoke revoke) {
            return new RevokeStep(this, revoke).apply();
        }
        if (step instanceof TaskStep.ReceiveSession received) {
            return new SessionStep(this).receive(received);
        }
        if (step instanceof TaskStep.EndSession over) {
            return new SessionStep(this).end(over);
        }
        if (step instanceof TaskStep.Interrupt interrupt) {
            return interrupt(interrupt);
        }
        return look((TaskStep.Look) step);
    }

    /** The task after the batch, to which the working copy goes: the very same as before if nothing changed. */
    @Nullable Task close() {
        if (root == null || !changed) {
            return before;
        }
        if (bucketsChanged) {
            buckets.entrySet().removeIf(this::isFullAgain);
        }
        Task after = new Task(
                state,
                why,
                revision,
                root,
                expiresAtMillis,
                nowMillis,
                calls,
                untrusted,
                buckets,
                sequence,
                returned,
                tokens,
                sessions,
                before == null ? 1 : before.epoch + 1,
                before == null ? nowMillis : before.baseMillis,
                start,
                Parts.NONE);
        return before == null ? after : after.stored(tokens, Parts.kept(before, after));
    }

    /** What the template's bucket holds; null for a full one. */
    @Nullable BucketLevel level(BucketName name) {
        return buckets.get(name);
    }

    void put(BucketName name, BucketLevel level) {
        if (!bucketsChanged) {
            buckets = new HashMap<>(buckets);
            bucketsChanged = true;
        }
        buckets.put(name, level);
    }

    boolean endedSomething() {
        return ended;
    }

    Set<String> counted() {
        return counted;
    }

    /**
     * Whether a denial of this proof is its first that counts. A used proof is not seen twice; one that a denial leaves unused
     * can be sent again by whoever saw it, and must not end the holder's task so.
     */
    boolean countsFirst(ProofClaim proof) {
        if (!proof.isClaimed() || !proof.onlyWhenPermitted()) {
            return true;
        }
        if (countedBefore.contains(proof.hash())) {
            return false;
        }
        if (counted.isEmpty()) {
            counted = new HashSet<>();
        }
        return counted.add(proof.hash());
    }

    private boolean isFullAgain(Map.Entry<BucketName, BucketLevel> entry) {
        List<TokenBucket> limits = entry.getKey().operation().isEmpty()
                ? policy.limits()
                : policy.operationLimits().getOrDefault(entry.getKey().operation(), List.of());
        int index = entry.getKey().index();
        return index < limits.size() && limits.get(index).isFull(entry.getValue(), nowMillis);
    }

    void changed() {
        changed = true;
    }

    /** What is known of a token, or the record of one that nothing is known of. */
    TokenRecord token(TokenId id) {
        return tokens.get(id);
    }

    private TaskOutcome proven(TaskStep.Proven step, Function<@Nullable Integer[], TaskOutcome> judge) {
        List<TokenAccount> chain = step.chain();
        register(chain.get(0).id(), step.registerUntilMillis());
        @Nullable Integer[] places = tokens.places(chain);
        TaskOutcome over = over();
        for (int depth = 0; over == null && depth < places.length; depth++) {
            over = over(tokens.at(places[depth]));
        }
        if (over != null) {
            return over;
        }
        if (!chain.get(0).id().equals(root)) {
            return new TaskOutcome.Denied(
                    new Denial(DenyReason.INVALID_TOKEN, "task:id", "The task was started with another root token."),
                    null,
                    null,
                    progress(describe()));
        }
        if (claimed.contains(step.proof().hash())) {
            return new TaskOutcome.Replayed();
        }
        if (sequence instanceof UnreadSequence) {
            throw new IllegalStateException(
                    "the task runs under another revision of template '" + policy.template() + "' than the step's");
        }
        TaskOutcome outcome = judge.apply(places);
        if (Task.claimed(step, outcome) != null) {
            claimed.add(step.proof().hash());
        }
        return outcome;
    }

    void register(TokenId rootOfChain, long untilMillis) {
        if (root == null && untilMillis > nowMillis) {
            begin(rootOfChain, untilMillis);
        }
    }

    private void begin(TokenId newRoot, long untilMillis) {
        root = newRoot;
        expiresAtMillis = untilMillis;
        tokens.put(newRoot, TokenRecord.NEW);
        changed = true;
    }

    /** How the task or a token of the chain is over, or null while all of them are good. */
    TaskOutcome.@Nullable Ended over(List<TokenId> chain) {
        TaskOutcome.Ended over = over();
        for (int depth = 0; over == null && depth < chain.size(); depth++) {
            over = over(token(chain.get(depth)));
        }
        return over;
    }

    private TaskOutcome.@Nullable Ended over() {
        TaskState now = state();
        return now == TaskState.ACTIVE ? null : new TaskOutcome.Ended(now, why);
    }

    private static TaskOutcome.@Nullable Ended over(TokenRecord token) {
        return token.ended() == null ? null : new TaskOutcome.Ended(token.ended(), token.why());
    }

    TaskState state() {
        if (root == null) {
            return TaskState.EXPIRED;
        }
        return state == TaskState.ACTIVE && nowMillis >= expiresAtMillis ? TaskState.EXPIRED : state;
    }

    private TaskOutcome refuse(TaskStep.Refuse refuse) {
        String stands = describe();
        // A proof that is not for this call (7e, 7f) may be another's, caught and sent elsewhere: it counts for
        // nothing.
        boolean counts = refuse.reason() != DenyReason.INVALID_PROOF;
        boolean again = counts && !countsFirst(refuse.proof());
        TaskOutcome.Ending interrupted = !counts || again
                ? null
                : new Interruption(this, refuse.chain())
                        .after(
                                refuse.reason(),
                                "a call was refused as " + refuse.reason().code(),
                                reaction(refuse.reason()));
        return new TaskOutcome.Denied(null, interrupted, null, progress(stands), again);
    }

    private TaskPolicy.Reaction reaction(DenyReason reason) {
        return switch (reason) {
            case NOT_GRANTED, CONSTRAINT_VIOLATED, UNKNOWN_OPERATION, AMBIGUOUS_OPERATION ->
                policy.reactions().notGranted();
            default -> TaskPolicy.Reaction.DENY;
        };
    }

    private TaskOutcome start(TaskStep.Start start) {
        if (root == null) {
            if (start.expiresAtMillis() <= nowMillis) {
                return new TaskOutcome.Ended(TaskState.EXPIRED, "The task would end before it starts.");
            }
            begin(start.root(), start.expiresAtMillis());
            this.start = start.subject();
        } else if (!start.root().equals(root)) {
            return new TaskOutcome.Denied(
                    new Denial(DenyReason.INVALID_TOKEN, "task:id", "The task id is taken."),
                    null,
                    null,
                    progress(describe()));
        }
        return done(describe());
    }

    private TaskOutcome settle(TaskStep.Settle settle) {
        String stands = describe();
        if (root != null && !(sequence instanceof UnreadSequence)) {
            move(policy.sequence().settle(sequence, settle.decision(), settle.happened(), nowMillis));
        }
        return done(stands);
    }

    private TaskOutcome giveBack(TaskStep.GiveBack step) {
        String stands = describe();
        long decision = TaskFormat.fingerprint(step.decision());
        List<Returned> kept = new ArrayList<>(returned);
        kept.removeIf(earlier -> earlier.atMillis() < nowMillis - RETURNED_MILLIS);
        boolean repeated = kept.stream().anyMatch(earlier -> earlier.decision() == decision);
        if (root == null || repeated || kept.size() >= MAX_RETURNED || sequence instanceof UnreadSequence) {
            return done(stands);
        }
        kept.add(new Returned(decision, nowMillis));
        returned = List.copyOf(kept);
        changed = true;
        calls = Math.max(0, calls - step.cost());
        for (TokenAccount account : step.chain()) {
            Integer place = tokens.place(account.id());
            if (place != null) {
                TokenRecord token = tokens.at(place);
                tokens.put(place, account.id(), token.withCalls(Math.max(0, token.calls() - step.cost())));
            }
        }
        move(policy.sequence().giveBack(sequence, step.decision(), nowMillis));
        return done(stands);
    }

    void move(SequenceState next) {
        if (!next.equals(sequence)) {
            sequence = next;
            changed = true;
        }
    }

    void keep(Sessions next) {
        if (next != sessions) {
            sessions = next;
            changed = true;
        }
    }

    private TaskOutcome interrupt(TaskStep.Interrupt interrupt) {
        boolean ends = state() == TaskState.ACTIVE;
        if (ends) {
            end(TaskState.INTERRUPTED, interrupt.why());
        }
        return done(ends, describe());
    }

    private TaskOutcome look(TaskStep.Look look) {
        TaskOutcome over = look.chain().isEmpty() ? null : over(look.chain());
        return over != null ? over : done(describe());
    }

    void end(TaskState how, String reason) {
        state = how;
        why = cut(reason);
        changed = true;
        ended = true;
    }

    void endToken(TokenId id, TaskState how, String reason) {
        tokens.put(id, token(id).ended(how, cut(reason)));
        changed = true;
        ended = true;
    }

    private static String cut(String sentence) {
        return sentence.length() <= MAX_WHY ? sentence : sentence.substring(0, MAX_WHY);
    }

    TaskOutcome done(String stood) {
        return done(false, stood);
    }

    TaskOutcome done(boolean ends, String stood) {
        return new TaskOutcome.Done(state(), ends, progress(stood), start);
    }

    TaskOutcome.Progress progress(String stood) {
        return progress(stood, budgets(1));
    }

    TaskOutcome.Progress progress(String stood, Budgets.Builder budgets) {
        return new TaskOutcome.Progress(stood, describe(), budgets.build());
    }

    /** What is left of the task's own calls, to which others may be added. */
    Budgets.Builder budgets(int expected) {
        Budgets.Builder budgets = new Budgets.Builder(expected);
        return policy.calls() == null ? budgets : budgets.add("calls", Math.max(0, policy.calls() - calls));
    }

    /** Where plan and rules stand, and whether untrusted content has reached the task. */
    String describe() {
        return untrusted ? sequence.describe() + TaskOutcome.Progress.UNTRUSTED : sequence.describe();
    }
}
