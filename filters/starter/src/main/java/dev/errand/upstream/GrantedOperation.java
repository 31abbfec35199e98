package dev.errand.upstream;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.OperationCatalogue;
import dev.errand.template.Policies;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * An operation that a task may call, for a credential that is no wider than the task.
 *
 * @param id with the catalogue's prefix
 * @param permissions what it needs at the upstream, such as {@code contents:write}; at least one
 * @param arguments the constraints on its arguments, as a token writes them
 */
public record GrantedOperation(String id, Set<String> permissions, JsonObject arguments) {
    public GrantedOperation {
        permissions = Set.copyOf(permissions);
    }

    /**
     * The operations among these that need a permission at an upstream.
     *
     * @param prefixes the catalogues of the upstream
     * @param arguments the constraints on the arguments of an operation
     */
    public static List<GrantedOperation> of(
            Policies policies, Set<String> prefixes, Set<String> ids, Function<String, JsonObject> arguments) {
        return ids.stream()
                .filter(id -> prefixes.contains(id.substring(0, Math.max(0, id.indexOf(':')))))
                .map(id -> {
                    OperationCatalogue catalogue = policies.catalogueOf(id);
                    Set<String> needed = catalogue == null ? Set.of() : catalogue.permissions(id);
                    return new GrantedOperation(id, needed, needed.isEmpty() ? JsonObject.EMPTY : arguments.apply(id));
                })
                .filter(operation -> !operation.permissions().isEmpty())
                .sorted(Comparator.comparing(GrantedOperation::id))
                .toList();
    }
}
