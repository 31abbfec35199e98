package dev.errand.sequence.binding;

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
 * The operations that a plan and its rules name, numbered in the order of their names, and what is looked at in calls of each.
 * Where a rule looks at every call, all further operations are one more, {@link #OTHERS}. Immutable.
 */
public final class Vocabulary {
    /** The name of all operations that nothing names. It comes before every id. */
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

    /** The vocabulary of these operations with what is looked at in each; {@link #OTHERS} among them for all further ones. */
    public static Vocabulary of(Map<String, Set<Slot>> looksAt) {
        return new Vocabulary(new TreeMap<>(looksAt));
    }

    public int size() {
        return operations.size();
    }

    /** The operation of a number. */
    public String operation(int symbol) {
        return operations.get(symbol);
    }

    /** The operation's number, or -1 if nothing looks at it. */
    public int symbol(String operation) {
        return symbols.getOrDefault(operation, others);
    }

    /** Where in a {@link Place} the hash of an argument is. */
    public int slot(int symbol, String argument) {
        return slot(symbol, Slot.value(argument));
    }

    /** Where in a {@link Place} it is. */
    public int slot(int symbol, Slot slot) {
        return slots.get(symbol).indexOf(slot);
    }

    /**
     * The argument that plan or rules look at, if another argument of the call differs from it only in letter case or
     * Unicode form; else null.
     */
    public @Nullable String lookalike(int symbol, JsonObject callArguments) {
        return folded.get(symbol).lookalike(callArguments);
    }

    /** How many values a place of the operation has. */
    public int slots(int symbol) {
        return slots.get(symbol).size();
    }

    /** The place of a call to the operation. */
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
