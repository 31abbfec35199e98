package dev.errand.sequence.rule;

import dev.errand.json.JsonValue.JsonObject;
import java.util.function.Predicate;

/**
 * One operation of a call as rules see it while the call is judged.
 *
 * @param place the part of the operation that the state keeps
 * @param arguments all arguments of the call
 * @param isText whether an argument of that name came as text, from path, query or header
 * @param dryRun whether the operation is judged but never counted
 */
public record Pair(Place place, JsonObject arguments, Predicate<String> isText, boolean dryRun) {}
