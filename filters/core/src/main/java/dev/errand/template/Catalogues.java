package dev.errand.template;

import dev.errand.operation.OperationCatalogue;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The catalogues of one configuration. Immutable and thread-safe.
 *
 * @param byName the catalogues, by the names that their files give them
 * @param faulty the names of catalogues whose files have faults: such a catalogue may lack operations that its file
 *     names, or be absent from {@code byName}. If the catalogue's name cannot be read, the file's name counts
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
