package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import java.util.List;

/** One constraint on one argument (AAT-02 section 2). Immutable and thread-safe. */
public interface Constraint {
    /** Whether the argument satisfies the constraint. Every number in the argument must be admissible. */
    boolean check(JsonValue argument);

    /** Whether this constraint admits everything that the child's admits, by the table of AAT-02 section 3. */
    boolean subsumes(Constraint child);

    /** The constraint with folded strings, for folded arguments. */
    Constraint folded(Folding folding);

    /** The constraint as a token writes it. */
    JsonValue toJson();

    /** A constraint that the values satisfy which satisfy both. */
    static Constraint both(Constraint one, Constraint other) {
        return one.subsumes(other) ? other : other.subsumes(one) ? one : new All(List.of(one, other));
    }

    /** Whether the table of AAT-02 section 3 shows that a constraint admits everything that one of {@link #both} does. */
    static boolean covers(Constraint wide, Constraint narrow) {
        return wide.subsumes(narrow) || new All(List.of(wide)).subsumes(narrow);
    }

    /** A constraint that no value satisfies. */
    static Constraint nothing() {
        return new All(List.of(new Exact(new JsonBoolean(true)), new Exact(new JsonBoolean(false))));
    }
}
