package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;

/**
 * {@code not_one_of}: the argument is none of the values.
 *
 * @param excluded may be empty
 */
record NotOneOf(ValueSet excluded) implements Constraint {

    /** The constraint to these values; an {@link IllegalArgumentException} if a number in them is inadmissible. */
    public static NotOneOf of(List<? extends JsonValue> excluded) {
        return new NotOneOf(ValueSet.of(excluded));
    }

    @Override
    public boolean check(JsonValue argument) {
        return !excluded.contains(argument);
    }

    @Override
    public boolean subsumes(Constraint child) {
        return child instanceof NotOneOf notOneOf && notOneOf.excluded.containsAll(excluded);
    }

    @Override
    public Constraint folded(Folding folding) {
        return NotOneOf.of(folding.of(excluded.values()));
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of("not_one_of", "excluded", excluded.values());
    }
}
