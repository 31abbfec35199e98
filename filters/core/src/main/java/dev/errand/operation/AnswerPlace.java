package dev.errand.operation;

import dev.errand.json.JsonValue;
import java.util.List;
import java.util.Map;

/**
 * The place of a value in the answers of an operation. Immutable and thread-safe.
 *
 * @param pointer in which {@code *} is any item of an array
 * @param where what an item must be so that its value is taken: conditions at places below the item at the last
 *     {@code *}; empty if every item's value is taken
 * @param authority whether no caller of this gateway can choose the value
 * @param record whether the value goes into the record of the call's outcome
 */
public record AnswerPlace(
        JsonPointer pointer, Map<JsonPointer, AnswerCondition> where, boolean authority, boolean record) {
    public AnswerPlace {
        where = Map.copyOf(where);
    }

    /** A place of which every item's value is taken. */
    public AnswerPlace(JsonPointer pointer) {
        this(pointer, Map.of(), false, false);
    }

    /** The depth of the items to which {@link #where} applies; 0 if there are none. */
    int itemDepth() {
        return pointer.tokens().lastIndexOf(Scalars.ANY_ITEM) + 1;
    }

    /** Whether the value of an item is taken. */
    boolean takes(JsonValue item) {
        for (Map.Entry<JsonPointer, AnswerCondition> each : where.entrySet()) {
            AnswerCondition.Seen seen = AnswerCondition.of(each.getKey().in(item));
            if (each.getValue().missed(seen, name -> List.of()) != null) {
                return false;
            }
        }
        return true;
    }
}
