package dev.errand.operation.jsonrpc;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The capabilities that an MCP server states when a client connects (MCP, lifecycle). A client asks for the lists of all that a
 * server is capable of, whether a user wants them or not.
 */
final class ServerCapabilities {
    /** How the ids of each capability's operations begin. Other capabilities stay. */
    private static final Map<String, String> OPERATIONS = Map.of(
            "tools", "tools.",
            "prompts", "prompts.",
            "resources", "resources.",
            "logging", "logging.",
            "completions", "completion.",
            "tasks", "tasks.");

    /** Members of a capability that stand for one operation each. */
    private static final Map<String, Map<String, String>> SINGLE = Map.of(
            "resources", Map.of("subscribe", "resources.subscribe"),
            "tasks", Map.of("list", "tasks.list", "cancel", "tasks.cancel"));

    private ServerCapabilities() {}

    /**
     * The capabilities without those of which no operation is granted. A value that is no object is unchanged.
     *
     * @param permitsAny whether an operation whose id begins like this is granted
     */
    static JsonValue cut(JsonValue capabilities, Predicate<String> permitsAny) {
        return capabilities instanceof JsonObject stated ? kept(stated, OPERATIONS, permitsAny) : capabilities;
    }

    private static JsonObject kept(JsonObject stated, Map<String, String> operations, Predicate<String> permitsAny) {
        Map<String, JsonValue> kept = new LinkedHashMap<>();
        stated.members().forEach((name, value) -> {
            String operation = operations.get(name);
            if (operation == null || permitsAny.test(operation)) {
                Map<String, String> inside = operations == OPERATIONS ? SINGLE.get(name) : null;
                kept.put(
                        name,
                        inside != null && value instanceof JsonObject object
                                ? kept(object, inside, permitsAny)
                                : value);
            }
        });
        return new JsonObject(kept);
    }
}
