package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * {@code range}: the argument is a number between the bounds; a missing bound is unbounded.
 *
 * @param min the lower bound, not above the upper one
 * @param max the upper bound
 */
record Range(@Nullable Bound min, @Nullable Bound max) implements Constraint {
    /**
     * One end of a range.
     *
     * @param value an admissible number
     * @param inclusive whether the value itself is within
     */
    public record Bound(JsonNumber value, boolean inclusive) {
        public Bound {
            if (!Jcs.isAdmissible(value)) {
                throw new IllegalArgumentException("a bound must be an admissible number, was " + value.text());
            }
        }

        private boolean admits(int comparison) {
            return comparison > 0 || (inclusive && comparison == 0);
        }

        private boolean isNoTighterThan(Bound child, int comparison) {
            return comparison > 0 || (comparison == 0 && (inclusive || !child.inclusive));
        }
    }

    public Range {
        if (min != null && max != null && compare(min.value, max.value) > 0) {
            throw new IllegalArgumentException(
                    "min must not be above max, was " + min.value.text() + " above " + max.value.text());
        }
    }

    @Override
    public boolean check(JsonValue argument) {
        return argument instanceof JsonNumber number
                && (min == null || min.admits(compare(number, min.value)))
                && (max == null || max.admits(compare(max.value, number)));
    }

    @Override
    public boolean subsumes(Constraint child) {
        if (child instanceof Exact exact) {
            return check(exact.value());
        }
        return child instanceof Range range
                && (min == null
                        || (range.min != null && min.isNoTighterThan(range.min, compare(range.min.value, min.value))))
                && (max == null
                        || (range.max != null && max.isNoTighterThan(range.max, compare(max.value, range.max.value))));
    }

    @Override
    public Constraint folded(Folding folding) {
        return this;
    }

    @Override
    public JsonObject toJson() {
        JsonObject json = ConstraintJson.of("range");
        json = min == null ? json : write(json, "min", min);
        return max == null ? json : write(json, "max", max);
    }

    private static JsonObject write(JsonObject json, String member, Bound bound) {
        JsonObject written = ConstraintJson.with(json, member, bound.value);
        return bound.inclusive ? written : ConstraintJson.with(written, member + "_inclusive", new JsonBoolean(false));
    }

    private static int compare(JsonNumber one, JsonNumber other) {
        double a = one.asDouble();
        double b = other.asDouble();
        return a < b ? -1 : a > b ? 1 : 0; // not Double.compare: -0 is 0
    }
}
