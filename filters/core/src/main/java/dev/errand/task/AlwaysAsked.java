package dev.errand.task;

import dev.errand.json.FoldedNames;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.token.OneOf;
import dev.errand.token.ParameterValue;
import dev.errand.token.ToolGrant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The operations about which humans are asked, whatever plan and rules say: at every call ({@code ask: always}), at those
 * that lack some value ({@code ask: {unless: …}}), or at those with a value that the start did not fix ({@code pinned:
 * {else: ask}}). It needs no catalogue, so a stored revision gives the same answer. Immutable and thread-safe.
 *
 * @param ids the operations that have a grant of their own, each with what is asked about its calls
 * @param wide the grants of {@code catalogue:*} about whose calls humans are asked
 */
public record AlwaysAsked(Map<String, Asked> ids, List<Wide> wide) {
    /** No operation. */
    public static final AlwaysAsked NONE = new AlwaysAsked(Map.of(), List.of());

    /** Why humans are asked about every call of an operation. */
    public static final String EVERY_CALL = "A human has to approve every call of this operation.";

    public AlwaysAsked {
        ids = Map.copyOf(ids);
        wide = List.copyOf(wide);
    }

    /** Which calls pass without a human. */
    public interface Unless {
        /** What their arguments must satisfy, by name, as a token says it (AAT-02 section 2). */
        JsonObject constraints(Map<String, ParameterValue> parameters);

        /** The calls as a grant of an operation; null if no call passes. */
        @Nullable ToolGrant grant(Map<String, ParameterValue> parameters);

        /** The argument by which the call does not pass, or null if it passes. */
        @Nullable String misses(OperationCall call, Map<String, ParameterValue> parameters);

        /** The arguments that it looks at. */
        Set<String> names();
    }

    /**
     * What is asked about the calls of one grant. Immutable.
     *
     * @param always whether humans are asked about calls that {@code unless} does not let pass
     * @param unless the calls that pass without a human; null if none does
     * @param pinned the arguments about whose values humans are asked unless the start fixed them, in order
     * @param offer for how many calls people may be asked at once; null for one
     */
    public record Asked(boolean always, @Nullable Unless unless, Set<String> pinned, Offer.@Nullable Terms offer) {
        /** Nothing is asked. */
        public static final Asked NOTHING = new Asked(false, null, Set.of(), null);

        public Asked {
            // In the order in which they are told.
            pinned = Collections.unmodifiableSet(new TreeSet<>(pinned));
        }

        private FoldedNames named() {
            Set<String> names = new TreeSet<>(unless == null ? Set.of() : unless.names());
            names.addAll(offer == null ? List.of() : offer.fixed());
            return FoldedNames.of(names);
        }

        private @Nullable String why(OperationCall call, StartValues values) {
            String missed = always && unless != null ? unless.misses(call, values.parameters()) : null;
            if (always && unless == null) {
                return EVERY_CALL;
            } else if (missed != null) {
                return "A call passes without a human only with another value of '" + missed + "'.";
            }
            for (String name : pinned) {
                if (!isFixed(call, name, values)) {
                    return "The start did not fix this value of '" + name + "'.";
                }
            }
            return null;
        }

        private static boolean isFixed(OperationCall call, String name, StartValues values) {
            JsonValue value = call.arguments().get(name);
            List<JsonValue> fixed = values.pinned()
                    .getOrDefault(call.operation().id(), Map.of())
                    .getOrDefault(name, List.of());
            return value != null && !fixed.isEmpty() && OneOf.of(fixed).check(value);
        }
    }

    /**
     * One grant of a catalogue's operations by their effects.
     *
     * @param prefix the catalogue's name and a colon
     */
    public record Wide(String prefix, Set<Effect> effects, Asked asked) {
        public Wide {
            effects = Set.copyOf(effects);
        }

        private boolean has(Operation operation) {
            return operation.id().startsWith(prefix) && effects.contains(operation.effect());
        }
    }

    /** Whether nothing is asked about any operation. */
    public boolean isEmpty() {
        return wide.isEmpty() && ids.values().stream().allMatch(Asked.NOTHING::equals);
    }

    /** Whether humans are asked about some calls of the operation, as far as its id tells. */
    public boolean mayAsk(String id) {
        Asked own = ids.get(id);
        return own != null
                ? !own.equals(Asked.NOTHING)
                : wide.stream()
                        .anyMatch(grant ->
                                id.startsWith(grant.prefix()) && !grant.asked().equals(Asked.NOTHING));
    }

    /** What is asked about calls of an operation, by a grant of its own or by the first of {@code catalogue:*} that has it. */
    public Asked of(Operation operation) {
        Asked own = ids.get(operation.id());
        return own != null
                ? own
                : wide.stream()
                        .filter(grant -> grant.has(operation))
                        .map(Wide::asked)
                        .findFirst()
                        .orElse(Asked.NOTHING);
    }

    /** An argument by which people are asked, and that another argument spells in another letter case or form; or null. */
    public @Nullable String lookalike(Operation operation, JsonObject arguments) {
        return of(operation).named().lookalike(arguments);
    }

    /** How people may be asked once about this call and others; null if they are asked about this call alone. */
    public Offer.@Nullable Terms offer(List<OperationCall> calls) {
        Offer.Terms terms = this == NONE ? null : of(calls.get(0).operation()).offer();
        return terms != null && terms.fit(calls) ? terms : null;
    }

    /** Why humans are asked about one of the call's operations, as a sentence; null if they are not. */
    public @Nullable String why(List<OperationCall> calls, StartValues values) {
        if (this == NONE) {
            return null;
        }
        for (int i = 0; i < calls.size(); i++) {
            String why = why(calls.get(i), values);
            if (why != null) {
                return why;
            }
            // What the upstream may do during the operation is asked about like the operation.
            String also = why(calls.get(i).also(), values);
            if (also != null) {
                return also;
            }
        }
        return null;
    }

    private @Nullable String why(OperationCall call, StartValues values) {
        Operation operation = call.operation();
        Asked own = ids.get(operation.id());
        if (own != null) {
            return own.why(call, values);
        }
        for (Wide grant : wide) {
            String why = grant.has(operation) ? grant.asked().why(call, values) : null;
            if (why != null) {
                return why;
            }
        }
        return null;
    }
}
