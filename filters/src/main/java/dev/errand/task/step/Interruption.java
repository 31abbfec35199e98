package dev.errand.task.step;

import dev.errand.delegation.TokenId;
import dev.errand.denial.DenyReason;
import dev.errand.task.TaskOutcome.Ending;
import dev.errand.task.TaskPolicy.Cut;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Repeated;
import dev.errand.task.TaskState;
import dev.errand.task.TokenAccount;
import dev.errand.task.state.Observation;
import dev.errand.task.state.Task;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies the consequence of a denial: counts it at the nearest token of the chain that was ever permitted something,
 * or interrupts at once. A cut of a token counts as one denial of its parent, so that cuts can climb.
 */
final class Interruption {
    private final Ledger ledger;
    private final List<TokenAccount> chain;
    /** Whether the consequences are only noted and not applied. */
    private final boolean observed;

    private Interruption(Ledger ledger, List<TokenAccount> chain, boolean observed) {
        this.ledger = ledger;
        this.chain = chain;
        this.observed = observed;
    }

    /** An interruption that counts and cuts. */
    static Interruption of(Ledger ledger, List<TokenAccount> chain) {
        return new Interruption(ledger, chain, false);
    }

    /** An interruption that only notes in the task's {@link Observation} what it would have counted and cut. */
    static Interruption observed(Ledger ledger, List<TokenAccount> chain) {
        return new Interruption(ledger, chain, true);
    }

    /** Counts the denial or interrupts; returns what was interrupted, or null. */
    @Nullable Ending after(DenyReason reason, String what, Reaction reaction) {
        int leaf = chain.size() - 1;
        if (reaction == Reaction.INTERRUPT) {
            return cut(leaf, what);
        }
        return count(leaf, "the last as " + reason.code());
    }

    private Ending cut(int index, String what) {
        if (index == 0 || ledger.policy().cut() == Cut.TASK) {
            String sentence = Task.BY_POLICY + what + ".";
            if (observed) {
                ledger.observe(ledger.observation().ended());
            } else {
                ledger.end(TaskState.INTERRUPTED, sentence);
            }
            return new Ending(0, sentence);
        }
        TokenId id = chain.get(index).id();
        String sentence = "The token at depth " + index + " and all below it were cut because " + what + ".";
        if (!end(id, sentence)) {
            return cut(index - 1, what);
        }
        Ending wider = count(index - 1, "the last by the cut of a child's token");
        return wider != null ? wider : new Ending(index, sentence);
    }

    /** Ends a token; false if there is no room to keep its record. */
    private boolean end(TokenId id, String sentence) {
        if (observed) {
            return ledger.observe(ledger.observation().cut(id));
        }
        if (!ledger.tokens().contains(id) && ledger.tokens().size() >= Task.MAX_TOKENS) {
            return false;
        }
        ledger.endToken(id, TaskState.INTERRUPTED, sentence);
        return true;
    }

    private @Nullable Ending count(int from, String last) {
        Repeated repeated = ledger.policy().reactions().repeated();
        if (repeated == null) {
            return null;
        }
        int at = from;
        while (at > 0 && !ledger.token(chain.get(at).id()).permitted()) {
            at--;
        }
        TokenId id = chain.get(at).id();
        List<Long> times = new ArrayList<>(
                observed
                        ? ledger.observation().denialsMillis(id)
                        : ledger.token(id).denialsMillis());
        times.removeIf(time -> time <= ledger.nowMillis() - repeated.withinMillis());
        times.add(ledger.nowMillis());
        if (times.size() >= repeated.denials()) {
            return cut(
                    at, times.size() + " calls were refused within " + seconds(repeated.withinMillis()) + ", " + last);
        }
        if (!observed) {
            ledger.put(ledger.tokens().place(id), id, ledger.token(id).withDenials(times));
        } else if (!ledger.observe(ledger.observation().counted(id, times)) && at > 0) {
            return count(at - 1, last);
        }
        return null;
    }

    private static String seconds(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
}
