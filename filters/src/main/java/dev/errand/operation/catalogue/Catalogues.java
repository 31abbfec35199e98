package dev.errand.operation.catalogue;

import dev.errand.operation.OperationCatalogue;
import java.util.Map;
import java.util.Optional;

/**
 * The catalogues of one configuration. Immutable and thread-safe.
 *
 * @param byName each under the name that its file gives it
 */
public record Catalogues(Map<String, OperationCatalogue> byName) {
    public Catalogues {
        byName = Map.copyOf(byName);
    }

    /** The catalogue of that name, or empty. */
    public Optional<OperationCatalogue> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
