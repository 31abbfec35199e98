package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.jose.KeyRing;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.loop.EventLoopScheduler;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.token.TestChains;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnTokens;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import dev.errand.web.refusal.TestAnswers;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
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
        Call.Permitted call = calls.permitted();
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));

        stage.filter(call, exchange, forwarded -> Mono.error(new AssertionError("forwarded")), false)
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
        Call.Permitted call = calls.permitted();
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));

        Disposable agent = stage.filter(call, exchange, forwarded -> Mono.error(new ConnectException("refused")), false)
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

    /** The loop signs at the end of its turn, whoever writes the permit: what the upstream gets is there before the call is sent. */
    @Test
    void call_isSignedBehindItsPermitsWayToTheLog_andBeforeItIsSent() throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        EventLoop loop = (EventLoop) group.next();
        List<String> order = new CopyOnWriteArrayList<>();
        try {
            InMemoryTaskStore store = new InMemoryTaskStore();
            Call.Permitted call = new PermittedCalls(store).permitted(new EventLoopScheduler(loop));
            MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
            ProvenanceLog log = new QuickLog(new CopyOnWriteArrayList<>()) {
                @Override
                public Mono<Void> append(ProvenanceRecord record) {
                    return super.append(record).doOnSubscribe(to -> order.add("log " + added(exchange)));
                }
            };
            ProvenanceStage stage = stage(store, log);
            GatewayFilterChain rest = forwarded -> {
                order.add("sent " + added(exchange));
                ServerWebExchangeUtils.setAlreadyRouted(forwarded);
                return Mono.empty();
            };
            loop.submit(() -> stage.filter(call, exchange, rest, true).subscribe())
                    .sync();
            await().until(() -> order.size() == 3);
            assertThat(order)
                    .containsExactly(
                            "log []",
                            "sent [txn-token, signature-input, signature]",
                            "log [txn-token, signature-input, signature]");
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** The names of the fields that the gateway adds. */
    private static Set<String> added(ServerWebExchange exchange) {
        return Call.find(exchange) instanceof Call.Forwarded call
                ? call.headers().keySet()
                : Set.of();
    }

    @Test
    void callThatCannotBeSigned_isNotSent_andIsGivenBack() throws Exception {
        List<ProvenanceRecord> appended = new CopyOnWriteArrayList<>();
        InMemoryTaskStore store = new InMemoryTaskStore();
        PermittedCalls calls = new PermittedCalls(store);
        Call.Permitted call = calls.withoutTarget(); // so there is nothing to sign
        MockServerWebExchange exchange = MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));

        stage(store, new QuickLog(appended))
                .filter(call, exchange, forwarded -> Mono.error(new AssertionError("forwarded")), true)
                .block();

        assertThat(exchange.getResponse().getStatusCode()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
        assertThat(exchange.getResponse().getBodyAsString().block()).contains("decision-unavailable", "could not sign");
        assertThat(appended).hasSize(2);
        assertThat(appended.get(1))
                .isInstanceOfSatisfying(
                        ProvenanceRecord.Outcome.class,
                        outcome -> assertThat(outcome.compensated()).isTrue());
        assertThat(calls.another()).isInstanceOf(TaskOutcome.Permitted.class);
    }

    /** Takes every record at once. */
    private static class QuickLog implements ProvenanceLog {
        private final List<ProvenanceRecord> appended;

        QuickLog(List<ProvenanceRecord> appended) {
            this.appended = appended;
        }

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
        TestAnswers test = new TestAnswers(store, log);
        KeyRing keys = KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        return new ProvenanceStage(
                log,
                TestAnswers.RECORDS,
                new UpstreamHeaders(new TxnTokens(TestChains.ISSUER, "example.org", keys), new RequestSigner(keys)),
                TestOutcomes.of(store, log),
                test.refusals,
                test.answers,
                test.metrics,
                test.tasks);
    }
}
