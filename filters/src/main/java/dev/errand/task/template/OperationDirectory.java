package dev.errand.task.template;

import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** What templates may name: the operations of all catalogues, seen from a template. Thread-safe. */
public interface OperationDirectory {
    /** The operation of that id with its catalogue's prefix, or empty. */
    Optional<Operation> find(String id);

    /** The names of the arguments that a call of the operation may have; empty where nobody can tell. */
    Optional<Set<String>> arguments(String id);

    /** The catalogue of that name; empty where it is not known by itself. */
    default Optional<OperationCatalogue> catalogue(String name) {
        return Optional.empty();
    }

    /**
     * Whether the catalogue of that name has faults. Then nobody can tell which operations it lacks, and its own faults are told.
     */
    default boolean isFaulty(String catalogue) {
        return false;
    }

    /** The names of all catalogues, the prefixes of their ids. */
    Collection<String> catalogues();

    /** The operations that a catalogue lists; empty for an unknown one. A resolver may know more than it lists. */
    Collection<Operation> operations(String catalogue);
}
