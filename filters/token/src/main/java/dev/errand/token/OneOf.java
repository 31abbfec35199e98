package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;

/**
 * {@code one_of}: the argument is one of the values.
 *
 * @param values at least one
 */
public record OneOf(ValueSet values) implements Constraint {
    public OneOf {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("one_of must have at least one value");
        }
    }

    /** The constraint to these values; an {@link IllegalArgumentException} if a number in them is inadmissible. */
    public static OneOf of(List<? extends JsonValue> values) {
        return new OneOf(ValueSet.of(values));
    }

    @Override
    public boolean check(JsonValue argument) {
        return values.contains(argument);
    }

    @Override
    public boolean subsumes(Constraint child) {
        if (child instanceof Exact exact) {
            return values.contains(exact.value());
        }
        return child instanceof OneOf oneOf && values.containsAll(oneOf.values);
    }

    @Override
    public Constraint folded(Folding folding) {
        return OneOf.of(folding.of(values.values()));
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of("one_of", "values", values.values());
    }
}
