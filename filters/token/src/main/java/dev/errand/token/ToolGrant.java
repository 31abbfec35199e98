package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The constraints on the arguments of one granted tool. Immutable and thread-safe. */
public interface ToolGrant {
    /** Whether a call with these arguments is within the grant. */
    Capability.Check check(JsonObject arguments);

    /** The arguments that a call must have and that these lack. */
    Set<String> missing(JsonObject arguments);

    /** The grant for arguments that are {@linkplain Folding#ofArguments folded}. */
    ToolGrant folded(Folding folding);

    /**
     * A constrained argument that the call has with another letter case or Unicode form; null if there is none. Only an
     * open map allows arguments that it does not name.
     */
    @Nullable String lookalike(JsonObject arguments);

    /** The argument map as a token writes it. */
    JsonObject toJson();
}
