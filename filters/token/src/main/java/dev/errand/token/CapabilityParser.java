package dev.errand.token;

import static dev.errand.token.MalformedConstraintException.ofConstraint;
import static dev.errand.token.MalformedConstraintException.ofShape;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads an {@code attenuating_agent_token} entry of {@code authorization_details} (AAT-02 section 2). Thread-safe. */
public final class CapabilityParser {
    /** The most levels of nesting of constraints and the values in them. */
    public static final int MAX_NESTING = 32;

    /** The most clauses in the constraint on one argument, including nested clauses. */
    public static final int MAX_CLAUSES = 64;

    private CapabilityParser() {}

    /**
     * Reads an entry of untrusted JSON: {@code tools} must be an object of objects, and every constraint well-formed.
     */
    public static Capability parse(JsonObject entry, int maxNesting) throws MalformedConstraintException {
        JsonObject tools = entry.object("tools");
        if (tools == null) {
            throw ofShape("tools is not an object");
        }
        for (JsonValue map : tools.members().values()) {
            if (!(map instanceof JsonObject)) {
                throw ofShape("a tool's arguments are not an object");
            }
        }
        Map<String, ToolGrant> grants = new LinkedHashMap<>();
        for (var tool : tools.members().entrySet()) {
            try {
                grants.put(tool.getKey(), ArgumentMap.parse((JsonObject) tool.getValue(), maxNesting));
            } catch (MalformedConstraintException e) {
                throw ofConstraint(tool.getKey() + ": " + e.getMessage());
            }
        }
        return new Capability(grants);
    }
}
