package dev.errand.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.fleet.Lock;
import dev.errand.log.EndedBy;
import dev.errand.state.FleetTask;
import dev.errand.state.IndexedTask;
import dev.errand.state.Selector;
import dev.errand.task.TaskState;
import dev.errand.task.record.TaskGlance;
import dev.errand.token.Human;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManyTasksTest {
    private static final Human HUMAN = new Human("https://idp.example.org", "user:7f3c");
    private static final long BEFORE = 10_000;
    private static final long AT = 10_003;
    private static final Lock LOCK = new Lock(
            "l-1",
            AT,
            AT,
            900_000,
            EndedBy.operator("operator", null),
            "why",
            false,
            new Selector(HUMAN, null, null, false));

    /** An order that follows another one at once ends nothing, and counts nothing. */
    @ParameterizedTest
    @CsvSource({
        "ACTIVE,      9000, 9500,  20000, true",
        "ACTIVE,      9000, 9500,  10002, false", // its time was over
        "ACTIVE,      10003, 10003, 20000, true", // began in the same millisecond
        "ACTIVE,      10004, 10004, 20000, false", // began later
        "INTERRUPTED, 9000, 10001, 20000, true", // at its next step, by a replica that saw the lock
        "INTERRUPTED, 9000, 10000, 20000, false", // by an earlier order
        "INTERRUPTED, 9000, 9990,  20000, false",
        "COMPLETED,   9000, 10001, 20000, false"
    })
    void isMeant_whatTheLockEnds(TaskState ended, long began, long stepped, long expires, boolean meant) {
        IndexedTask facts = new IndexedTask("t-1", "release", HUMAN, null, began, expires);
        FleetTask task =
                new FleetTask(facts, List.of(), null, new TaskGlance(ended, null, 1, began, stepped, expires, 0), true);
        assertThat(ManyTasks.isMeant(LOCK, BEFORE, task)).isEqualTo(meant);
    }
}
