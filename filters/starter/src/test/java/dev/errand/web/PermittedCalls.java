package dev.errand.web;

import dev.errand.jose.ProofClaim;
import dev.errand.limit.Budgets;
import dev.errand.operation.Effect;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.Awaited;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.token.ChainResult;
import dev.errand.token.Holders;
import dev.errand.token.ProofScheme;
import dev.errand.token.TestChains;
import dev.errand.token.VerifiedChain;
import java.net.URI;
import java.time.Duration;
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

    /** What the filters are told, with permits that do not grow old within a test. */
    public static Settings settings() {
        return new Settings("https://gateway.example.org", false, "g-1", Duration.ofMinutes(1), Duration.ofMinutes(1));
    }

    /** Starts the task. */
    public PermittedCalls(TaskStore store) {
        this.store = store;
        store.apply(TASK, ONE_CALL, new TaskStep.Start(chain.rootToken().id(), Tasks.FAR_MILLIS))
                .block();
    }

    /** A call of a verified caller, whose step is yet to be made. */
    public Call.Granted verified() {
        return verified(Tasks.proof());
    }

    /** The same, by that proof. */
    public Call.Granted verified(ProofClaim proof) {
        return verified(Schedulers.immediate(), proof, URI.create("http://upstream/v1/x"));
    }

    /** The same, to that URL. */
    public Call.Granted to(URI target) {
        return verified(Schedulers.immediate(), Tasks.proof(), target);
    }

    private Call.Granted verified(Scheduler loop, ProofClaim proof, @Nullable URI target) {
        Call.Arrived arrived = Call.Arrived.now("vault", "GET", "/vault/v1/x?y", "00", Revisions.EMPTY, loop);
        Caller caller =
                new Caller(chain, Holders.NONE, proof, TASK, TASK.value(), accounts, ONE_CALL, null, null, 0, null);
        Presented presented = new Presented(ProofScheme.DPOP, "leaf", null, null, null);
        Call.Named named = new Call.Named(
                new Call.Identified(arrived, presented, caller),
                List.of(Tasks.pair("vault:kv.read")),
                "sha-256:x",
                List.of());
        return new Call.Granted(named, target, "/v1/x", HeaderRules.COMMON, null, false, null, null);
    }

    /** A call whose step permitted it. */
    public Call.Permitted permitted() {
        return permitted(Schedulers.immediate());
    }

    /** The same, of an agent whose connection is on that loop. */
    public Call.Permitted permitted(Scheduler loop) {
        return permitted(verified(loop, Tasks.proof(), URI.create("http://upstream/v1/x")));
    }

    /** The same, to that URL. */
    public Call.Permitted permittedTo(URI target) {
        return permitted(to(target));
    }

    /** The same, which has no target, so that it cannot be signed. */
    public Call.Permitted withoutTarget() {
        return permitted(verified(Schedulers.immediate(), Tasks.proof(), null));
    }

    private Call.Permitted permitted(Call.Granted call) {
        call.progress().permit(System.nanoTime() + Duration.ofMinutes(1).toNanos());
        return new Call.Permitted(call, (TaskOutcome.Permitted) step(call.decision()));
    }

    /** A permitted call whose place in the plan waits for its outcome. */
    public Call.Permitted awaited() {
        TaskOutcome.Progress progress = new TaskOutcome.Progress("1", "2", Budgets.NONE);
        return new Call.Permitted(
                permitted().granted(), new TaskOutcome.Permitted(progress, Awaited.OUTCOME, List.of()));
    }

    /** A permitted call of one operation with this effect, and what must be told of it. */
    public Call.Permitted awaited(Effect effect, Awaited awaited) {
        Call.Granted granted = permitted().granted();
        OperationCall pair = Tasks.pair("vault:kv.put", effect);
        Call.Named named = new Call.Named(granted.named().identified(), List.of(pair), granted.argsHash(), List.of());
        TaskOutcome.Progress progress = new TaskOutcome.Progress("1", "2", Budgets.NONE);
        return new Call.Permitted(
                new Call.Granted(named, granted.target(), "/v1/x", HeaderRules.COMMON, null, false, null, null),
                new TaskOutcome.Permitted(progress, awaited, List.of()));
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
