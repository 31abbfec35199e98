package dev.errand.operation;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonObject;

/**
 * One pair that a request resolved to, with the arguments that grants are checked against.
 *
 * @param operation the operation
 * @param resource what it is done to, as the record shows it
 * @param arguments {@code resource} and the declared parameters; for an MCP tool call the tool's own arguments
 * @param dryRun whether the upstream was asked not to do it: it must fit the plan and takes no place
 * @param folding which spellings of the resource are one to the upstream
 * @param judged the arguments as grants, plan and rules see them: the resource among them is folded
 */
public record OperationCall(
        Operation operation,
        String resource,
        JsonObject arguments,
        boolean dryRun,
        Folding folding,
        JsonObject judged) {
    /** A call to an upstream that folds nothing. */
    public OperationCall(Operation operation, String resource, JsonObject arguments, boolean dryRun) {
        this(operation, resource, arguments, dryRun, Folding.NONE, arguments);
    }

    /** The same call to an upstream that folds. */
    public OperationCall folded(Folding upstream) {
        return new OperationCall(operation, resource, arguments, dryRun, upstream, upstream.ofArguments(arguments));
    }

    /** The same call of an operation under another name. */
    public OperationCall of(Operation renamed) {
        return new OperationCall(renamed, resource, arguments, dryRun, folding, judged);
    }
}
