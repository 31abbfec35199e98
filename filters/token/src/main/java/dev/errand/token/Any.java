package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;

/**
 * {@code any}: the argument satisfies at least one of the clauses.
 *
 * @param constraints the clauses, at least one
 */
record Any(List<Constraint> constraints) implements Constraint {
    public Any {
        constraints = List.copyOf(constraints);
        if (constraints.isEmpty()) {
            throw new IllegalArgumentException("any must have at least one clause");
        }
    }

    @Override
    public boolean check(JsonValue argument) {
        return constraints.stream().anyMatch(clause -> clause.check(argument));
    }

    @Override
    public boolean subsumes(Constraint child) {
        if (!(child instanceof Any any)) {
            return false;
        }
        for (Constraint clause : any.constraints) {
            if (!isSubsumedByOne(clause)) {
                return false;
            }
        }
        return true;
    }

    private boolean isSubsumedByOne(Constraint narrow) {
        for (Constraint clause : constraints) {
            if (clause.subsumes(narrow)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Constraint folded(Folding folding) {
        return new Any(
                constraints.stream().map(clause -> clause.folded(folding)).toList());
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of(
                "any",
                "constraints",
                constraints.stream().map(Constraint::toJson).toList());
    }
}
