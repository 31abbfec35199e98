package dev.errand.delegation;

import dev.errand.json.JsonValue.JsonObject;

/** The constraints on the arguments of one granted tool. Immutable and thread-safe. */
public interface ToolGrant {
    /** Whether a call with these arguments is within the grant. */
    Capability.Check check(JsonObject arguments);

    /** The argument map as it stands in a token. */
    JsonObject toJson();
}
