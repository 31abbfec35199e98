package dev.errand.state.histories;

import dev.errand.state.histories.Replica.Reply;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one task may have come to, by the steps that were asked for and their answers: a call behind the answer of an end is not
 * permitted, a proof is used once, and the budget is debited once for each permit and at most once for each step whose answer is
 * unknown. Used by one thread.
 */
final class TaskModel {
    /** How much longer than the age of a permit an answer may be on its way on a machine that is busy. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** @param child the token below the root, or {@code -} */
    record Call(String child, String proof, int replica, long askedNanos, Reply reply) {}

    /** @param child the token that ended, or null for the whole task */
    record End(@Nullable String child, long askedNanos, Reply reply) {
        boolean ends(Call call) {
            return child == null || child.equals(call.child());
        }
    }

    final String name;
    final ApprovalModel approvals;
    private final List<Call> calls = new ArrayList<>();
    private final List<End> ends = new ArrayList<>();

    TaskModel(String name) {
        this.name = name;
        this.approvals = new ApprovalModel(name);
    }

    void called(Call call) {
        calls.add(call);
    }

    void ended(End end) {
        ends.add(end);
    }

    /** Whether the whole task was to end, whatever the answer. */
    boolean mayBeOver() {
        return ends.stream().anyMatch(end -> end.child() == null);
    }

    /**
     * What the history must not show.
     *
     * @param last a call of the root alone behind all others
     * @param forgets whether the store lost what it acknowledged: used proofs and debits of that moment may be gone
     */
    List<String> violations(Call last, boolean forgets) {
        called(last);
        List<String> found = new ArrayList<>();
        for (End end : ends) {
            calls.stream()
                    .filter(call -> end.reply().is("done")
                            && end.ends(call)
                            && call.reply().is("permitted"))
                    .filter(call -> call.askedNanos() > end.reply().nanos() || isSentLate(call, end))
                    .forEach(call -> found.add(name + ": " + call + " was permitted behind " + end));
        }
        if (!mayBeOver() && !last.reply().is("permitted")) {
            found.add(name + ": nobody ended the task, and it does not go on: " + last);
        }
        approvals.violations(forgets, found);
        if (!forgets) {
            proofs(found);
            if (last.reply().is("permitted")) {
                debits(Long.parseLong(last.reply().text().split(" ")[1]), found);
            }
        }
        return found;
    }

    private static boolean isSentLate(Call call, End end) {
        return call.reply().nanos() > end.reply().nanos() + ReplicaProgram.PERMIT_AGE.toNanos() + SLACK_NANOS;
    }

    private void proofs(List<String> found) {
        Set<String> used = new HashSet<>();
        for (Call call : calls) {
            if (call.reply().is("permitted") && !used.add(call.proof())) {
                found.add(name + ": " + call + " used its proof again");
            }
        }
    }

    private void debits(long left, List<String> found) {
        long used = ReplicaProgram.CALLS - left;
        long known = calls.stream().filter(call -> call.reply().is("permitted")).count() + approvals.passes();
        // A permit that grew too old was debited, and is answered as ended.
        long unknown = calls.stream()
                        .filter(call -> call.reply().isUnknown() || call.reply().is("ended"))
                        .count()
                + approvals.unsure();
        if (used < known || used > known + unknown) {
            found.add(name + ": " + used + " calls were debited, " + known + " permitted and " + unknown + " unknown");
        }
    }

    /** A proof that was permitted, or null. */
    @Nullable String usedProof(int index) {
        List<String> used = calls.stream()
                .filter(call -> call.reply().is("permitted"))
                .map(Call::proof)
                .toList();
        return used.isEmpty() ? null : used.get(index % used.size());
    }
}
