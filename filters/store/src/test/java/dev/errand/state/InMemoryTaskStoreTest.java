package dev.errand.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.ProofClaim;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InMemoryTaskStoreTest extends TaskStoreContract {
    private final InMemoryTaskStore store = new InMemoryTaskStore();

    @Override
    protected List<InMemoryTaskStore> replicas() {
        return List.of(store, store, store);
    }

    @Test
    void proof_ofALongWindow_isKeptTwiceTheWindow() {
        AtomicLong clock = new AtomicLong(1_795_512_000_000L);
        InMemoryTaskStore moved = new InMemoryTaskStore(clock::get);
        TaskKey key = new TaskKey("t-1");
        ProofClaim proof = new ProofClaim("p", ProofClaim.keepMillis(Duration.ofMinutes(20)), false);
        TaskStep.Call call = new TaskStep.Call(
                "d", List.of(Tasks.token("root")), proof, List.of(Tasks.pair("x")), true, Tasks.FAR_MILLIS);
        assertThat(moved.apply(key, Tasks.policy(), call).block()).isInstanceOf(TaskOutcome.Permitted.class);
        clock.addAndGet(Duration.ofMinutes(40).toMillis());
        assertThat(moved.apply(key, Tasks.policy(), call).block()).isInstanceOf(TaskOutcome.Replayed.class);
        clock.addAndGet(Duration.ofMinutes(1).toMillis());
        assertThat(moved.apply(key, Tasks.policy(), call).block()).isInstanceOf(TaskOutcome.Permitted.class);
    }
}
