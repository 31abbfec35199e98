package dev.errand.task.step;

import dev.errand.denial.DenyReason;
import dev.errand.operation.OperationCall;
import dev.errand.task.CountedDenial;
import dev.errand.task.Observation;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome.Ending;
import dev.errand.task.TaskPolicy.Cut;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Repeated;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.token.Sha256;
import dev.errand.token.TokenId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies the consequence of a denial: counts it at the nearest token of the chain that was ever permitted something,
 * or interrupts at once. Refusals of the same operations and code within two seconds count once, since ordinary clients
 * make calls at the same time and repeat them. Where no operation was found, the method and the path take its place. A message of the protocol that a client sends by itself does not count. A
 * cut of a token counts as one denial of its parent, so that cuts can climb.
 *
 * @param observed whether the consequences are only noted and not applied
 */
record Interruption(Ledger ledger, List<TokenAccount> chain, List<OperationCall> calls, long asked, boolean observed) {
    /** Refusals of one kind within this time count once. */
    static final long TOGETHER_MILLIS = 2_000;

    /**
     * An interruption that counts and cuts.
     *
     * @param calls what the refused call meant; empty if that is not known
     */
    static Interruption of(Ledger ledger, List<TokenAccount> chain, List<OperationCall> calls) {
        return new Interruption(ledger, chain, calls, 0, false);
    }

    /** An interruption that counts and cuts because of a call that was refused before its step. */
    static Interruption of(Ledger ledger, TaskStep.Refuse refused) {
        return new Interruption(ledger, refused.chain(), refused.calls(), refused.asked(), false);
    }

    /** An interruption that only notes in the task's {@link Observation} what it would have counted and cut. */
    static Interruption observed(Ledger ledger, List<TokenAccount> chain, List<OperationCall> calls) {
        return new Interruption(ledger, chain, calls, 0, true);
    }

    /** As {@link #of(Ledger, TaskStep.Refuse)}, but it only notes. */
    static Interruption observed(Ledger ledger, TaskStep.Refuse refused) {
        return new Interruption(ledger, refused.chain(), refused.calls(), refused.asked(), true);
    }

    /** Counts the denial or interrupts; returns what was interrupted, or null. */
    @Nullable Ending after(DenyReason reason, String what, Reaction reaction) {
        int leaf = chain.size() - 1;
        if (reaction == Reaction.INTERRUPT) {
            return cut(leaf, what);
        }
        return isProtocol() ? null : count(leaf, kind(reason), "the last as " + reason.code());
    }

    private boolean isProtocol() {
        for (OperationCall call : calls) {
            if (!call.operation().isProtocol()) {
                return false;
            }
        }
        return !calls.isEmpty();
    }

    private long kind(DenyReason reason) {
        StringBuilder text = new StringBuilder(reason.code());
        calls.forEach(call -> text.append(' ').append(call.operation().id()));
        return Sha256.fingerprint(text.append(' ').append(asked).toString());
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
        Ending wider = count(index - 1, CountedDenial.CUT, "the last by the cut of a child's token");
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

    private @Nullable Ending count(int from, long kind, String last) {
        Repeated repeated = ledger.policy().reactions().repeated();
        if (repeated == null) {
            return null;
        }
        int at = from;
        while (at > 0 && !ledger.token(chain.get(at).id()).permitted()) {
            at--;
        }
        TokenId id = chain.get(at).id();
        long now = ledger.nowMillis();
        List<CountedDenial> denials = new ArrayList<>(
                observed ? ledger.observation().denials(id) : ledger.token(id).denials());
        denials.removeIf(denial -> denial.atMillis() <= now - Math.max(repeated.withinMillis(), TOGETHER_MILLIS));
        if (kind != CountedDenial.CUT
                && denials.stream().anyMatch(denial -> denial.kind() == kind && isWithin(denial, TOGETHER_MILLIS))) {
            return null;
        }
        denials.add(new CountedDenial(now, kind));
        long within = denials.stream()
                .filter(denial -> isWithin(denial, repeated.withinMillis()))
                .count();
        if (within >= repeated.denials()) {
            return cut(at, within + " calls were refused within " + seconds(repeated.withinMillis()) + ", " + last);
        }
        if (!observed) {
            ledger.put(ledger.tokens().place(id), id, ledger.token(id).withDenials(denials));
        } else if (!ledger.observe(ledger.observation().counted(id, denials)) && at > 0) {
            return count(at - 1, kind, last);
        }
        return null;
    }

    private boolean isWithin(CountedDenial denial, long millis) {
        return denial.atMillis() > ledger.nowMillis() - millis;
    }

    private static String seconds(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
}
