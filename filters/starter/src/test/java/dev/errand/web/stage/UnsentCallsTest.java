package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.operation.Effect;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.CandidateTasks;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A call that was certainly not sent leaves no unknown outcome, even if the store did not answer. */
class UnsentCallsTest {
    private static final TaskKey KEY = new TaskKey("t-1234567890123456789012");
    private static final TokenAccount ROOT = Tasks.token("root");

    private final AtomicLong now = new AtomicLong(1_795_000_000_000L);
    private final InMemoryTaskStore kept = new InMemoryTaskStore(now::get);
    private final AtomicInteger failing = new AtomicInteger();
    private final CountDownLatch given = new CountDownLatch(1);
    private final TaskStore store = new TaskStore() {
        @Override
        public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
            return failing.getAndDecrement() > 0
                    ? Mono.error(new StoreUnavailableException("away"))
                    : kept.apply(key, policy, step).doOnSuccess(done -> given.countDown());
        }

        @Override
        public Flux<TaskKey> endings() {
            return Flux.never();
        }

        @Override
        public boolean isAvailable() {
            return true;
        }
    };
    private final TaskPolicy policy =
            Tasks.calls(Tasks.policy(CandidateTasks.sequence("sequence: [x:a: {outcome: sent}, x:b]")), 3);

    UnsentCallsTest() {
        kept.apply(KEY, policy, new TaskStep.Start(ROOT.id(), Tasks.FAR_MILLIS)).block();
    }

    private TaskStep.Call call(String operation) {
        return new TaskStep.Call(
                Tasks.unique("d"), List.of(ROOT), Tasks.proof(), List.of(Tasks.pair(operation, Effect.WRITE)), true, 0);
    }

    private TaskOutcome make(TaskStep step) {
        return kept.apply(KEY, policy, step).block();
    }

    private void lost(TaskStep.Call call) throws Exception {
        failing.set(1);
        new UnsentCalls(store).lost(KEY, policy, call.decision());
        assertThat(given.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void permitWhoseAnswerWasLost_freesItsPlaceInThePlan() throws Exception {
        TaskStep.Call call = call("x:a");
        assertThat(make(call)).isInstanceOf(TaskOutcome.Permitted.class);
        assertThat(make(call("x:a"))).isInstanceOf(TaskOutcome.Denied.class);
        lost(call);
        now.addAndGet(Duration.ofHours(1).toMillis());
        assertThat(make(call("x:a"))).isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void permitThatTheStoreNeverMade_givesNothingBack() throws Exception {
        TaskStep.Call other = call("x:a");
        make(other);
        make(new TaskStep.Settle(other.decision(), true));
        lost(call("x:b"));
        assertThat(make(call("x:a"))).as("x:a has happened").isInstanceOf(TaskOutcome.Denied.class);
        TaskStep.Call next = call("x:b");
        assertThat(make(next)).isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void step_thatTheStoreDoesNotTake_isRepeated_andThenTold() throws Exception {
        TaskStep.Call call = call("x:a");
        make(call);
        failing.set(2);
        CountDownLatch told = new CountDownLatch(1);
        new UnsentCalls(store)
                .now(
                        KEY,
                        policy,
                        new TaskStep.GiveBack(call.decision(), List.of(ROOT), 1),
                        Mono.fromRunnable(told::countDown))
                .block();
        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(make(call("x:a"))).isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void call_thatTheStoreNeverTakesBack_isLoggedWithTheReason() {
        Logger log = (Logger) LoggerFactory.getLogger(UnsentCalls.class);
        ListAppender<ILoggingEvent> written = new ListAppender<>();
        written.start();
        VirtualTimeScheduler clock = VirtualTimeScheduler.getOrSet();
        log.addAppender(written);
        try {
            failing.set(Integer.MAX_VALUE);
            new UnsentCalls(store).lost(KEY, policy, "d-1");
            clock.advanceTimeBy(Duration.ofMinutes(2));
        } finally {
            log.detachAppender(written);
            VirtualTimeScheduler.reset();
        }
        assertThat(written.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("not given back decision=d-1: away");
    }
}
