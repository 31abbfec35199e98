package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.operation.Effect;
import dev.errand.sequence.Awaited;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class OutcomesTest {
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
    private final SlowStore store = new SlowStore(TaskStep.Settle.class);
    private final Outcomes outcomes = TestOutcomes.of(store, log);

    @Test
    void agent_thatLeavesWhileAFailureIsTold_leavesOneOutcome() {
        Call.Permitted call = new PermittedCalls(store.applied).permitted();
        assertThat(call.progress().beginSending()).isTrue();
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
        MockServerHttpResponse response = new MockServerHttpResponse() {
            @Override
            @SuppressWarnings("unchecked") // of no server at all
            public <T> T getNativeResponse() {
                return (T) this;
            }
        };
        outcomes.failed(exchange.mutate().response(response).build(), call, new IOException("reset"))
                .block();
        outcomes.cancelled(call).block();
        assertThat(response.getStatusCode()).hasToString("502 BAD_GATEWAY");
        assertThat(response.getHeaders().getFirst("Errand-Sent")).isEqualTo("maybe");
        assertThat(appended).hasSize(1);
    }

    @Test
    void answer_whoseOutcomeCannotBeRecorded_isWithheldAndNotToBeRepeatedUnseen() {
        TaskStore away = new TaskStore() {
            @Override
            public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
                return Mono.error(new StoreUnavailableException("away"));
            }

            @Override
            public Flux<TaskKey> endings() {
                return Flux.never();
            }

            @Override
            public boolean isAvailable() {
                return false;
            }
        };
        Call.Permitted call = new PermittedCalls(store.applied).awaited();
        assertThat(call.progress().beginSending()).isTrue();
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
        exchange.getResponse().getHeaders().set("X-Upstream", "a");
        TestOutcomes.of(away, log)
                .answered(exchange, call, Mono.error(new AssertionError("passed on")))
                .block();
        assertThat(exchange.getResponse().getStatusCode()).hasToString("503 SERVICE_UNAVAILABLE");
        HttpHeaders headers = exchange.getResponse().getHeaders();
        assertThat(headers.getFirst("Errand-Code")).isEqualTo("decision-unavailable");
        assertThat(headers.getFirst("Errand-Sent")).isEqualTo("maybe");
        assertThat(headers.getFirst("Errand-Operation")).isEqualTo("vault:kv.read");
        assertThat(headers.headerNames()).doesNotContain("Retry-After", "X-Upstream");
    }

    @Test
    void agent_thatLeavesWhileAnAnswerIsSettled_leavesItSettledAndRecorded() {
        Call.Permitted call = new PermittedCalls(store.applied).awaited();
        AtomicBoolean passedOn = new AtomicBoolean();
        outcomes.answered(
                        MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x")),
                        call,
                        Mono.fromRunnable(() -> passedOn.set(true)))
                .subscribe()
                .dispose();
        assertThat(store.waiting()).isEqualTo(1);
        assertThat(appended)
                .singleElement()
                .isInstanceOfSatisfying(
                        ProvenanceRecord.Outcome.class,
                        outcome -> assertThat(outcome.upstreamStatus()).isEqualTo(200));
        store.tell();
        assertThat(passedOn).isFalse();
    }

    /** The steps of a call that was sent and that this happens to. */
    private List<TaskStep> steps(Effect effect, Awaited awaited, BiConsumer<Outcomes, Call.Permitted> happens) {
        List<TaskStep> steps = new ArrayList<>();
        InMemoryTaskStore tasks = new InMemoryTaskStore();
        Call.Permitted call = new PermittedCalls(tasks).awaited(effect, awaited);
        TaskStore noting = new TaskStore() {
            @Override
            public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
                steps.add(step);
                return tasks.apply(key, policy, step);
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
        assertThat(call.progress().beginSending()).isTrue();
        Outcomes these = TestOutcomes.of(noting, log);
        call.progress().whenHanded(() -> these.handed(call));
        happens.accept(these, call);
        assertThat(steps).allSatisfy(step -> assertThat(step.toString()).contains(call.decision()));
        return steps;
    }

    @Test
    void agent_thatLeaves_leavesAWriteUnknownAtOnce_andAReadInItsPlace() {
        assertThat(steps(
                        Effect.WRITE,
                        Awaited.OUTCOME,
                        (these, call) -> these.cancelled(call).block()))
                .singleElement()
                .isInstanceOfSatisfying(
                        TaskStep.Unanswered.class,
                        step -> assertThat(step.sent()).isFalse());
        assertThat(steps(
                        Effect.WRITE,
                        Awaited.NOTHING,
                        (these, call) -> these.cancelled(call).block()))
                .isEmpty();
        assertThat(steps(
                        Effect.READ,
                        Awaited.OUTCOME,
                        (these, call) -> these.cancelled(call).block()))
                .isEmpty();
        assertThat(appended)
                .hasSize(3)
                .allSatisfy(record -> assertThat(((ProvenanceRecord.Outcome) record).upstreamStatus())
                        .isNull());
    }

    @Test
    void agent_thatLeavesBehindTheHeadOfAnAnswer_leavesAKnownOutcome() {
        for (int status : new int[] {200, 403}) {
            assertThat(steps(Effect.WRITE, Awaited.OUTCOME, (these, call) -> {
                        call.progress().head(status);
                        these.cancelled(call).block();
                        these.cancelled(call).block();
                    }))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            TaskStep.Settle.class,
                            step -> assertThat(step.happened()).isEqualTo(status == 200));
        }
        assertThat(appended)
                .extracting(record -> ((ProvenanceRecord.Outcome) record).upstreamStatus())
                .containsExactly(200, 403);
    }

    @Test
    void request_thatWasHandedOver_isToldOnceAndOnlyWhereOthersMayWait() {
        assertThat(steps(Effect.WRITE, Awaited.SENDING_AT_ONCE, (these, call) -> {
                    call.progress().hand();
                    call.progress().hand();
                    these.cancelled(call).block();
                }))
                .satisfiesExactly(
                        step -> assertThat(step).isInstanceOf(TaskStep.Sent.class),
                        step -> assertThat(((TaskStep.Unanswered) step).sent()).isTrue());
        assertThat(steps(Effect.WRITE, Awaited.SENDING, (these, call) -> {
                    call.progress().hand();
                    these.cancelled(call).block();
                }))
                .singleElement()
                .isInstanceOfSatisfying(
                        TaskStep.Unanswered.class,
                        step -> assertThat(step.sent()).isTrue());
        assertThat(steps(Effect.WRITE, Awaited.SENDING_AT_ONCE, (these, call) -> {
                    these.cancelled(call).block();
                    call.progress().hand();
                }))
                .as("its outcome is settled, so nobody waits for its sending")
                .hasSize(1);
    }
}
