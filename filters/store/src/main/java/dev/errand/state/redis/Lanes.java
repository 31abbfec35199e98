package dev.errand.state.redis;

import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskKey;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of the tasks that this replica stepped lately, each with its last record. Keeps all lanes of the last
 * minute, up to {@value #MOST}, and older ones up to {@value #KEPT}, all together in a quarter of the heap. Of dropped
 * lanes it keeps the epoch, up to {@value #EPOCHS} of them. Thread-safe.
 */
final class Lanes {
    static final int KEPT = 10_000;
    static final int MOST = 50_000;
    static final int EPOCHS = 200_000;

    private static final long LATELY_NANOS = Duration.ofMinutes(1).toNanos();

    private final LaneMaker maker;
    private final long mostBytes;
    private long bytes;
    private final Map<TaskKey, TaskLane> lanes = new LinkedHashMap<>(256, 0.75f, true);
    private final Map<TaskKey, TaskEpoch> epochs = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TaskKey, TaskEpoch> eldest) {
            return size() > EPOCHS;
        }
    };

    /** Makes a lane. */
    interface LaneMaker {
        /** @param knownEpoch the epoch of the newest record of the task that this replica knew */
        TaskLane make(TaskKey key, TaskEpoch knownEpoch);
    }

    Lanes(LaneMaker maker) {
        this(maker, Runtime.getRuntime().maxMemory() / 4);
    }

    /** @param mostBytes the most bytes of all lanes together */
    Lanes(LaneMaker maker, long mostBytes) {
        this.maker = maker;
        this.mostBytes = mostBytes;
    }

    synchronized TaskLane of(TaskKey key) {
        TaskLane lane = lanes.get(key);
        boolean made = lane == null;
        if (lane == null) {
            TaskEpoch known = epochs.remove(key);
            lane = maker.make(key, known == null ? TaskEpoch.NONE : known);
            lanes.put(key, lane);
        }
        count(lane);
        if (made || bytes > mostBytes) {
            makeRoom();
        }
        return lane;
    }

    synchronized @Nullable TaskLane find(TaskKey key) {
        return lanes.get(key);
    }

    /** Counts a lane by its weight after its last step. */
    private void count(TaskLane lane) {
        long weight = lane.weight();
        bytes += weight - lane.weighed();
        lane.weighed(weight);
    }

    private void makeRoom() {
        Iterator<Map.Entry<TaskKey, TaskLane>> eldest = lanes.entrySet().iterator();
        while (lanes.size() > 1 && eldest.hasNext()) {
            Map.Entry<TaskKey, TaskLane> entry = eldest.next();
            TaskLane lane = entry.getValue();
            boolean mustGo = lanes.size() > MOST || bytes > mostBytes;
            if (!mustGo && (lanes.size() <= KEPT || !lane.isIdleFor(LATELY_NANOS))) {
                return;
            }
            epochs.put(entry.getKey(), lane.epoch());
            bytes -= lane.weighed();
            eldest.remove();
        }
    }
}
