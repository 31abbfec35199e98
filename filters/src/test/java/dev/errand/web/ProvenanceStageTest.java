package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.delegation.TestChains;
import dev.errand.jose.KeyRing;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnTokens;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.Disposable;
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
        ProvenanceStage stage = stage(store, log);
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

    @Test
    void agent_thatLeavesWhileAFailedCallIsGivenBack_leavesAnOutcomeAndGetsItsBudgetBack() throws Exception {
        List<ProvenanceRecord> appended = new CopyOnWriteArrayList<>();
        SlowStore store = new SlowStore(TaskStep.GiveBack.class);
        ProvenanceStage stage = stage(store, new QuickLog(appended));
        PermittedCalls calls = new PermittedCalls(store.applied);
        Call call = calls.permitted();
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
        call.attachTo(exchange);

        Disposable agent = stage.filter(exchange, forwarded -> Mono.error(new ConnectException("refused")), false)
                .subscribe();
        await().until(() -> store.waiting() == 1);
        agent.dispose();
        store.tell();

        await().untilAsserted(() -> assertThat(appended).hasSize(2));
        assertThat(appended.get(1))
                .isInstanceOfSatisfying(
                        ProvenanceRecord.Outcome.class,
                        outcome -> assertThat(outcome.compensated()).isTrue());
        assertThat(calls.another()).isInstanceOf(TaskOutcome.Permitted.class);
    }

    /** Takes every record at once. */
    private record QuickLog(List<ProvenanceRecord> appended) implements ProvenanceLog {
        @Override
        public Mono<Void> append(ProvenanceRecord record) {
            return Mono.fromRunnable(() -> appended.add(record));
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    }

    private ProvenanceStage stage(TaskStore store, ProvenanceLog log) throws Exception {
        Records records = new Records("enforce", "r1");
        CallMetrics metrics = new CallMetrics(new SimpleMeterRegistry());
        Answers answers =
                new Answers(TestChains.ISSUER, store, log, records, new UnverifiedRefusals(log, records), metrics);
        KeyRing keys = KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        return new ProvenanceStage(
                log,
                records,
                new UpstreamHeaders(new TxnTokens(TestChains.ISSUER, "example.org", keys), new RequestSigner(keys)),
                new Outcomes(store, log, records, answers),
                answers,
                metrics);
    }
}
