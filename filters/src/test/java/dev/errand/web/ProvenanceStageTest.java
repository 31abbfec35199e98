package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.delegation.TestChains;
import dev.errand.delegation.VerifiedChain;
import dev.errand.delegation.chain.ChainResult;
import dev.errand.jose.KeyRing;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.provenance.ProvenanceRecord;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.task.ProofClaim;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
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
import reactor.core.scheduler.Schedulers;

class ProvenanceStageTest {
    private static final TaskKey TASK = new TaskKey("t-1234567890123456789012");
    private static final TaskPolicy ONE_CALL = Tasks.calls(Tasks.policy(), 1);

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
        VerifiedChain chain = ((ChainResult.Verified) TestChains.verify(TestChains.root())).chain();
        List<TokenAccount> accounts = List.of(new TokenAccount(chain.rootToken().id(), null, null, List.of()));
        Call call = new Call("vault", "GET", "/vault/v1/x", "00", Revisions.EMPTY, Schedulers.immediate());
        call.caller =
                new Call.Caller(chain, List.of(), ProofClaim.NONE, TASK, TASK.value(), accounts, ONE_CALL, null, null);
        call.calls = List.of(Tasks.pair("vault:kv.read"));
        store.apply(TASK, ONE_CALL, new TaskStep.Start(chain.rootToken().id(), Tasks.FAR_MILLIS))
                .block();
        call.permit = (TaskOutcome.Permitted)
                store.apply(TASK, ONE_CALL, step(call.decision, accounts, call)).block();
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
        assertThat(store.apply(TASK, ONE_CALL, step("another", accounts, call)).block())
                .isInstanceOf(TaskOutcome.Permitted.class);
    }

    private static TaskStep step(String decision, List<TokenAccount> accounts, Call call) {
        return new TaskStep.Call(decision, accounts, Tasks.proof(), call.calls, true, 0);
    }
}
