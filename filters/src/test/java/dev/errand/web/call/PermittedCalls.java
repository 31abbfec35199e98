package dev.errand.web.call;

import dev.errand.delegation.TestChains;
import dev.errand.delegation.VerifiedChain;
import dev.errand.delegation.chain.ChainResult;
import dev.errand.identity.Holders;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.web.route.Revisions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Calls of a task that may make one call only: whether one was given back, the next one shows. */
public final class PermittedCalls {
    public static final TaskKey TASK = new TaskKey("t-1234567890123456789012");
    private static final TaskPolicy ONE_CALL = Tasks.calls(Tasks.policy(), 1);

    private final TaskStore store;
    private final VerifiedChain chain = ((ChainResult.Accepted) TestChains.verify(TestChains.root())).chain();
    private final List<TokenAccount> accounts =
            List.of(new TokenAccount(chain.rootToken().id(), null, null, List.of()));

    /** Starts the task. */
    public PermittedCalls(TaskStore store) {
        this.store = store;
        store.apply(TASK, ONE_CALL, new TaskStep.Start(chain.rootToken().id(), Tasks.FAR_MILLIS))
                .block();
    }

    /** A call of a verified caller, whose step is yet to be made. */
    public Call verified() {
        return verified(Schedulers.immediate());
    }

    private Call verified(Scheduler loop) {
        Call call = new Call("vault", "GET", "/vault/v1/x", "00", Revisions.EMPTY, loop);
        call.caller =
                new Caller(chain, Holders.NONE, Tasks.proof(), TASK, TASK.value(), accounts, ONE_CALL, null, null, 0);
        call.calls = List.of(Tasks.pair("vault:kv.read"));
        call.limits = true;
        call.sequence = true;
        return call;
    }

    /** A call whose step permitted it. */
    public Call permitted() {
        return permitted(Schedulers.immediate());
    }

    /** The same, of an agent whose connection is on that loop. */
    public Call permitted(Scheduler loop) {
        Call call = verified(loop);
        call.permit = (TaskOutcome.Permitted) step(call.decision);
        return call;
    }

    /** What another call of the task comes to. */
    public @Nullable TaskOutcome another() {
        return step(Tasks.unique("d"));
    }

    private @Nullable TaskOutcome step(String decision) {
        TaskStep step =
                new TaskStep.Call(decision, accounts, Tasks.proof(), List.of(Tasks.pair("vault:kv.read")), true, 0);
        return store.apply(TASK, ONE_CALL, step).block();
    }
}
