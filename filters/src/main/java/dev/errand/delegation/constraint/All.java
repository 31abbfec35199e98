package dev.errand.delegation.constraint;

import dev.errand.delegation.Constraint;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;

/**
 * {@code all}: the argument satisfies every one of the clauses.
 *
 * @param constraints the clauses, at least one
 */
public record All(List<Constraint> constraints) implements Constraint {
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
        return child instanceof All all
                && constraints.stream()
                        .allMatch(clause -> all.constraints.stream().anyMatch(clause::subsumes));
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of(
                "all",
                "constraints",
                constraints.stream().map(Constraint::toJson).toList());
    }
}
