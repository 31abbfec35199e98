package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;

/**
 * {@code exact}: the argument equals the value.
 *
 * @param value a scalar, admissible
 */
public record Exact(JsonValue value) implements Constraint {
    public Exact {
        if (value instanceof JsonArray || value instanceof JsonObject || !Jcs.isAdmissible(value)) {
            throw new IllegalArgumentException("exact must have an admissible scalar value");
        }
    }

    @Override
    public boolean check(JsonValue argument) {
        return ValueSet.same(value, argument);
    }

    @Override
    public boolean subsumes(Constraint child) {
        return child instanceof Exact exact && check(exact.value);
    }

    @Override
    public Constraint folded(Folding folding) {
        return new Exact(folding.of(value));
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of("exact", "value", value);
    }
}
