package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.web.FinishedCall.Interval;
import dev.errand.web.refusal.TestAnswers;
import dev.errand.web.stage.SlowStore;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Mono;

/** A call that is refused before a step of its own makes a step that counts its refusal. */
class RefusedCallTraceTest {
    private static final Denial NOT_GRANTED = new Denial(DenyReason.NOT_GRANTED, "6b", "no");
    private static final ProvenanceLog LOG = new ProvenanceLog() {
        @Override
        public Mono<Void> append(ProvenanceRecord record) {
            return Mono.empty();
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };

    private final SlowStore store = new SlowStore(TaskStep.Settle.class);
    private final MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
    private final CallTrace trace = new CallTrace();

    @Test
    void refusal_hasItsStep() {
        PermittedCalls calls = new PermittedCalls(store.applied);
        trace.attachTo(exchange);
        new TestAnswers(store, LOG)
                .refusals
                .deny(exchange, calls.verified(Tasks.proof()), NOT_GRANTED)
                .block();
        assertThat(trace.step()).isNotNull().extracting(Interval::failed).isEqualTo(false);
        assertThat(trace.upstream()).isNull();
    }
}
