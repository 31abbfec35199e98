package dev.errand.web.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.web.call.Call;
import dev.errand.web.call.PermittedCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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
}
