package dev.errand.task.record;

import dev.errand.delegation.TokenId;
import dev.errand.task.TaskStep;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the tokens that steps need, so that only the parts of a record with these tokens are read. */
final class LooksAt {
    private LooksAt() {}

    /** @param over whether the whole task has ended: then steps need tokens only to give something back */
    static Set<TokenId> tokens(List<? extends TaskStep> steps, boolean over) {
        Set<TokenId> tokens = new HashSet<>();
        for (TaskStep step : steps) {
            if (step instanceof TaskStep.GiveBack giveBack) {
                giveBack.chain().forEach(account -> tokens.add(account.id()));
            } else if (over) {
                continue;
            } else if (step instanceof TaskStep.Proven proven) {
                proven.chain().forEach(account -> tokens.add(account.id()));
            } else if (step instanceof TaskStep.View view) {
                view.chain().forEach(account -> tokens.add(account.id()));
            } else if (step instanceof TaskStep.Revoke revoke) {
                tokens.add(revoke.token());
                tokens.add(revoke.root());
            } else if (step instanceof TaskStep.ReceiveSession received) {
                tokens.addAll(received.chain());
            } else if (step instanceof TaskStep.Look look) {
                tokens.addAll(look.chain());
            }
        }
        return tokens;
    }
}
