package dev.errand.operation.jsonrpc;

import dev.errand.json.JsonValue.JsonObject;
import org.jspecify.annotations.Nullable;

/** The grants of a leaf, which filter the answer to a list. */
public interface Granted {
    /**
     * Whether the leaf grants a call.
     *
     * @param operation the id with its catalogue's prefix
     * @param arguments the arguments; null if only the later call has them: then any grant of the operation counts
     */
    boolean permits(String operation, @Nullable JsonObject arguments);

    /**
     * Whether the leaf grants a call of any operation whose id begins like this.
     *
     * @param beginning with the catalogue's prefix
     */
    boolean permitsAny(String beginning);
}
