package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.limit.Budgets;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.sequence.Awaited;
import dev.errand.sequence.rule.Counts;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.ShownObjection;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.token.Human;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import dev.errand.web.refusal.TestAnswers;
import dev.errand.web.refusal.TestStarts;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What the log tells of an approval whose call was not sent. */
class ApprovedCallsTest {
    private static final Human ALICE = new Human("https://idp.example.org", "alice");

    private final List<ProvenanceRecord> records = new CopyOnWriteArrayList<>();
    private volatile Mono<Void> written = Mono.empty();
    private final ProvenanceLog log = new ProvenanceLog() {
        @Override
        public Mono<Void> append(ProvenanceRecord record) {
            return Mono.<Void>fromRunnable(() -> records.add(record)).then(Mono.defer(() -> written));
        }

        @Override
        public boolean isWritable() {
            return true;
        }
    };
    private final InMemoryTaskStore kept = new InMemoryTaskStore();
    private volatile boolean away;
    private final TaskStore store = new TaskStore() {
        @Override
        public Mono<TaskOutcome> apply(TaskKey key, TaskPolicy policy, TaskStep step) {
            return away ? Mono.error(new StoreUnavailableException("away")) : kept.apply(key, policy, step);
        }

        @Override
        public Flux<TaskKey> endings() {
            return kept.endings();
        }

        @Override
        public boolean isAvailable() {
            return !away;
        }
    };
    private final ApprovedCalls calls = TestOutcomes.approved(store, log, new TestAnswers(store, log).refusals);

    private static ApprovalRequest used() {
        return new ApprovalRequest(
                "a-1.t-1",
                "call",
                "subject",
                "match",
                "sha-256:x",
                "1",
                "1",
                true,
                List.of(new ShownObjection(
                        "approval-required",
                        null,
                        Counts.NONE,
                        ShownObjection.ALWAYS,
                        "A human has to approve it.",
                        List.of())),
                1,
                2,
                ApprovalRequest.State.USED,
                List.of(ALICE),
                1,
                List.of(),
                new byte[0],
                ApprovalRequest.Waits.NONE,
                null);
    }

    private static MockServerWebExchange exchange() {
        return MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
    }

    private List<String> outcomes() {
        return records.stream()
                .filter(ProvenanceRecord.Approval.class::isInstance)
                .map(record -> ((ProvenanceRecord.Approval) record).outcome())
                .toList();
    }

    @Test
    void agent_thatLeavesWhileTheUseIsRecorded_leavesARecordThatItWasGivenBack() {
        Sinks.Empty<Void> disk = Sinks.empty();
        written = disk.asMono();
        PermittedCalls permitted = new PermittedCalls(kept);
        Disposable call = calls.passes(
                        permitted.permitted(), exchange(), used(), Mono.error(new AssertionError("sent")))
                .subscribe();
        assertThat(outcomes()).containsExactly("used");
        call.dispose();
        written = Mono.empty();
        disk.tryEmitEmpty();
        assertThat(outcomes()).containsExactly("used", "given-back");
        assertThat(permitted.another()).isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void use_thatTheStoreDoesNotGiveBack_isNotToldAsGivenBack() {
        Sinks.Empty<Void> disk = Sinks.empty();
        written = disk.asMono();
        Call.Permitted permitted = new PermittedCalls(kept).permitted();
        Disposable call =
                calls.passes(permitted, exchange(), used(), Mono.never()).subscribe();
        call.dispose();
        away = true;
        disk.tryEmitEmpty();
        assertThat(outcomes()).containsExactly("used");
    }

    @Test
    void use_thatCannotBeRecorded_isGivenBack_andNothingIsToldOfIt() {
        written = Mono.error(new ProvenanceLog.LogUnavailableException("full"));
        PermittedCalls permitted = new PermittedCalls(kept);
        MockServerWebExchange exchange = exchange();
        calls.passes(permitted.permitted(), exchange, used(), Mono.error(new AssertionError("sent")))
                .block();
        assertThat(exchange.getResponse().getStatusCode()).hasToString("503 SERVICE_UNAVAILABLE");
        assertThat(outcomes()).containsExactly("used");
        assertThat(permitted.another()).isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void settlement_giveBack_isToldOnlyWhereTheStoreDidIt() {
        Settlements settlements =
                new Settlements(store, log, TestAnswers.RECORDS, TestApprovals.records(log), TestStarts.metrics());
        TaskOutcome.Progress progress = new TaskOutcome.Progress("1", "2", Budgets.NONE);
        Call.Permitted one = new Call.Permitted(
                new PermittedCalls(kept).permitted().granted(),
                new TaskOutcome.Permitted(progress, Awaited.NOTHING, List.of(), used()));
        settlements.giveBack(one).block();
        assertThat(outcomes()).containsExactly("given-back");
        records.clear();
        Call.Permitted other = new Call.Permitted(
                new PermittedCalls(new InMemoryTaskStore()).permitted().granted(),
                new TaskOutcome.Permitted(progress, Awaited.NOTHING, List.of(), used()));
        away = true;
        settlements.giveBack(other).block();
        assertThat(outcomes()).isEmpty();
        assertThat(records).hasSize(1).allMatch(ProvenanceRecord.Outcome.class::isInstance);
    }
}
