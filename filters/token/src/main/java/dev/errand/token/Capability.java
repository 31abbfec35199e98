package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a token grants: tools by exact id, each with the constraints on its arguments (AAT-02 section 2).
 *
 * @param tools tool id to the grant of that tool
 */
public record Capability(Map<String, ToolGrant> tools) {
    /** The {@code type} of its entry in {@code authorization_details}. */
    public static final String TYPE = "attenuating_agent_token";

    /** Grants nothing. */
    public static final Capability EMPTY = new Capability(Map.of());

    public Capability {
        tools = Map.copyOf(tools);
    }

    /** The result of checking one call against a capability. */
    public sealed interface Check {
        /** The call is within the grant. */
        record Granted() implements Check {}

        /** No such tool is granted. */
        record NoSuchTool() implements Check {}

        /**
         * The tool is granted, but not with these arguments.
         *
         * @param argument the name of the argument that is refused, missing or not admitted
         */
        record Violated(String argument) implements Check {}
    }

    /** The entry of {@code authorization_details} that grants this. */
    public JsonObject toJson() {
        Map<String, JsonValue> grants = new TreeMap<>();
        tools.forEach((tool, grant) -> grants.put(tool, grant.toJson()));
        return new JsonObject(Map.of("type", new JsonString(TYPE), "tools", new JsonObject(grants)));
    }

    /** Checks one call by step 6b of AAT-02: no unknown arguments, required arguments present, every constraint met. */
    public Check check(String tool, JsonObject arguments) {
        ToolGrant grant = tools.get(tool);
        return grant == null ? new Check.NoSuchTool() : grant.check(arguments);
    }

    /** The same check, with {@linkplain Folding#ofArguments folded} arguments. */
    public Check check(String tool, JsonObject arguments, Folding folding) {
        ToolGrant grant = tools.get(tool);
        return grant == null ? new Check.NoSuchTool() : grant.folded(folding).check(arguments);
    }

    /**
     * The constrained argument of a granted tool that another argument equals except for letter case or form, or null.
     */
    public @Nullable String lookalike(String tool, JsonObject arguments) {
        ToolGrant grant = tools.get(tool);
        return grant == null ? null : grant.lookalike(arguments);
    }
}
