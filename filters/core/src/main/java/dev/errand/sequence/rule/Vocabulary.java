package dev.errand.sequence.rule;

import dev.errand.json.FoldedNames;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The operations that a plan and its rules name, numbered in the order of their names, with the slots of each. If a
 * rule looks at every call, all other operations share one more number, that of {@link #OTHERS}. Immutable.
 */
public final class Vocabulary {
    /** Stands for all operations that neither the plan nor a rule names. It sorts before every id. */
    public static final String OTHERS = "*";

    private final List<String> operations;
    private final Map<String, Integer> symbols = new HashMap<>();
    private final List<List<Slot>> slots = new ArrayList<>();
    private final List<FoldedNames> folded = new ArrayList<>();
    private final int others;

    private Vocabulary(SortedMap<String, Set<Slot>> looksAt) {
        operations = List.copyOf(looksAt.keySet());
        for (String operation : operations) {
            symbols.put(operation, symbols.size());
        }
        for (Set<Slot> each : looksAt.values()) {
            Set<Slot> ordered = new TreeSet<>(each);
            slots.add(ordered.stream().filter(Slot::isKept).toList());
            folded.add(FoldedNames.of(ordered.stream()
                    .filter(Slot::isArgument)
                    .map(Slot::name)
                    .collect(Collectors.toCollection(TreeSet::new))));
        }
        others = symbols.getOrDefault(OTHERS, -1);
    }

    /** The vocabulary of these operations with the slots of each; {@link #OTHERS} may be among them. */
    public static Vocabulary of(Map<String, Set<Slot>> looksAt) {
        return new Vocabulary(new TreeMap<>(looksAt));
    }

    public int size() {
        return operations.size();
    }

    /** The operation with this number. */
    public String operation(int symbol) {
        return operations.get(symbol);
    }

    /** The operation's number; without one, that of {@link #OTHERS}, or -1 if nothing looks at other operations. */
    public int symbol(String operation) {
        return symbols.getOrDefault(operation, others);
    }

    /** The position of an argument in a {@link Place} of the operation; -1 if it has none. */
    public int slot(int symbol, String argument) {
        return slot(symbol, Slot.value(argument));
    }

    /** The position of a slot in a {@link Place} of the operation; -1 if it has none. */
    public int slot(int symbol, Slot slot) {
        return slots.get(symbol).indexOf(slot);
    }

    /**
     * An argument that the plan or a rule looks at, if another argument of the call differs from it only in letter case
     * or Unicode form; otherwise null.
     */
    public @Nullable String lookalike(int symbol, JsonObject callArguments) {
        return folded.get(symbol).lookalike(callArguments);
    }

    /** The number of values in a place of the operation. */
    public int slots(int symbol) {
        return slots.get(symbol).size();
    }

    /** The place of a call of the operation with these arguments. */
    public Place place(int symbol, JsonObject callArguments) {
        List<Slot> kept = slots.get(symbol);
        if (kept.isEmpty()) {
            return new Place(symbol, List.of());
        }
        List<Value> values = new ArrayList<>(kept.size());
        for (Slot slot : kept) {
            JsonValue value = slot.kind() == Slot.Kind.NOTE ? null : callArguments.get(slot.name());
            values.add(
                    value == null
                            ? Value.ABSENT
                            : slot.kind() == Slot.Kind.AMOUNT ? Value.ofAmount(value) : Value.of(value));
        }
        return new Place(symbol, values);
    }
}
