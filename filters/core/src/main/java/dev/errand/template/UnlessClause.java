package dev.errand.template;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.OperationCall;
import dev.errand.task.AlwaysAsked;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.ParameterValue;
import dev.errand.token.ToolGrant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code ask: {unless: …}}: the calls whose named arguments satisfy these constraints pass without a human. Other arguments
 * do not matter. Immutable and thread-safe.
 *
 * @param arguments the constraints in the form of a token, with {@code {parameter}} in their strings
 * @param compiled the same, if no parameter stands in them
 */
record UnlessClause(JsonObject arguments, @Nullable ToolGrant compiled) implements AlwaysAsked.Unless {
    private static final String TOOL = "call";

    static UnlessClause of(JsonObject constraints) {
        Map<String, JsonValue> open = new LinkedHashMap<>(constraints.members());
        open.put("*", new JsonObject(Map.of("constraint_type", new JsonString("wildcard"))));
        JsonObject arguments = new JsonObject(open);
        boolean fixed =
                !ShorthandValues.PLACEHOLDER.matcher(Jcs.canonical(arguments)).find();
        return new UnlessClause(arguments, fixed ? grant(arguments) : null);
    }

    @Override
    public JsonObject constraints(Map<String, ParameterValue> parameters) {
        Map<String, JsonValue> named =
                new LinkedHashMap<>(((JsonObject) GrantTemplate.fill(arguments, parameters)).members());
        named.remove("*");
        return new JsonObject(named);
    }

    @Override
    public @Nullable ToolGrant grant(Map<String, ParameterValue> parameters) {
        return compiled == null ? grant((JsonObject) GrantTemplate.fill(arguments, parameters)) : compiled;
    }

    @Override
    public @Nullable String misses(OperationCall call, Map<String, ParameterValue> parameters) {
        ToolGrant grant = grant(parameters);
        Capability.Check check =
                grant == null ? null : grant.folded(call.folding()).check(call.judged());
        if (check instanceof Capability.Check.Violated violated) {
            return violated.argument();
        }
        return check == null ? arguments.members().keySet().iterator().next() : null;
    }

    @Override
    public Set<String> names() {
        return arguments.members().keySet();
    }

    /** The constraints; null if they cannot be read, as with a value that no number holds. */
    private static @Nullable ToolGrant grant(JsonObject arguments) {
        try {
            return Objects.requireNonNull(CapabilityParser.parse(
                            new JsonObject(Map.of("tools", new JsonObject(Map.of(TOOL, arguments)))),
                            CapabilityParser.MAX_NESTING)
                    .tools()
                    .get(TOOL));
        } catch (MalformedConstraintException e) {
            return null;
        }
    }
}
