package dev.errand.sequence.binding;

import dev.errand.json.JsonValue.JsonObject;
import java.util.function.Predicate;

/**
 * One operation of a call as rules see it while the call is judged.
 *
 * @param place what state keeps of it
 * @param arguments all that the call gives
 * @param isText whether an argument of that name came as text, from path, query or header
 * @param dryRun whether it is judged and never counts
 */
public record Pair(Place place, JsonObject arguments, Predicate<String> isText, boolean dryRun) {}
