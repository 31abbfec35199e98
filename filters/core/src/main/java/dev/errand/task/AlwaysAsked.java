package dev.errand.task;

import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import java.util.List;
import java.util.Set;

/**
 * The operations about which humans are asked at every call ({@code ask: always} on a grant). It needs no catalogue, so
 * a stored revision gives the same answer. Immutable and thread-safe.
 *
 * @param ids operations with {@code ask: always}
 * @param others operations that have a grant of their own without {@code ask: always}
 * @param wide grants of {@code catalogue:*} with {@code ask: always}
 */
public record AlwaysAsked(Set<String> ids, Set<String> others, List<Wide> wide) {
    /** No operation. */
    public static final AlwaysAsked NONE = new AlwaysAsked(Set.of(), Set.of(), List.of());

    public AlwaysAsked {
        ids = Set.copyOf(ids);
        others = Set.copyOf(others);
        wide = List.copyOf(wide);
    }

    /**
     * One grant of a catalogue's operations by their effects.
     *
     * @param prefix the catalogue's name and a colon
     */
    public record Wide(String prefix, Set<Effect> effects) {
        public Wide {
            effects = Set.copyOf(effects);
        }
    }

    /** Whether there is no such operation. */
    public boolean isEmpty() {
        return ids.isEmpty() && wide.isEmpty();
    }

    /** Whether humans are always asked about one of the call's operations. */
    public boolean concerns(List<OperationCall> calls) {
        if (isEmpty()) {
            return false;
        }
        for (OperationCall call : calls) {
            if (concerns(call.operation())) {
                return true;
            }
        }
        return false;
    }

    private boolean concerns(Operation operation) {
        if (ids.contains(operation.id())) {
            return true;
        }
        return !others.contains(operation.id())
                && wide.stream()
                        .anyMatch(grant -> operation.id().startsWith(grant.prefix())
                                && grant.effects().contains(operation.effect()));
    }
}
