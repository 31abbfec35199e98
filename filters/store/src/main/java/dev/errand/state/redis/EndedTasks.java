package dev.errand.state.redis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.StepScript;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskState;
import dev.errand.token.Base64Url;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that this replica knows to have ended, each until it would have expired anyway: if the store comes back
 * with older data, they stay ended here. Holds at most 32 MiB and drops the least used tasks first. Thread-safe.
 */
final class EndedTasks {
    private static final long MAX_BYTES = 32 << 20;
    private static final int ENTRY_BYTES = 200;

    private final Cache<TaskKey, Kept> kept = Caffeine.newBuilder()
            .maximumWeight(MAX_BYTES)
            .weigher((TaskKey key, Kept value) -> ENTRY_BYTES
                    + 2 * (value.ended().why() == null ? 0 : value.ended().why().length()))
            .build();

    private final Seal seal;

    /** @param seal proves that an announcement is from a replica that shares our key */
    EndedTasks(Seal seal) {
        this.seal = seal;
    }

    private record Kept(Ended ended, long untilMillis) {}

    /** @param untilMillis when the task would have expired, epoch milliseconds */
    void remember(TaskKey key, Ended ended, long untilMillis) {
        kept.put(key, new Kept(ended, untilMillis));
    }

    /** How the task ended, or null if this replica knows nothing of an end. */
    @Nullable Ended find(TaskKey key, long nowMillis) {
        Kept known = kept.getIfPresent(key);
        if (known == null) {
            return null;
        }
        if (known.untilMillis() <= nowMillis) {
            kept.invalidate(key);
            return null;
        }
        return known.ended();
    }

    /**
     * The announcement of an end: the task's key and, if the whole task ended, a space, how it ended and when it
     * expires, sealed.
     */
    static byte[] announcement(TaskKey key, Task task, Seal seal) {
        Ended ended = task.ending();
        String rest = "";
        if (ended != null) {
            String told = key.value() + " " + ended.state().name() + " " + task.expiresAtMillis() + " "
                    + (ended.why() == null ? "" : ended.why());
            rest = " " + Base64Url.encode(seal.seal(StepScript.CHANNEL, told.getBytes(StandardCharsets.UTF_8)));
        }
        return (key.value() + rest).getBytes(StandardCharsets.US_ASCII);
    }

    /** Remembers an announced end, if it is that of a whole task and sealed with our key; ignores all others. */
    void heard(String announcement) {
        String[] message = announcement.split(" ", 2);
        byte[] bytes = message.length < 2 ? null : Base64Url.decode(message[1]);
        if (bytes == null) {
            return;
        }
        try {
            byte[] told = seal.open(StepScript.CHANNEL, bytes, 0);
            String[] words = new String(told, StandardCharsets.UTF_8).split(" ", 4);
            if (words.length == 4 && words[0].equals(message[0])) {
                String why = words[3].isEmpty() ? null : words[3];
                remember(new TaskKey(words[0]), new Ended(TaskState.valueOf(words[1]), why), Long.parseLong(words[2]));
            }
        } catch (IllegalArgumentException | StoreUnavailableException notOurs) {
            // Anyone who can publish on the channel can send this; only sealed messages and records count.
        }
    }
}
