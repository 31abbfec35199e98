package dev.errand.operation;

import dev.errand.json.JsonValue.JsonObject;

/**
 * One pair that a request resolved to, with the arguments that grants are checked against.
 *
 * @param operation the operation
 * @param resource what it is done to, as the record shows it
 * @param arguments {@code resource} and the declared parameters; for an MCP tool call the tool's own arguments
 * @param dryRun whether the upstream was asked not to do it: it must fit the plan and takes no place
 */
public record OperationCall(Operation operation, String resource, JsonObject arguments, boolean dryRun) {}
