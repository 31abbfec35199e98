package dev.errand.issuer;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.TaskStore;
import dev.errand.task.StartValues;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import dev.errand.token.SpiffeId;
import dev.errand.token.VerifiedChain;
import dev.errand.web.Caller;
import dev.errand.web.Revision;
import dev.errand.web.RunningRevision;
import dev.errand.web.ServedRoute;
import dev.errand.web.refusal.EndpointRefusal;
import dev.errand.web.refusal.Refusal;
import dev.errand.web.stage.HolderVerification;
import dev.errand.web.stage.HolderVerification.Result;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;

/**
 * Tells the holder of a token the state of its task, and the decision that a call would get. A view is no decision and
 * no step: nothing is debited or counted, no proof is used up, and the state is read once. The requests count for the
 * agent that the root names, like requests to the token endpoint. Thread-safe, never blocking.
 *
 * @param rate the rate limit of the token endpoint
 */
record ViewService(
        IssuerSettings settings,
        HolderVerification holders,
        RunningRevision running,
        TaskStore tasks,
        AwaitedApprovals approvals,
        ClientRate rate,
        Clock clock) {
    /** The endpoint's path. */
    static final String PATH = "/oauth2/task";

    /** The answer to a request. */
    sealed interface Answer {
        /** @param json the answer; the caller must not change it */
        record Shown(byte[] json) implements Answer {}

        record Refused(EndpointRefusal refusal) implements Answer {}
    }

    Mono<Answer> view(ServerHttpRequest request) {
        Revision revision = running.current();
        return holders.verify(request, PATH, revision)
                .flatMap(result -> answer(result, request.getURI().getRawQuery(), revision));
    }

    private Mono<Answer> answer(Result result, @Nullable String query, Revision revision) {
        if (result instanceof Result.Refused refused) {
            return Mono.just(refused(refused.refusal(), null));
        } else if (result instanceof Result.Unavailable) {
            return Mono.just(away(null, "what governs the task cannot be read"));
        } else if (result instanceof Result.Expired expired) {
            return admits(expired.chain()) ? expired(expired) : Mono.just(tooOften(expired.caller()));
        }
        Caller caller = ((Result.Accepted) result).caller();
        return admits(caller.chain()) ? shown(caller, query, revision) : Mono.just(tooOften(caller));
    }

    private boolean admits(VerifiedChain chain) {
        String agent = chain.root().actor();
        return agent != null && SpiffeId.parse(agent).filter(rate::admits).isPresent();
    }

    private Answer tooOften(@Nullable Caller caller) {
        return refused(
                caller,
                DenyReason.RATE_EXCEEDED,
                "the agent sends requests too often: wait as long as Retry-After says");
    }

    private Mono<Answer> shown(Caller caller, @Nullable String query, Revision revision) {
        Question.Read read = Question.parse(query);
        if (read instanceof Question.Read.Refused refused) {
            return Mono.just(refused(caller, DenyReason.MALFORMED_REQUEST, refused.why()));
        }
        Question.Read.Accepted asked = (Question.Read.Accepted) read;
        Question question = asked.question();
        String approval = asked.approval();
        JudgedQuestion judged = question == null ? null : JudgedQuestion.of(question, caller, revision.policies());
        Mono<Answer> shown = approval == null
                ? look(caller, judged).map(outcome -> shown(caller, judged, outcome, null))
                : approvals
                        .state(caller, approval)
                        .flatMap(state -> look(caller, null)
                                .map(outcome -> shown(caller, null, outcome, new ViewJson.Approval(approval, state))));
        return shown.onErrorResume(
                StoreUnavailableException.class, e -> Mono.just(away(caller, String.valueOf(e.getMessage()))));
    }

    private Mono<TaskOutcome> look(Caller caller, @Nullable JudgedQuestion judged) {
        TaskStep step = new TaskStep.View(
                caller.accounts(),
                judged == null ? null : judged.call(),
                caller.isTrusted(),
                caller.registerUntilMillis(),
                StartValues.of(caller.chain()));
        return tasks.apply(caller.taskKey(), caller.policy(), step);
    }

    private Answer shown(
            Caller caller, @Nullable JudgedQuestion judged, TaskOutcome outcome, ViewJson.@Nullable Approval approval) {
        if (outcome instanceof TaskOutcome.Viewed viewed) {
            HypotheticalDecision would = judged == null ? null : HypotheticalDecision.of(judged, viewed.would());
            return new Answer.Shown(ViewJson.of(caller, viewed.view(), routes(), would, approval, clock.instant()));
        } else if (outcome instanceof TaskOutcome.Over over) {
            Long at = over.atMillis();
            return over(over.ended(), at == null ? null : Instant.ofEpochMilli(at));
        }
        Denial denial = Objects.requireNonNull(((TaskOutcome.Denied) outcome).denial());
        return refused(Refusal.of(denial), caller.taskLabel());
    }

    /** An expired task. Its record may say how the task ended before its time was over. */
    private Mono<Answer> expired(Result.Expired expired) {
        Instant end = Instant.ofEpochSecond(expired.chain().rootToken().expiry());
        Caller caller = expired.caller();
        Answer byTime = over(new TaskOutcome.Ended(TaskState.EXPIRED, null), end);
        if (caller == null) {
            return Mono.just(byTime);
        }
        return look(caller, null)
                .map(outcome ->
                        outcome instanceof TaskOutcome.Over over && over.ended().state() != TaskState.EXPIRED
                                ? shown(caller, null, outcome, null)
                                : byTime)
                .onErrorResume(
                        StoreUnavailableException.class, e -> Mono.just(away(caller, String.valueOf(e.getMessage()))));
    }

    private static Answer over(TaskOutcome.Ended ended, @Nullable Instant at) {
        String why = ended.why();
        if (why == null) {
            why = at == null ? "Nothing is known of the task any more." : "The time of the task is over.";
        }
        return new Answer.Shown(ViewJson.over(ended.state(), at, why));
    }

    private List<ServedRoute> routes() {
        return running.routes().stream()
                .map(route -> ServedRoute.of(route, running))
                .filter(Objects::nonNull)
                .toList();
    }

    private Answer away(@Nullable Caller caller, String why) {
        AwayLog.SHARED.refuse(Dependency.STATE, why);
        return refused(caller, DenyReason.DECISION_UNAVAILABLE, why);
    }

    private Answer refused(@Nullable Caller caller, DenyReason reason, String detail) {
        return refused(Refusal.of(new Denial(reason, null, detail)), caller == null ? null : caller.taskLabel());
    }

    private Answer refused(Refusal refusal, @Nullable String task) {
        return new Answer.Refused(EndpointRefusal.of(settings.issuer(), refusal, task));
    }
}
