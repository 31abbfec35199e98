package dev.errand.state.redis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.bytes.Base64Url;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.StepScript;
import dev.errand.state.redis.seal.Seal;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskState;
import dev.errand.task.state.Task;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that this replica knows as ended, until their time would have been over anyway: a store that comes back older
 * does not revive them here. Bounded at 32 MiB, the ones least asked about go first. Thread-safe.
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

    /** @param seal by which it is known who announced an ending */
    EndedTasks(Seal seal) {
        this.seal = seal;
    }

    private record Kept(Ended ended, long untilMillis) {}

    /** @param untilMillis when the task's time is over, epoch milliseconds */
    void remember(TaskKey key, Ended ended, long untilMillis) {
        kept.put(key, new Kept(ended, untilMillis));
    }

    /** How the task ended, or null where nothing is known of that. */
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

    /** What is announced of an ending: the task's key and, where all of it ended, sealed how and until when. */
    static byte[] announcement(TaskKey key, Task task, Seal seal) {
        Ended ended = task.ending();
        String rest = "";
        if (ended != null) {
            String told = key.value() + " " + ended.state().name() + " " + task.expiresAtMillis() + " "
                    + (ended.why() == null ? "" : ended.why());
            rest = " " + Base64Url.encode(seal.seal(StepScript.OVER, told.getBytes(StandardCharsets.UTF_8)));
        }
        return (key.value() + rest).getBytes(StandardCharsets.US_ASCII);
    }

    /** Hears what another replica announced; nothing if it is not an announcement of a whole task's end by one of us. */
    void heard(byte[] announcement) {
        String[] message = new String(announcement, StandardCharsets.US_ASCII).split(" ", 2);
        byte[] bytes = message.length < 2 ? null : Base64Url.decode(message[1]);
        if (bytes == null) {
            return;
        }
        try {
            byte[] told = seal.open(StepScript.OVER, bytes, 0);
            String[] words = new String(told, StandardCharsets.UTF_8).split(" ", 4);
            if (words.length == 4 && words[0].equals(message[0])) {
                String why = words[3].isEmpty() ? null : words[3];
                remember(new TaskKey(words[0]), new Ended(TaskState.valueOf(words[1]), why), Long.parseLong(words[2]));
            }
        } catch (IllegalArgumentException | StoreUnavailableException notOurs) {
            // Whoever can publish there tells nothing that counts: the record does.
        }
    }
}
