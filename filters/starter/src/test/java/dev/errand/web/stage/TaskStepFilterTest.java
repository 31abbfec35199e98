package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.fleet.OrderedEnds;
import dev.errand.fleet.TaskActivities;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import dev.errand.web.Revisions;
import dev.errand.web.RunningRevision;
import dev.errand.web.refusal.TestAnswers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class TaskStepFilterTest {
    private final List<ProvenanceRecord> appended = new ArrayList<>();
    private final ProvenanceLog log = new ProvenanceLog() {
        @Override
        public Mono<Void> append(ProvenanceRecord record) {
            return Mono.fromRunnable(() -> appended.add(record));
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };
    private final SlowStore store = new SlowStore(TaskStep.Call.class);
    private final PermittedCalls calls = new PermittedCalls(store.applied);
    private final List<Call> forwarded = new ArrayList<>();

    private Disposable make(Call.Granted call) {
        return make(call, store);
    }

    private Disposable make(Call.Granted call, TaskStore store) {
        TestAnswers test = new TestAnswers(store, log);
        TaskStepFilter filter = new TaskStepFilter(
                store,
                test.refusals,
                new KnownChains(),
                test.metrics,
                test.starts,
                new LiveCalls(store, new RunningRevision(Revisions.EMPTY), OrderedEnds.NONE),
                TestOutcomes.of(store, log),
                new PermitAges(store, PermittedCalls.settings()),
                new TaskActivities(),
                TestOutcomes.asked(test.refusals),
                TestOutcomes.approved(store, log, test.refusals));
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
        call.attachTo(exchange);
        return filter.filter(exchange, next -> Mono.fromRunnable(() -> forwarded.add(Call.find(exchange))))
                .subscribe();
    }

    @Test
    void permit_isWaitedFor_beforeTheCallGoesOn() {
        Call.Granted call = calls.verified();
        make(call);
        assertThat(forwarded).isEmpty();
        store.tell();
        assertThat(forwarded)
                .singleElement()
                .isInstanceOfSatisfying(
                        Call.Permitted.class,
                        permitted -> assertThat(permitted.granted()).isSameAs(call));
        assertThat(call.progress().isPermitted()).isTrue();
    }

    @Test
    void agent_thatLeavesWhileItsPermitIsDecided_leavesTwoRecordsAndGetsItsBudgetBack() {
        make(calls.verified()).dispose();
        assertThat(calls.another()).isInstanceOf(TaskOutcome.Denied.class);
        store.tell();
        assertThat(forwarded).isEmpty();
        assertThat(appended)
                .satisfiesExactly(
                        permit -> assertThat(permit).isInstanceOf(ProvenanceRecord.Decision.class),
                        outcome -> assertThat(outcome)
                                .isInstanceOfSatisfying(
                                        ProvenanceRecord.Outcome.class,
                                        back -> assertThat(back.compensated()).isTrue()));
        assertThat(calls.another()).isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void agent_thatLeavesWhileItsRefusalIsDecided_leavesARecord() {
        assertThat(calls.another()).isInstanceOf(TaskOutcome.Permitted.class);
        make(calls.verified()).dispose();
        assertThat(appended).isEmpty();
        store.tell();
        assertThat(appended)
                .singleElement()
                .isInstanceOfSatisfying(
                        ProvenanceRecord.Decision.class,
                        denied -> assertThat(denied.objection().code()).isEqualTo("budget-exhausted"));
    }

    @Test
    void permitWhoseAnswerIsLost_isRefused_andGivenBackLater() throws Exception {
        BlockingQueue<TaskStep> steps = new LinkedBlockingQueue<>();
        Call.Granted call = calls.verified();
        make(call, new TaskStore() {
            @Override
            public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
                steps.add(step);
                return store.applied.apply(key, policy, step).then(Mono.error(new StoreUnavailableException("late")));
            }

            @Override
            public Flux<TaskKey> endings() {
                return Flux.never();
            }

            @Override
            public boolean isAvailable() {
                return true;
            }
        });
        assertThat(forwarded).isEmpty();
        assertThat(steps.take()).isInstanceOf(TaskStep.Call.class);
        assertThat(steps).as("the answer does not wait").isEmpty();
        for (int times = 0; times < 2; times++) {
            assertThat(steps.poll(10, TimeUnit.SECONDS)).isEqualTo(TaskStep.GiveBack.lost(call.decision()));
        }
        assertThat(calls.another()).as("the debit is kept").isInstanceOf(TaskOutcome.Denied.class);
    }
}
