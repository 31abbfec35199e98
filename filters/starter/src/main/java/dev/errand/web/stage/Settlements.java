package dev.errand.web.stage;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.operation.jsonrpc.McpHeaders;
import dev.errand.operation.jsonrpc.McpSessions;
import dev.errand.sequence.Awaited;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.SessionId;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.token.DelegationToken;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.LineMarkers;
import dev.errand.web.refusal.Records;
import dev.errand.web.refusal.TaskMetrics;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Writes the end of a permitted call: its outcome into the log, and the end of its place into its task's state. Each is
 * written once, however many ask for it. Thread-safe.
 */
final class Settlements {
    private static final Logger LOG = LoggerFactory.getLogger(Settlements.class);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final TaskStore store;
    private final ProvenanceLog log;
    private final Records records;
    private final ApprovalRecords approvals;
    private final UnsentCalls unsent;
    private final TaskMetrics metrics;

    Settlements(TaskStore store, ProvenanceLog log, Records records, ApprovalRecords approvals, TaskMetrics metrics) {
        this.metrics = metrics;
        this.approvals = approvals;
        this.store = store;
        this.unsent = new UnsentCalls(store);
        this.log = log;
        this.records = records;
    }

    /**
     * Tells the task's state that the upstream answered; null if the state does not need to know. If only a candidate waits for
     * the outcome, a store that is away does not withhold the answer.
     *
     * @param returning whether values of the answer follow
     * @param sessions the answer's {@code Mcp-Session-Id} fields
     */
    @Nullable Mono<TaskOutcome> answered(Call.Permitted call, int status, boolean returning, List<String> sessions) {
        TaskStep settlement = settlement(call, new TaskStep.Settle(call.decision(), status < 400, returning));
        TaskStep session = status < 400 ? session(call, sessions) : null;
        if (settlement == null && session == null) {
            return null;
        }
        Mono<TaskOutcome> settled = step(call, settlement).doOnNext(told -> compare(call, status, told));
        return (call.step().awaited().outcome() ? settled : settled.onErrorComplete(StoreUnavailableException.class))
                .then(step(call, session));
    }

    /** Says so if the answer came late and contradicts what an operator has said of the call, which stands. */
    private void compare(Call.Permitted call, int status, TaskOutcome told) {
        if (told instanceof TaskOutcome.Settlement word
                && word.verdict() == SequencePolicy.Settlement.Verdict.CONFLICT) {
            LOG.warn(
                    LineMarkers.VERIFIED,
                    "the upstream answered {} after an operator had said that the call {}, which stands: decision={} task={}",
                    status,
                    status < 400 ? "failed" : "happened",
                    call.decision(),
                    call.caller().taskLabel());
            metrics.contradicted(call.caller().policy().template());
        }
    }

    /**
     * The call was sent, and no answer of it is passed on. If the head of an answer came, the outcome is known all the same. Never
     * fails, even if store or log are away.
     */
    Mono<Void> unanswered(Call.Permitted call) {
        int head = call.progress().headStatus();
        TaskStep end = head == 0
                ? new TaskStep.Unanswered(call.decision(), call.progress().isHanded())
                : new TaskStep.Settle(call.decision(), head < 400);
        return step(call, settlement(call, end))
                .then()
                .onErrorComplete(StoreUnavailableException.class)
                .then(record(call, head == 0 ? null : head, false));
    }

    /** Another gateway sends the call, and shows no answer. */
    Mono<Void> unseen(Call.Permitted call) {
        return step(call, settlement(call, new TaskStep.Unanswered(call.decision(), true)))
                .then()
                .onErrorComplete(StoreUnavailableException.class)
                .then(record(call, () -> records.unseen(call)));
    }

    /** The agent left before an answer. A call that only reads keeps its place until the response timeout. */
    Mono<Void> left(Call.Permitted call) {
        boolean changes = call.operations().stream()
                .anyMatch(pair -> pair.operation().effect().changes() && !pair.dryRun());
        return changes || call.progress().headStatus() != 0 ? unanswered(call) : record(call, null, false);
    }

    /**
     * The whole request was handed to its connection: tells the task's state, if other calls may wait for that. The call does not
     * wait. If the store is away, the call's outcome tells it later.
     */
    void handed(Call.Permitted call) {
        if (call.step().awaitedByAll() == Awaited.SENDING_AT_ONCE
                && !call.progress().isSettling()) {
            step(call, new TaskStep.Sent(call.decision()))
                    .subscribe(
                            told -> {},
                            away -> LOG.debug("not told as sent decision={}: {}", call.decision(), away.getMessage()));
        }
    }

