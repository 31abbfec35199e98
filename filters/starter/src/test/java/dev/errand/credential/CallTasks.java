package dev.errand.credential;

import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.token.Human;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.GrantedOperation;
import java.util.List;
import java.util.Set;

/** Tasks of calls for tests: of one human and one attested agent. */
public final class CallTasks {
    private CallTasks() {}

    /** A task that runs nowhere. */
    public static CallTask named(String name) {
        return of(name, Tasks.policy());
    }

    static CallTask of(String name, TaskPolicy policy) {
        return new CallTask(
                new TaskKey(name),
                Tasks.token("root").id(),
                name,
                "release",
                new Human("https://idp.example.org", "user:7f3c"),
                "spiffe://example.org/agent/release-bot",
                true,
                null,
                Tasks.FAR_MILLIS,
                policy,
                Set.of("vault"),
                List::of);
    }

    /** The same by an agent that nothing proved. */
    public static CallTask unattested(CallTask task) {
        return new CallTask(
                task.key(),
                task.root(),
                task.task(),
                task.template(),
                task.human(),
                task.agent(),
                false,
                null,
                task.expiresAtMillis(),
                task.policy(),
                task.catalogues(),
                task.granted());
    }

    /** The same with grants that need permissions. */
    static CallTask granted(CallTask task, List<GrantedOperation> granted) {
        return new CallTask(
                task.key(),
                task.root(),
                task.task(),
                task.template(),
                task.human(),
                task.agent(),
                task.attested(),
                null,
                task.expiresAtMillis(),
                task.policy(),
                task.catalogues(),
                () -> granted);
    }

    /** The same, over at that time. */
    public static CallTask until(CallTask task, long expiresAtMillis) {
        return new CallTask(
                task.key(),
                task.root(),
                task.task(),
                task.template(),
                task.human(),
                task.agent(),
                true,
                null,
                expiresAtMillis,
                task.policy(),
                task.catalogues(),
                task.granted());
    }

    /** A task that runs in that store. */
    static CallTask started(TaskStore store) {
        CallTask task = named(Tasks.unique("t-"));
        store.apply(
                        task.key(),
                        task.policy(),
                        new TaskStep.Start(Tasks.token("root").id(), Tasks.FAR_MILLIS))
                .block();
        return task;
    }

    static void interrupt(TaskStore store, CallTask task) {
        store.apply(task.key(), task.policy(), new TaskStep.Interrupt("enough")).block();
    }
}
