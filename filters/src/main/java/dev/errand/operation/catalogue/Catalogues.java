package dev.errand.operation.catalogue;

import dev.errand.operation.OperationCatalogue;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The catalogues of one configuration. Immutable and thread-safe.
 *
 * @param byName each under the name that its file gives it
 * @param faulty the names of those whose files have faults: such a catalogue may lack operations that its file names, and it may
 *     not be among the others at all. A file whose name of the catalogue cannot be read counts by its own name
 */
public record Catalogues(Map<String, OperationCatalogue> byName, Set<String> faulty) {
    public Catalogues {
        byName = Map.copyOf(byName);
        faulty = Set.copyOf(faulty);
    }

    /** The catalogue of that name, or empty. */
    public Optional<OperationCatalogue> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
