package dev.errand.operation;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One operation-resource pair that a request resolved to, with the arguments that grants are checked against.
 *
 * @param operation the operation
 * @param resource the resource, in the spelling of the record
 * @param arguments {@code resource} and the declared parameters; for an MCP tool call the tool's own arguments
 * @param dryRun whether the request is a dry run: it must fit the plan, and does not advance the plan
 * @param folding which spellings of the resource are the same to the upstream
 * @param judged the arguments as grants, plan and rules see them: the resource among them is folded
 * @param also what must be granted too, since the upstream may do or show it during the operation; it costs nothing,
 *     and neither the plan nor the record has it
 */
public record OperationCall(
        Operation operation,
        String resource,
        JsonObject arguments,
        boolean dryRun,
        Folding folding,
        JsonObject judged,
        List<OperationCall> also) {
    public OperationCall {
        also = List.copyOf(also);
    }

    /** A call to an upstream that folds nothing. It needs no further grants. */
    public OperationCall(Operation operation, String resource, JsonObject arguments, boolean dryRun) {
        this(operation, resource, arguments, dryRun, Folding.NONE, arguments, List.of());
    }

    /** The same call, which also needs these grants. */
    public OperationCall needing(List<OperationCall> others) {
        return new OperationCall(operation, resource, arguments, dryRun, folding, judged, others);
    }

    public OperationCall folded(Folding upstream) {
        return new OperationCall(
                operation,
                resource,
                arguments,
                dryRun,
                upstream,
                upstream.ofArguments(arguments),
                also.stream().map(call -> call.folded(upstream)).toList());
    }

    public OperationCall renamed(UnaryOperator<Operation> names) {
        return new OperationCall(
                names.apply(operation),
                resource,
                arguments,
                dryRun,
                folding,
                judged,
                also.stream().map(call -> call.renamed(names)).toList());
    }
}