    /**
     * Puts values of the answer into the task's state, and then the outcome into the log. Fails if the state cannot take them.
     *
     * @param values null if the state keeps none
     * @param said the values that go into the record
     */
    Mono<Void> returned(Call.Permitted call, int status, @Nullable List<AnswerValues.Named> values, JsonObject said) {
        if (values == null) {
            return record(call, () -> records.outcome(call, status, false, null, said));
        }
        return step(
                        call,
                        new TaskStep.Return(
                                call.decision(), values, call.caller().isTrusted(), freshKey()))
                .onErrorResume(
                        StoreUnavailableException.class,
                        away -> record(call, status, false).then(Mono.error(away)))
                .flatMap(outcome -> record(
                        call,
                        () -> records.outcome(
                                call,
                                status,
                                false,
                                outcome instanceof TaskOutcome.Returned returned ? returned : null,
                                said)));
    }

    /**
     * Records that no value of the answer is taken. Never fails, even if store or log are away.
     *
     * @param kept whether the task's state waits for values
     */
    Mono<Void> unreturned(Call.Permitted call, int status, boolean kept) {
        TaskStep none = new TaskStep.Return(call.decision(), List.of(), false, freshKey());
        return step(call, kept ? none : null)
                .then()
                .onErrorComplete(StoreUnavailableException.class)
                .then(record(call, status, false));
    }

    private static byte[] freshKey() {
        byte[] key = new byte[AnswerValues.KEY_BYTES];
        RANDOM.nextBytes(key);
        return key;
    }

    /** Gives the step back, once, if no byte of the call was sent; from then on none will be. */
    Mono<Void> giveBack(Call.Permitted call) {
        if (!call.progress().endUnsent() || !call.progress().beginSettling()) {
            return Mono.empty();
        }
        TaskStep.GiveBack back = new TaskStep.GiveBack(
                call.decision(), call.caller().accounts(), call.operations().size());
        ApprovalRequest used = call.step().used();
        // Told only once the store has the approval again.
        Mono<Void> told = used == null
                ? Mono.empty()
                : Mono.defer(() -> approvals.recordIfPossible(
                        ApprovalRecords.Event.GIVEN_BACK, used, used.by(), call.decision(), null));
        return unsent.now(
                        call.caller().taskKey(),
                        call.caller().policy(),
                        back,
                        record(call, null, true).then(told))
                .then(record(call, null, true));
    }

    /**
     * The store did not answer to the step of a call, which is refused: gives back later the place that the store may have given it.
     *
     * @param policy what the step judged by
     */
    void lost(Call.Granted call, TaskPolicy policy) {
        if (policy.sequence() != SequencePolicy.ANY_ORDER || policy.ask() != null || policy.candidate() != null) {
            Caller caller = call.caller();
            unsent.lost(caller.taskKey(), caller.policy(), call.decision());
        }
    }

    /** Records the permit. */
    Mono<Void> permit(Call.Permitted call) {
        return log.append(records.permitted(call)).onErrorComplete(LogUnavailableException.class);
    }

    /**
     * Records the outcome, unless that has been done. Completes on the call's event loop.
     *
     * @param status the upstream's status, or null
     * @param compensated whether the step was given back
     */
    Mono<Void> record(Call.Permitted call, @Nullable Integer status, boolean compensated) {
        return record(call, () -> records.outcome(call, status, compensated, null, JsonObject.EMPTY));
    }

    private Mono<Void> record(Call.Permitted call, Supplier<ProvenanceRecord> made) {
        return Mono.defer(() -> call.progress().beginOutcome() ? log.append(made.get()) : Mono.empty())
                .publishOn(call.loop())
                .onErrorResume(LogUnavailableException.class, away -> {
                    LOG.warn(
                            LineMarkers.VERIFIED,
                            "outcome not recorded decision={}: {}",
                            call.decision(),
                            away.getMessage());
                    return Mono.empty();
                });
    }

    /** The step that settles the call's place in its task's plan, once; null if no plan waits for the outcome. */
    private static @Nullable TaskStep settlement(Call.Permitted call, TaskStep end) {
        return call.step().awaitedByAll().outcome() && call.progress().beginSettling() ? end : null;
    }

    /** The step by which an answer begins or ends an MCP session, or null. */
    private static @Nullable TaskStep session(Call.Permitted call, List<String> sessions) {
        Call.Granted.Mcp mcp = call.granted().mcp();
        if (mcp == null) {
            return null;
        }
        if (mcp.session() != null && McpSessions.isEnd(call.operations())) {
            return new TaskStep.EndSession(mcp.session());
        }
        SessionId given = McpHeaders.session(sessions)
                .map(id -> SessionId.of(mcp.catalogue(), id))
                .orElse(null);
        return given == null || given.equals(mcp.session())
                ? null
                : new TaskStep.ReceiveSession(
                        call.caller().chain().tokens().stream()
                                .map(DelegationToken::id)
                                .toList(),
                        given,
                        call.caller().policy().ask() != null
                                && RpcInitialization.opensPages(call.granted().body()));
    }

    private Mono<TaskOutcome> step(Call.Permitted call, @Nullable TaskStep step) {
        if (step == null) {
            return Mono.empty();
        }
        Caller caller = call.caller();
        return store.apply(caller.taskKey(), caller.policy(), step);
    }
}
