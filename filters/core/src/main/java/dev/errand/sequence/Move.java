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
 * @param kind what the operation does to its upstream
 */
public record Move(String operation, JsonObject arguments, boolean dryRun, Predicate<String> isText, Kind kind) {
    private static final Predicate<String> JSON = name -> false;

    /** An operation whose arguments are all JSON, and that changes something. */
    public Move(String operation, JsonObject arguments, boolean dryRun) {
        this(operation, arguments, dryRun, JSON, Kind.CHANGES);
    }

    /** What an operation does to its upstream, as far as the plan and the rules need to know. */
    public enum Kind {
        /** It only reads. A call without an answer failed. */
        READS,
        /** It changes something. Whether a call without an answer happened is unknown. */
        CHANGES,
        /** As {@link #CHANGES}. The request has no end of its own, so it counts as sent at once. */
        CONNECTS
    }
}
