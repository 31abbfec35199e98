package dev.errand.operation.jsonrpc;

import dev.errand.json.JsonValue.JsonObject;
import org.jspecify.annotations.Nullable;

/** What a leaf grants, as a list answer is filtered by it. */
@FunctionalInterface
public interface Granted {
    /**
     * Whether the leaf grants a call.
     *
     * @param operation the id with its catalogue's prefix
     * @param arguments the arguments; null where only the call itself will say them, so that any grant of the operation
     *     counts
     */
    boolean permits(String operation, @Nullable JsonObject arguments);
}
