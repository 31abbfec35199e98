package dev.errand.web.stage;

import dev.errand.log.write.ProvenanceLog.LogUnavailableException;
import dev.errand.loop.FollowUp;
import dev.errand.loop.MonoKept;
import dev.errand.state.TaskStore;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.web.Call;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.stage.ApprovalRecords.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The work after the step of a call that a human was asked about. A call that used an approval is sent only when a
 * replica of the store has that step too, if the store has replicas. Else a failover would give the approval back, and
 * a second call would pass by it. Thread-safe.
 */
final class ApprovedCalls {
    private final TaskStore store;
    private final ApprovalRecords records;
    private final Refusals refusals;
    private final UnsentCalls unsentCalls;

    ApprovedCalls(TaskStore store, ApprovalRecords records, Refusals refusals) {
        this.store = store;
        this.unsentCalls = new UnsentCalls(store);
        this.records = records;
        this.refusals = refusals;
    }

    /** Records the request that the step opened, before the agent is told of it. */
    Mono<Void> opened(TaskOutcome.Asked asked) {
        return asked.opened()
                ? records.recordIfPossible(Event.REQUESTED, asked.request(), List.of(), null, null)
                : Mono.empty();
    }

    /**
     * Lets a call pass that used an approval.
     *
     * @param request the approved request, used up
     * @param sent sends the call
     */
    Mono<Void> passes(Call.Permitted call, ServerWebExchange exchange, ApprovalRequest request, Mono<Void> sent) {
        return MonoKept.on(call.loop(), store.survives(call.caller().taskKey()), new Step(call) {
            @Override
            Mono<Void> next(boolean kept) {
                return kept
                        ? recorded(call, exchange, request, sent)
                        : unsent(call, exchange, "no replica of the state store has the use of the approval yet");
            }
        });
    }

    private Mono<Void> recorded(
            Call.Permitted call, ServerWebExchange exchange, ApprovalRequest request, Mono<Void> sent) {
        Mono<Boolean> recorded = records.record(Event.USED, request, request.by(), call.decision(), null)
                .thenReturn(true)
                .onErrorReturn(LogUnavailableException.class, false);
        return MonoKept.on(call.loop(), recorded, new Step(call) {
            @Override
            Mono<Void> next(boolean done) {
                return done ? sent : unsent(call, exchange, "the provenance log is unavailable");
            }

            @Override
            Mono<Void> givenBack(boolean done) {
                // The log says that the approval was used, so the log must also say that it was given back.
                return done
                        ? records.recordIfPossible(Event.GIVEN_BACK, request, request.by(), call.decision(), null)
                        : Mono.empty();
            }
        });
    }

    /**
     * The work after one part of the way to the upstream. If the agent leaves during that part, the approval is given back.
     */
    private abstract class Step implements FollowUp<Boolean> {
        private final Call.Permitted call;

        Step(Call.Permitted call) {
            this.call = call;
        }

        abstract Mono<Void> next(boolean good);

        /**
         * The work after the approval was given back because the agent left.
         *
         * @param good whether the part succeeded
         */
        Mono<Void> givenBack(boolean good) {
            return Mono.empty();
        }

        @Override
        public Mono<Void> after(@Nullable Boolean good) {
            return next(Boolean.TRUE.equals(good));
        }

        @Override
        public void abandoned(@Nullable Boolean good, @Nullable Throwable error) {
            giveBack(call, givenBack(Boolean.TRUE.equals(good))).subscribe();
        }
    }

    private Mono<Void> unsent(Call.Permitted call, ServerWebExchange exchange, String why) {
        return MonoKept.of(giveBack(call, Mono.empty()), nothing -> refusals.unavailable(exchange, call, why));
    }

    /**
     * Gives the approval back. Waits for the store's first answer only.
     *
     * @param told the work once the store has the approval again
     */
    private Mono<Void> giveBack(Call.Permitted call, Mono<Void> told) {
        call.progress().endUnsent();
        call.progress().beginSettling();
        call.progress().beginOutcome();
        TaskStep.GiveBack back = new TaskStep.GiveBack(
                call.decision(), call.caller().accounts(), call.operations().size());
        return unsentCalls.now(call.caller().taskKey(), call.caller().policy(), back, told);
    }
}
