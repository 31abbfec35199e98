package dev.errand.web.stage;

import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.token.DelegationToken;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.NotSentException;
import dev.errand.web.Settings;
import reactor.core.publisher.Mono;

/**
 * Bounds how old a call's permit may be when the call is sent. Else a replica that was paused between permit and sending would send
 * calls of a task that has ended on another replica since. Ages are by the monotonic clock. Thread-safe.
 */
public final class PermitAges {
    private final TaskStore store;
    private final long ageNanos;

    public PermitAges(TaskStore store, Settings settings) {
        this.store = store;
        this.ageNanos = settings.permitAge().toNanos();
    }

    /** Marks the call as permitted by a step that was asked for at that time, {@link System#nanoTime}. */
    void permit(Call call, long askedNanos) {
        call.progress().permit(askedNanos + ageNanos);
    }

    /**
     * Asks the store whether the task and the chain are still good, and renews the permit. Nothing is claimed or debited. Completes on
     * the call's event loop; ends with a {@link NotSentException} if they are not good, or if the store does not answer.
     */
    public Mono<Void> renew(Call.Verified call) {
        return Mono.defer(() -> {
                    long askedNanos = System.nanoTime();
                    Caller caller = call.caller();
                    TaskStep look = new TaskStep.Look(caller.chain().tokens().stream()
                            .map(DelegationToken::id)
                            .toList());
                    return store.apply(caller.taskKey(), caller.policy(), look)
                            .onErrorMap(
                                    StoreUnavailableException.class, away -> new NotSentException.UndecidedException())
                            .flatMap(outcome -> renewed(call, outcome, askedNanos));
                })
                .publishOn(call.loop());
    }

    private Mono<Void> renewed(Call.Verified call, TaskOutcome outcome, long askedNanos) {
        if (outcome instanceof TaskOutcome.Ended ended) {
            return Mono.error(new NotSentException.EndedException(ended.state().wire()));
        }
        permit(call, askedNanos);
        return call.progress().isLate() ? renew(call) : Mono.empty();
    }
}
