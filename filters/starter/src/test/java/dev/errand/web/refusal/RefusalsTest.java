package dev.errand.web.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.jose.ProofClaim;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import dev.errand.web.stage.SlowStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Mono;

/** A refused request that somebody caught and sends again: its refusals are recorded as those of strangers. */
class RefusalsTest {
    private static final int OFTEN = 5_000;
    private static final Denial TOO_MANY = new Denial(DenyReason.RATE_EXCEEDED, "operation", "too many");
    private static final Denial NOT_GRANTED = new Denial(DenyReason.NOT_GRANTED, "6b", "no");

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
    private final PermittedCalls calls = new PermittedCalls(store.applied);
    private final Refusals refusals = new TestAnswers(store, log).refusals;

    private static MockServerWebExchange exchange() {
        return MockServerWebExchange.from(MockServerHttpRequest.get("/vault/v1/x"));
    }

    /** Sends the reply; whether it was taken for a stranger's. */
    private static boolean isStrangers(@Nullable Mono<Reply> refusal) {
        Reply reply = Objects.requireNonNull(Objects.requireNonNull(refusal).block());
        reply.send().block();
        return reply.line() != Reply.Line.OWN;
    }

    private Call.Verified by(ProofClaim proof) {
        return calls.verified(proof);
    }

    private static ProofClaim aat() {
        return new ProofClaim(Tasks.unique("aat"), 60_000, true);
    }

    /** Refuses calls with that proof; how many records there are at most in that time, the holder's own aside. */
    private long flood(ProofClaim proof, @Nullable Denial undecided) {
        long begun = System.nanoTime();
        for (int i = 0; i < OFTEN; i++) {
            Call call = by(proof);
            MockServerWebExchange exchange = exchange();
            Mono<Reply> refusal = undecided != null
                    ? refusals.undecidedReply(exchange, call, undecided)
                    : refusals.denied(exchange, call, Refusal.of(NOT_GRANTED));
            assertThat(isStrangers(refusal)).as("refusal " + i).isEqualTo(i > 0);
            assertThat(exchange.getResponse().getStatusCode().value()).isEqualTo(undecided != null ? 429 : 403);
        }
        return 100 * ((System.nanoTime() - begun) / 1_000_000_000 + 2);
    }

    @Test
    void refusal_withoutADecision_isTheHoldersOnce_andThenAStrangers() {
        long most = flood(Tasks.proof(), TOO_MANY);
        assertThat(appended).hasSizeBetween(2, (int) most + 1).hasSizeLessThan(OFTEN);
        int before = appended.size();
        assertThat(isStrangers(refusals.undecidedReply(exchange(), by(Tasks.proof()), TOO_MANY)))
                .isFalse();
        assertThat(appended)
                .as("the holder's own, however many strangers there are")
                .hasSize(before + 1);
    }

    @Test
    void refusal_thatNamesNoOperations_hasNoScopeInItsChallenge() {
        MockServerWebExchange exchange = exchange();
        isStrangers(refusals.denied(exchange, by(Tasks.proof()), Refusal.of(NOT_GRANTED)));
        assertThat(exchange.getResponse().getHeaders().getFirst("WWW-Authenticate"))
                .isEqualTo("DPoP error=\"insufficient_scope\"");
    }

    @Test
    void refusal_ofACallerKnownByItsConnection_isAlwaysItsOwn() {
        for (int i = 0; i < 300; i++) {
            assertThat(isStrangers(refusals.undecidedReply(exchange(), by(ProofClaim.NONE), TOO_MANY)))
                    .isFalse();
        }
        assertThat(appended).hasSize(300);
    }

    @Test
    void denial_thatLeavesItsProofUnused_isTheHoldersOnce_andThenAStrangers() {
        ProofClaim caught = aat();
        long most = flood(caught, null);
        assertThat(appended).hasSizeBetween(2, (int) most + 1).hasSizeLessThan(OFTEN);
        Call.Verified call = by(caught);
        assertThat(store.applied
                        .apply(
                                PermittedCalls.TASK,
                                call.caller().policy(),
                                new TaskStep.Call("d", call.caller().accounts(), caught, call.operations(), true, 0))
                        .block())
                .as("it stays unused")
                .isInstanceOf(TaskOutcome.Permitted.class);
    }

    @Test
    void denial_thatAnotherReplicaCounted_isAStrangers() {
        ProofClaim caught = aat();
        Call.Verified elsewhere = by(caught);
        TaskStep refused = new TaskStep.Refuse(
                "d", elsewhere.caller().accounts(), caught, DenyReason.NOT_GRANTED, List.of(), 0, 0);
        store.applied
                .apply(PermittedCalls.TASK, elsewhere.caller().policy(), refused)
                .block();
        assertThat(isStrangers(refusals.denied(exchange(), by(caught), Refusal.of(NOT_GRANTED))))
                .isTrue();
    }

    @Test
    void denial_thatUsesUpItsProof_isTheHolders_andSoIsItAfterARefusalWithoutADecision() {
        ProofClaim proof = Tasks.proof();
        refusals.undecided(exchange(), by(proof), TOO_MANY).block();
        assertThat(isStrangers(refusals.denied(exchange(), by(proof), Refusal.of(NOT_GRANTED))))
                .isFalse();
        MockServerWebExchange exchange = exchange();
        assertThat(isStrangers(refusals.repeated(exchange, by(proof)))).isTrue();
        assertThat(exchange.getResponse().getStatusCode().value()).isEqualTo(401);
        assertThat(refusals.refuseRepeated(exchange(), by(Tasks.proof()))).isNull();
    }
}
