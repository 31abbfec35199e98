package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;

/**
 * {@code contains}: the argument is an array that holds every one of the values.
 *
 * @param required may be empty
 */
record Contains(ValueSet required) implements Constraint {

    /** The constraint to these values; an {@link IllegalArgumentException} if a number in them is inadmissible. */
    public static Contains of(List<? extends JsonValue> required) {
        return new Contains(ValueSet.of(required));
    }

    @Override
    public boolean check(JsonValue argument) {
        return argument instanceof JsonArray array && required.isWithin(array);
    }

    @Override
    public boolean subsumes(Constraint child) {
        return child instanceof Contains contains && contains.required.containsAll(required);
    }

    @Override
    public Constraint folded(Folding folding) {
        return Contains.of(folding.of(required.values()));
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of("contains", "required", required.values());
    }
}
