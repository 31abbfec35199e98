package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.delegation.TestChains;
import dev.errand.jose.KeyRing;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnTokens;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Mono;

class ProvenanceStageTest {
    /** Takes records and never says that a decision is written. */
    private static final class SlowLog implements ProvenanceLog {
        final List<ProvenanceRecord> appended = new ArrayList<>();

        @Override
        public Mono<Void> append(ProvenanceRecord record) {
            return Mono.defer(() -> {
                appended.add(record);
                return record instanceof ProvenanceRecord.Decision ? Mono.never() : Mono.empty();
            });
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    }

    @TempDir
    private Path directory;

    @Test
    void agent_thatLeavesWhileThePermitIsWritten_leavesAnOutcomeAndGetsItsBudgetBack() throws Exception {
        SlowLog log = new SlowLog();
        InMemoryTaskStore store = new InMemoryTaskStore();
        Records records = new Records("enforce", "r1");
        CallMetrics metrics = new CallMetrics(new SimpleMeterRegistry());
        Answers answers =
                new Answers(TestChains.ISSUER, store, log, records, new UnverifiedRefusals(log, records), metrics);
        KeyRing keys = KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        ProvenanceStage stage = new ProvenanceStage(
                log,
                records,
                new UpstreamHeaders(new TxnTokens(TestChains.ISSUER, "example.org", keys), new RequestSigner(keys)),
                new Outcomes(store, log, records, answers),
                answers,
                metrics);
        PermittedCalls calls = new PermittedCalls(store);
        Call call = calls.permitted();
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
        call.attachTo(exchange);

        stage.filter(exchange, forwarded -> Mono.error(new AssertionError("forwarded")), false)
                .subscribe()
                .dispose();

        assertThat(log.appended).hasSize(2);
        assertThat(log.appended.get(1))
                .isInstanceOfSatisfying(
                        ProvenanceRecord.Outcome.class,
                        outcome -> assertThat(outcome.compensated()).isTrue());
        assertThat(calls.another()).isInstanceOf(TaskOutcome.Permitted.class);
    }
}
