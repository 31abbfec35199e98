package dev.errand.task.step;

import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The flow rule of a policy: refuses an operation that needs a trusted task to a task that untrusted content has
 * reached.
 */
final class FlowRule {
    private FlowRule() {}

    /** The objection to a call, or null. */
    static @Nullable Refusal objection(TaskPolicy policy, TaskStep.Call call, boolean untrusted, AnswerValues answers) {
        if (policy.flow() == Flow.OFF || (call.trusted() && !untrusted)) {
            return null;
        }
        for (OperationCall pair : call.calls()) {
            if (!policy.fixed().lets(pair, answers)) {
                return Refusal.flow(needs(pair.operation(), untrusted), policy.reactions());
            }
        }
        return null;
    }

    private static String needs(Operation operation, boolean untrusted) {
        List<String> arguments = operation.trustedArguments();
        return "The operation '" + operation.id() + "' needs a trusted task"
                + (arguments.isEmpty()
                        ? ""
                        : ", or its " + String.join(", ", arguments)
                                + " fixed by the human or given by a trusted answer")
                + ", and "
                + (untrusted ? "untrusted content has reached it." : "its instruction is untrusted.")
                + " Have the human authorise it in a task of its own.";
    }
}
