package dev.errand.task.step;

import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.token.TokenId;
import org.jspecify.annotations.Nullable;

/** Begin, expiry and end of a task in its working copy. Not thread-safe. */
final class TaskLifecycle {
    private static final int MAX_WHY = 512;

    private final long nowMillis;
    private @Nullable TokenId root;
    private TaskState ending = TaskState.ACTIVE;
    private @Nullable String why;
    private long expiresAtMillis;
    private @Nullable TokenId start;
    private boolean endedSomething;

    /** @param before the earlier task, or null if there is none */
    TaskLifecycle(@Nullable Task before, long nowMillis) {
        this.nowMillis = nowMillis;
        if (before != null) {
            root = before.root();
            ending = before.state();
            why = before.why();
            expiresAtMillis = before.expiresAtMillis();
            start = before.start();
        }
    }

    /** @param subject the subject token under which the task's start is kept, or null */
    void begin(TokenId newRoot, long untilMillis, @Nullable TokenId subject) {
        root = newRoot;
        expiresAtMillis = untilMillis;
        start = subject;
    }

    void end(TaskState how, String sentence) {
        ending = how;
        why = cut(sentence);
        endedSomething = true;
    }

    void endToken() {
        endedSomething = true;
    }

    /** Whether the batch ended the task or a token of it. */
    boolean endedSomething() {
        return endedSomething;
    }

    /** The sentence, cut to the length that a record keeps. */
    static String cut(String sentence) {
        return sentence.length() <= MAX_WHY ? sentence : sentence.substring(0, MAX_WHY);
    }

    /** The current state of the task. A task that does not exist counts as expired. */
    TaskState state() {
        if (root == null) {
            return TaskState.EXPIRED;
        }
        return ending == TaskState.ACTIVE && nowMillis >= expiresAtMillis ? TaskState.EXPIRED : ending;
    }

    /** How the task ended, or null while it is active. */
    TaskOutcome.@Nullable Ended over() {
        TaskState now = state();
        return now == TaskState.ACTIVE ? null : new TaskOutcome.Ended(now, why);
    }

    /** The root token; null before the task begins. */
    @Nullable TokenId root() {
        return root;
    }

    /** How the task ended early; active also for a task that has expired. */
    TaskState ending() {
        return ending;
    }

    @Nullable String why() {
        return why;
    }

    long expiresAtMillis() {
        return expiresAtMillis;
    }

    @Nullable TokenId start() {
        return start;
    }
}
