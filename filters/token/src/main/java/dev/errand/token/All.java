package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;

/**
 * {@code all}: the argument satisfies every one of the clauses.
 *
 * @param constraints the clauses, at least one
 */
record All(List<Constraint> constraints) implements Constraint {
    public All {
        constraints = List.copyOf(constraints);
        if (constraints.isEmpty()) {
            throw new IllegalArgumentException("all must have at least one clause");
        }
    }

    @Override
    public boolean check(JsonValue argument) {
        return constraints.stream().allMatch(clause -> clause.check(argument));
    }

    @Override
    public boolean subsumes(Constraint child) {
        if (!(child instanceof All all)) {
            return false;
        }
        for (Constraint clause : constraints) {
            if (!subsumesOne(clause, all.constraints)) {
                return false;
            }
        }
        return true;
    }

    private static boolean subsumesOne(Constraint wide, List<Constraint> clauses) {
        for (Constraint clause : clauses) {
            if (wide.subsumes(clause)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Constraint folded(Folding folding) {
        return new All(
                constraints.stream().map(clause -> clause.folded(folding)).toList());
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of(
                "all",
                "constraints",
                constraints.stream().map(Constraint::toJson).toList());
    }
}
