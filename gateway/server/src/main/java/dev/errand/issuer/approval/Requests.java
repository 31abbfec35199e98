package dev.errand.issuer.approval;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.state.TaskStore;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.web.stage.ApprovalRecords;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Finds requests in the records of their tasks. A request's id names its task. Thread-safe, never blocking. */
record Requests(TaskStore tasks, StoredPolicies policies) {
    private static final Pattern ID = Pattern.compile("a-[A-Za-z0-9_-]{22}\\.([A-Za-z0-9_-]{1,128})");

    /**
     * A request that stands, or was refused or used and is not forgotten.
     *
     * @param policy the policy of the revision that its task runs under
     * @param told what people are shown of the request
     * @param possible operations of the leaf's grant that plan and rules allow now
     * @param afterwards operations of the grant that they allow after the call has happened
     * @param states how many states the plan has; 0 without a plan
     * @param refusedBefore how many requests of the task for the same operation and arguments humans refused
     */
    record Found(
            TaskKey task,
            TaskPolicy policy,
            ApprovalRequest request,
            JsonObject told,
            List<String> possible,
            List<String> afterwards,
            int states,
            int refusedBefore) {}

    /** The request of that id; empty if there is none, or it was used or has ended. */
    Mono<Optional<Found>> find(String id) {
        return findUsedToo(id).map(found -> found.filter(one -> one.request().state() != ApprovalRequest.State.USED));
    }

    /** The request of that id; empty if there is none, or it has ended without a call that used it. */
    Mono<Optional<Found>> findUsedToo(String id) {
        TaskKey task = taskOf(id);
        if (task == null) {
            return Mono.just(Optional.empty());
        }
        return inquire(task, GoverningPolicies.UNTEMPLATED, new TaskStep.Inquire(id, List.of()))
                .flatMap(first ->
                        first.request() == null ? Mono.just(Optional.empty()) : governed(task, first.request()));
    }

    /** The task that an id names; null where the text is no id. */
    static @Nullable TaskKey taskOf(String id) {
        Matcher matcher = ID.matcher(id);
        return matcher.matches() ? new TaskKey(matcher.group(1)) : null;
    }

    private Mono<Optional<Found>> governed(TaskKey task, ApprovalRequest request) {
        JsonObject told = ApprovalRecords.told(request);
        JsonObject members = told.object("members");
        String revision = members == null ? null : members.string("revision");
        if (members == null || revision == null) {
            // It was refused, and what people were shown is no longer kept, so its revision is not known here.
            return Mono.just(Optional.empty());
        }
        return policies.find(revision, told.string("plan"))
                .flatMap(found -> found.filter(policy -> policy.ask() != null)
                        .map(policy -> inquire(task, policy, new TaskStep.Inquire(request.id(), grants(told)))
                                .map(seen -> Optional.ofNullable(seen.request())
                                        .map(now -> new Found(
                                                task,
                                                policy,
                                                now,
                                                told,
                                                seen.possible(),
                                                seen.afterwards(),
                                                seen.states(),
                                                seen.refusedBefore()))))
                        .orElse(Mono.just(Optional.empty())));
    }

    private Mono<TaskOutcome.Inquired> inquire(TaskKey task, TaskPolicy policy, TaskStep.Inquire step) {
        return tasks.apply(task, policy, step).map(TaskOutcome.Inquired.class::cast);
    }

    private static List<String> grants(JsonObject told) {
        JsonObject grants = told.object("grants");
        return grants == null ? List.of() : List.copyOf(grants.members().keySet());
    }
}
