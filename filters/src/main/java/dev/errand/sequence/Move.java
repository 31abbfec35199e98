package dev.errand.sequence;

import dev.errand.json.JsonValue.JsonObject;
import java.util.function.Predicate;

/**
 * One operation of a call, as plan and rules see it.
 *
 * @param operation the operation's id
 * @param arguments what {@code same} binds to
 * @param dryRun whether it must fit the plan but takes no place
 * @param isText whether an argument of that name came as text, from path, query or header
 */
public record Move(String operation, JsonObject arguments, boolean dryRun, Predicate<String> isText) {
    private static final Predicate<String> JSON = name -> false;

    /** One whose arguments are JSON. */
    public Move(String operation, JsonObject arguments, boolean dryRun) {
        this(operation, arguments, dryRun, JSON);
    }
}
