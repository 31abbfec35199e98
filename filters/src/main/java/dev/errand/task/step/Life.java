package dev.errand.task.step;

import dev.errand.delegation.TokenId;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.state.Task;
import org.jspecify.annotations.Nullable;

/** The life of a task in its working copy: what began it, until when it lasts, and how it ends. Not thread-safe. */
final class Life {
    private static final int MAX_WHY = 512;

    private final long nowMillis;
    private @Nullable TokenId root;
    private TaskState ending = TaskState.ACTIVE;
    private @Nullable String why;
    private long expiresAtMillis;
    private @Nullable TokenId start;
    private boolean endedSomething;

    /** @param before the earlier task, or null if there is none */
    Life(@Nullable Task before, long nowMillis) {
        this.nowMillis = nowMillis;
        if (before != null) {
            root = before.root();
            ending = before.state();
            why = before.why();
            expiresAtMillis = before.expiresAtMillis();
            start = before.start();
        }
    }

    /** @param subject the subject token under which its start is kept, or null */
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

    /** A token of it ends. */
    void endToken() {
        endedSomething = true;
    }

    /** Whether the batch ended the task or a token of it. */
    boolean endedSomething() {
        return endedSomething;
    }

    /** A sentence in the length that a record keeps. */
    static String cut(String sentence) {
        return sentence.length() <= MAX_WHY ? sentence : sentence.substring(0, MAX_WHY);
    }

    /** The state of the task now. A task that does not exist has expired. */
    TaskState state() {
        if (root == null) {
            return TaskState.EXPIRED;
        }
        return ending == TaskState.ACTIVE && nowMillis >= expiresAtMillis ? TaskState.EXPIRED : ending;
    }

    /** How it is over, or null while it is active. */
    TaskOutcome.@Nullable Ended over() {
        TaskState now = state();
        return now == TaskState.ACTIVE ? null : new TaskOutcome.Ended(now, why);
    }

    /** The root token; null before the task begins. */
    @Nullable TokenId root() {
        return root;
    }

    /** How it was ended; active also for one whose time is over. */
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
