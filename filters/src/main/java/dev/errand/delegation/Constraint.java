package dev.errand.delegation;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;

/** One constraint on one argument (AAT-02 section 2). Immutable and thread-safe. */
public interface Constraint {
    /** Whether the argument satisfies it; every number in the argument must be admissible. */
    boolean check(JsonValue argument);

    /** Whether everything that the child admits is admitted by this too, by the table of AAT-02 section 3. */
    boolean subsumes(Constraint child);

    /** The constraint whose strings are folded, for arguments that are folded too. */
    Constraint folded(Folding folding);

    /** The constraint as it stands in a token. */
    JsonValue toJson();
}
