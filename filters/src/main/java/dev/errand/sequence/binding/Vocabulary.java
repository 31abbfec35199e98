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
import org.jspecify.annotations.Nullable;

/**
 * The operations that a plan and its rules name, numbered in the order of their names, and the arguments that are
 * looked at for each. Immutable.
 */
public final class Vocabulary {
    private final List<String> operations;
    private final Map<String, Integer> symbols = new HashMap<>();
    private final List<List<String>> arguments = new ArrayList<>();
    private final List<FoldedNames> folded = new ArrayList<>();

    private Vocabulary(SortedMap<String, Set<String>> argumentNames) {
        operations = List.copyOf(argumentNames.keySet());
        for (String operation : operations) {
            symbols.put(operation, symbols.size());
        }
        for (Set<String> names : argumentNames.values()) {
            arguments.add(List.copyOf(new TreeSet<>(names)));
            folded.add(FoldedNames.of(names));
        }
    }

    /** The vocabulary of these operations with their arguments. */
    public static Vocabulary of(Map<String, Set<String>> argumentNames) {
        return new Vocabulary(new TreeMap<>(argumentNames));
    }

    public int size() {
        return operations.size();
    }

    /** The operation of a number. */
    public String operation(int symbol) {
        return operations.get(symbol);
    }

    /** The operation's number, or -1 if neither plan nor rules name it. */
    public int symbol(String operation) {
        return symbols.getOrDefault(operation, -1);
    }

    /** Where an argument stands among those of an operation. */
    public int slot(int symbol, String argument) {
        return arguments.get(symbol).indexOf(argument);
    }

    /** The argument that is looked at which another of the call equals but for letter case or Unicode form, or null. */
    public @Nullable String lookalike(int symbol, JsonObject callArguments) {
        return folded.get(symbol).lookalike(callArguments);
    }

    /** How many arguments of the operation are looked at. */
    public int slots(int symbol) {
        return arguments.get(symbol).size();
    }

    /** The place of a call to the operation. */
    public Place place(int symbol, JsonObject callArguments) {
        List<String> names = arguments.get(symbol);
        if (names.isEmpty()) {
            return new Place(symbol, List.of());
        }
        List<Value> values = new ArrayList<>(names.size());
        for (String name : names) {
            JsonValue value = callArguments.get(name);
            values.add(value == null ? Value.ABSENT : Value.of(value));
        }
        return new Place(symbol, values);
    }
}
