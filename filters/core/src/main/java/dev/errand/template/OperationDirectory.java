package dev.errand.template;

import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** The names that templates may use: the operations of all catalogues. Thread-safe. */
public interface OperationDirectory {
    /** The operation with that id, which includes its catalogue's prefix; or empty. */
    Optional<Operation> find(String id);

    /** The names of the arguments that a call of the operation may have; empty if they are unknown. */
    Optional<Set<String>> arguments(String id);

    /** The catalogue of that name; empty if it cannot be given as a whole. */
    default Optional<OperationCatalogue> catalogue(String name) {
        return Optional.empty();
    }

    /**
     * Whether the catalogue of that name has faults. Then it is unknown which operations it lacks, and its own faults
     * are reported.
     */
    default boolean isFaulty(String catalogue) {
        return false;
    }

    /** The names of all catalogues, which are the prefixes of their ids. */
    Collection<String> catalogues();

    /** The operations that a catalogue lists; empty for an unknown one. A resolver may know more than it lists. */
    Collection<Operation> operations(String catalogue);
}
