package dev.errand.sequence;

import dev.errand.json.JsonValue.JsonObject;
import java.util.function.Predicate;

/**
 * One operation of a call, as the plan and the rules see it.
 *
 * @param operation the operation's id
 * @param arguments the values that {@code same} can bind
 * @param dryRun whether the operation must fit the plan but takes no place in it
 * @param isText whether an argument of that name came as text, from path, query or header
 */
public record Move(String operation, JsonObject arguments, boolean dryRun, Predicate<String> isText) {
    private static final Predicate<String> JSON = name -> false;

    /** An operation whose arguments are all JSON. */
    public Move(String operation, JsonObject arguments, boolean dryRun) {
        this(operation, arguments, dryRun, JSON);
    }
}
