package dev.errand.state.redis;

import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.Task;
import dev.errand.task.TaskKey;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * What a lane owes the hash of its task besides the steps: a time at which the hash expires, the removal of marks, and
 * the form that suits their number.
 * Used by one batch at a time.
 */
final class LaneUpkeep {
    /** The most marks within the time of a mark for which the small form of a hash is fast. */
    private static final int SMALL = 32;

    /** After these attempts the next step of the task tries again. */
    private static final Retry AGAIN = Retry.backoff(7, Duration.ofMillis(200)).maxBackoff(Duration.ofSeconds(5));

    /**
     * Whether this lane does not know that the hash expires: it made the hash, or another replica did, which may have died before it
     * set the time.
     */
    private volatile boolean endless = true;

    /** The marks that this replica made since it last noted the task. */
    private int marks;

    /** Until when the task is noted for the removal of marks. */
    private long notedUntilMillis;

    /** Whether the hash has so many marks that the store finds a field in its small form too slowly. */
    private boolean large;

    boolean isSmall() {
        return !large;
    }

    /** Called before a script may make the hash. */
    void making() {
        endless = true;
    }

    /** Asks the store, once, to set the time at which the hash expires. Nobody waits for it: the step is written already. */
    void expire(RedisLink link, byte[] hash, long atMillis) {
        if (endless) {
            endless = false;
            Mono.fromFuture(() -> link.expire(hash, atMillis))
                    .retryWhen(AGAIN)
                    .subscribe(set -> {}, away -> endless = true);
        }
    }

    /**
     * Counts marks that a step made.
     *
     * @param untilMillis until when they are needed
     */
    void marked(TaskKey key, Task task, int made, long untilMillis, LaneEvents events) {
        marks += made;
        large |= marks > SMALL;
        if (marks >= UsedProofs.SPARED && task.timeMillis() >= notedUntilMillis) {
            marks = 0;
            notedUntilMillis = untilMillis;
            events.marked(key, untilMillis, task.expiresAtMillis());
        }
    }
}
