package dev.errand.autoconfigure;

import dev.errand.jose.ProofClaim;
import dev.errand.policy.GoverningPolicies;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.token.TokenId;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Makes steps on a task of its own before the gateway is ready. So the first calls find the script in the store, an
 * open connection and compiled code, and keep within the state's time limit. The task expires after a minute. Blocks
 * for two seconds at most; never fails.
 */
final class StepWarmup {
    private static final int STEPS = 300;
    private static final long AT_MOST_NANOS = Duration.ofSeconds(2).toNanos();
    private static final Duration ONE = Duration.ofSeconds(2);

    private StepWarmup() {}

    static void run(TaskStore tasks) {
        String id = UUID.randomUUID().toString();
        TaskKey key = new TaskKey("warm-up-" + id);
        TokenId root = new TokenId(id);
        List<TokenAccount> chain = List.of(new TokenAccount(root, null, null, List.of()));
        long begun = System.nanoTime();
        for (int step = 0; step < STEPS && System.nanoTime() - begun < AT_MOST_NANOS; step++) {
            TaskStep next = step == 0
                    ? new TaskStep.Start(root, System.currentTimeMillis() + 5_000)
                    : new TaskStep.Call(id + step, chain, new ProofClaim(id + step, 1_000, false), List.of(), true, 0);
            try {
                tasks.apply(key, GoverningPolicies.UNTEMPLATED, next).block(ONE);
            } catch (StoreUnavailableException late) {
                // A late answer is expected here. It warms up the next step.
                continue;
            }
        }
    }
}
