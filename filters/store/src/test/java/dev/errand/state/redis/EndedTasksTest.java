package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome.Ended;
import dev.errand.task.TaskState;
import dev.errand.token.Base64Url;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndedTasksTest {
    private static final TaskKey KEY = new TaskKey("t-1");

    private final EndedTasks over = new EndedTasks(Seal.NONE);

    private void heard(String task, String told) {
        over.heard(task + " " + Base64Url.encode(told.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void ending_isKnownUntilTheTasksTimeIsOver() {
        heard("t-1", "t-1 INTERRUPTED 1000 a leak, é");
        assertThat(over.find(KEY, 999)).isEqualTo(new Ended(TaskState.INTERRUPTED, "a leak, é"));
        assertThat(over.find(new TaskKey("t-2"), 0)).isNull();
        assertThat(over.find(KEY, 1000)).isNull();
        assertThat(over.find(KEY, 0)).as("forgotten").isNull();
    }

    @Test
    void endingOfAnotherTask_underThisOnesName_endsNothing() {
        heard("t-1", "t-2 INTERRUPTED 1000 why");
        assertThat(over.find(KEY, 0)).isNull();
        assertThat(over.find(new TaskKey("t-2"), 0)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "t-1",
                "t-1 INTERRUPTED",
                "t-1 INTERRUPTED soon why",
                "t-1 OVER 1000 why",
                "../x INTERRUPTED 1000 why"
            })
    void otherMessages_endNothing(String message) {
        heard("t-1", message);
        over.heard(message);
        assertThat(over.find(KEY, 0)).isNull();
    }
}
