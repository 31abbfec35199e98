package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.StoreClock;
import dev.errand.task.Task;
import dev.errand.task.TaskEpoch;
import dev.errand.task.TaskKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a replica keeps of the tasks that it stepped. */
class LanesTest {
    private static final LaneEvents NOTHING = new LaneEvents() {
        @Override
        public void ended(TaskKey key, Task task) {}

        @Override
        public void rolledBack(TaskKey key, boolean interrupted) {}

        @Override
        public void marked(TaskKey key, long untilMillis, long overMillis) {}
    };

    private final Map<TaskKey, TaskEpoch> made = new HashMap<>();

    private static TaskKey key(int number) {
        return new TaskKey("t-" + number);
    }

    @Test
    void tasksOfTheLastMinute_areKeptWhole_andOfThoseThatMakeRoomTheEpochIs() throws Exception {
        RedisLink link = RedisLink.open(
                RedisAddress.parse(List.of("redis://127.0.0.1:1")),
                Duration.ofMillis(50),
                Duration.ofSeconds(5),
                StateListener.NONE);
        try {
            TaskEpoch epoch = new TaskEpoch(7, 3, 7);
            Lanes lanes = new Lanes((key, known) -> {
                made.put(key, known);
                TaskEpoch newest = known.equals(TaskEpoch.NONE) ? epoch : known;
                return new TaskLane(
                        key, RecordTerms.NEWEST, link, new StoreClock(), StateListener.NONE, NOTHING, newest);
            });
            for (int i = 0; i < Lanes.MOST + 10; i++) {
                lanes.of(key(i));
            }
            assertThat(lanes.find(key(9))).isNull();
            assertThat(lanes.find(key(10)))
                    .as("more than %d are of the last minute", Lanes.KEPT)
                    .isNotNull();
            made.clear();
            TaskLane again = lanes.of(key(0));
            assertThat(made).containsEntry(key(0), epoch);
            assertThat(again.epoch()).isEqualTo(epoch);
            assertThat(lanes.of(key(0))).isSameAs(again);
        } finally {
            link.close();
        }
    }

    @Test
    void lanes_takeNoMoreMemoryThanTheyMay_andTheOneThatIsAskedForStays() throws Exception {
        RedisLink link = RedisLink.open(
                RedisAddress.parse(List.of("redis://127.0.0.1:1")),
                Duration.ofMillis(50),
                Duration.ofSeconds(5),
                StateListener.NONE);
        try {
            Lanes lanes = new Lanes(
                    (key, known) -> new TaskLane(
                            key, RecordTerms.NEWEST, link, new StoreClock(), StateListener.NONE, NOTHING, known),
                    5_000);
            for (int i = 0; i < 100; i++) {
                lanes.of(key(i));
                assertThat(lanes.find(key(i))).isNotNull();
            }
            assertThat(lanes.find(key(85))).as("500 bytes each").isNull();
            assertThat(lanes.find(key(91))).isNotNull();
        } finally {
            link.close();
        }
    }
}
