package dev.errand.issuer.approval;

import dev.errand.issuer.AskedTasks.Seen;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.sequence.PlanStep;
import java.util.List;

/**
 * What a human is shown of a task that an agent asks for. Immutable.
 *
 * @param calls the operations that the task may call
 * @param steps the steps of its plan; empty for any order
 * @param anytime the operations that may be called at any time beside the plan
 * @param limits how much the task may do, a sentence each
 * @param asks what a human will be asked again, a sentence each
 * @param beyond what follows a call that is not allowed, a sentence each
 * @param running how many tasks of the template this human has
 */
record StartShown(
        Seen seen,
        List<GrantedCall> calls,
        List<PlanStep> steps,
        List<String> anytime,
        List<String> limits,
        List<String> asks,
        List<String> beyond,
        long running) {
    StartShown {
        calls = List.copyOf(calls);
        steps = List.copyOf(steps);
        anytime = List.copyOf(anytime);
        limits = List.copyOf(limits);
        asks = List.copyOf(asks);
        beyond = List.copyOf(beyond);
    }

    /**
     * An operation that the task may call.
     *
     * @param isProtocol whether clients send it by themselves, to connect and stay connected
     * @param arguments the constraints on its arguments
     */
    record GrantedCall(String operation, Effect effect, boolean isProtocol, JsonObject arguments) {}
}
