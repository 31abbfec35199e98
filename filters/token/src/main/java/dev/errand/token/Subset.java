package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;

/**
 * {@code subset}: the argument is an array that holds only these values.
 *
 * @param allowed may be empty: then only the empty array passes
 */
record Subset(ValueSet allowed) implements Constraint {

    /** The constraint to these values; an {@link IllegalArgumentException} if a number in them is inadmissible. */
    public static Subset of(List<? extends JsonValue> allowed) {
        return new Subset(ValueSet.of(allowed));
    }

    @Override
    public boolean check(JsonValue argument) {
        return argument instanceof JsonArray array && array.values().stream().allMatch(allowed::contains);
    }

    @Override
    public boolean subsumes(Constraint child) {
        return child instanceof Subset subset && allowed.containsAll(subset.allowed);
    }

    @Override
    public Constraint folded(Folding folding) {
        return Subset.of(folding.of(allowed.values()));
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of("subset", "allowed", allowed.values());
    }
}
