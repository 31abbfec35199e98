package dev.errand.web.stage;

import dev.errand.jose.ProofClaim;
import dev.errand.policy.GoverningPolicies.Found.Accepted;
import dev.errand.task.TaskKey;
import dev.errand.task.TokenAccount;
import dev.errand.token.Holders;
import dev.errand.token.VerifiedChain;
import dev.errand.web.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One task's policy and accounts, ready for any call under a chain; made once per chain. */
record GovernedChain(
        TaskKey taskKey, String taskLabel, Holders holders, List<TokenAccount> accounts, Accepted governed) {
    /** The approximate cost of keeping it, in bytes. */
    int weight() {
        int weight = 512 + holders.weight();
        for (TokenAccount account : accounts) {
            weight += 256 + 320 * account.limits().size();
        }
        return weight;
    }

    /** The caller of a call that is made now. */
    Caller caller(VerifiedChain chain, ProofClaim proof, Caller.@Nullable ToolDemand demand, Instant now) {
        return new Caller(
                chain,
                holders,
                proof,
                taskKey,
                taskLabel,
                accounts,
                governed.policy(),
                governed.cap(),
                demand,
                governed.registerUntilMillis(now.toEpochMilli()),
                null);
    }
}
