package dev.errand.sequence;

import dev.errand.json.JsonValue.JsonObject;

/**
 * One operation of a call, as plan and rules see it.
 *
 * @param operation the operation's id
 * @param arguments what {@code same} binds to
 * @param dryRun whether it must fit the plan but takes no place
 */
public record Move(String operation, JsonObject arguments, boolean dryRun) {}
