package dev.errand.offline.scenario;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.offline.scenario.Scenario.Approve;
import dev.errand.operation.OperationCall;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.AskPolicy;
import dev.errand.task.AskedMoves;
import dev.errand.task.Offer;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskStep;
import dev.errand.template.Template;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The people of a scenario who are asked about calls. They decide only if the scenario says so. */
final class ScenarioPeople {
    private static final String ISSUER = "https://idp.example.org";

    private final @Nullable AskPolicy ask;
    private final boolean decide;
    private final String revision;
    private final long expiresMillis;
    private int requests;

    /** @param expiresMillis the end of the task */
    ScenarioPeople(Scenario scenario, Template template, long expiresMillis) {
        this.ask = template.enforced().ask();
        this.decide = scenario.calls().stream().anyMatch(call -> call.approve() != Approve.NOT);
        this.revision = template.revision();
        this.expiresMillis = expiresMillis;
    }

    /** Applies steps to the task of a scenario. */
    interface Steps {
        TaskOutcome apply(TaskStep step);
    }

    /** Whether calls ask people, so that what people decided counts for later calls. */
    boolean isAsked() {
        return ask != null && decide;
    }

    /**
     * The outcome of a call after people decided about it.
     *
     * @param steps applies a step to the task
     */
    TaskOutcome decide(Scenario.Call call, TaskStep.Call step, Steps steps) {
        TaskStep.Call asking = step.asking(asking(call, step));
        TaskOutcome outcome = steps.apply(asking);
        if (ask == null
                || call.approve() == Approve.NOT
                || !(outcome instanceof TaskOutcome.Denied denied)
                || denied.asked() == null) {
            return outcome;
        }
        ApprovalRequest request = denied.asked().request();
        String id = request.id();
        Offer offer = request.offer();
        boolean passes = call.approve() != Approve.REFUSE;
        if (call.approve() == Approve.OFFER && offer == null) {
            return outcome;
        }
        String digest =
                call.approve() == Approve.OFFER ? Objects.requireNonNull(offer).digest() : request.digest();
        for (int human = 1; human <= (passes ? ask.quorum() : 1); human++) {
            steps.apply(new TaskStep.Decide(id, new Human(ISSUER, "human-" + human), passes, digest));
        }
        return passes ? steps.apply(asking) : outcome;
    }

    private ApprovalQuestion asking(Scenario.Call call, TaskStep.Call step) {
        JsonMembers members = new JsonMembers();
        members.put("task", "scenario");
        members.put("leaf", "child-" + call.child());
        List<OperationCall> pairs = step.calls();
        List<String> ids = pairs.stream().map(each -> each.operation().id()).toList();
        List<String> resources = pairs.stream().map(OperationCall::resource).toList();
        members.put("operation", String.join(" ", ids));
        members.put("resource", String.join(" ", resources));
        JsonArray arguments = new JsonArray(
                pairs.stream().<JsonValue>map(OperationCall::arguments).toList());
        members.put("args_hash", Sha256.labelOf(Jcs.canonicalBytes(arguments)));
        for (String name : List.of("method", "target", "headers", "body")) {
            members.put(name, JsonNull.NULL);
        }
        members.put("revision", revision);
        JsonMembers told = new JsonMembers().put("members", members.toJson());
        AskedMoves.write(step.calls(), told);
        return new ApprovalQuestion(
                "r-" + ++requests,
                members.toJson(),
                expiresMillis,
                Jcs.canonicalBytes(told.toJson()),
                ApprovalQuestion.Limit.ADMITTED);
    }
}
