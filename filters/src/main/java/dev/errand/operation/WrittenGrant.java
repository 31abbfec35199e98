package dev.errand.operation;

import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One line of a template's {@code allow}, as this build reads it. Immutable.
 *
 * @param written its key: an operation's id, or {@code catalogue:*}
 * @param effects the effects after {@code catalogue:*}; empty for an id
 * @param catalogue the catalogue of the operations
 * @param operations what it grants, at least one
 * @param arguments the constraints, as in a token
 * @param allowed everything that the template allows: the constraints by operation
 */
public record WrittenGrant(
        String written,
        Set<Effect> effects,
        OperationCatalogue catalogue,
        List<Operation> operations,
        JsonObject arguments,
        Map<String, JsonObject> allowed) {
    public WrittenGrant {
        effects = Set.copyOf(effects);
        operations = List.copyOf(operations);
        allowed = Map.copyOf(allowed);
    }
}
