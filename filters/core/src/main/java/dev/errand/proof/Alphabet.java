package dev.errand.proof;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.OperationCall;
import dev.errand.proof.World.Granted;
import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.Slot;
import dev.errand.task.AskPolicy;
import dev.errand.task.StartValues;
import dev.errand.task.TaskPolicy;
import dev.errand.token.Constraint;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes the letters of a world. Only arguments that something looks at have more than one value. Used once; not
 * thread-safe.
 */
final class Alphabet {
    private static final int MOST_OF_ONE = 512;
    private static final int MOST_FOCUSES = 64;

    private final World world;
    private final Map<String, Set<String>> values = new HashMap<>();
    private final Map<String, Set<String>> amounts = new HashMap<>();
    private final Set<Long> bounds = new TreeSet<>();
    private final Map<String, JsonValue> focus = new LinkedHashMap<>();
    private final Map<String, List<Map<String, JsonValue>>> fixed = new HashMap<>();
    private boolean cut;

    Alphabet(World world) {
        this.world = world;
        if (world.template().enforced().sequence() instanceof CompiledSequence sequence) {
            looks(sequence);
        }
    }

    /** A plan and rules look at calls. */
    void looks(CompiledSequence sequence) {
        sequence.automaton().ifPresent(this::steps);
        sequence.rules().forEach(monitor -> {
            Rule rule = monitor.rule();
            if (!rule.observe()) {
                rule.operations().forEach(id -> looks(id, rule, id));
                bound(rule);
            }
        });
    }

    private void steps(Automaton automaton) {
        for (int edge = 0; edge < automaton.endEdge(automaton.states() - 1); edge++) {
            if (!automaton.step(edge).same().isEmpty()) {
                of(values, automaton.operation(edge))
                        .addAll(automaton.step(edge).same());
            }
        }
    }

    private static Set<String> of(Map<String, Set<String>> map, String id) {
        return map.computeIfAbsent(id, each -> new TreeSet<>());
    }

    /** Something looks at calls of the operation as the rule looks at those that it calls by that name. */
    void looks(String id, Rule rule, String name) {
        for (Slot slot : rule.looksAt(name)) {
            if (slot.kind() == Slot.Kind.AMOUNT) {
                of(amounts, id).add(slot.name());
            } else if (slot.kind() != Slot.Kind.NOTE) {
                of(values, id).add(slot.name());
            }
        }
    }

    /** A sum is compared with the rule's bound. */
    void bound(Rule rule) {
        if (rule.terms().kind().equals("sum")) {
            bounds.add(rule.terms().atMost());
            bounds.add(rule.terms().atMost() + 1);
        }
    }

    /** The values that are told apart from all others. */
    void focus(Map<String, JsonValue> told) {
        focus.putAll(told);
        told.keySet()
                .forEach(name ->
                        world.granted().keySet().forEach(id -> of(values, id).add(name)));
    }

    /** Further letters of the operation, with these arguments. */
    void fix(String id, Map<String, JsonValue> arguments) {
        fixed.computeIfAbsent(id, each -> new ArrayList<>()).add(arguments);
    }

    /** The parts of the world over these letters. */
    Model model() {
        List<Letter> letters = letters();
        return new Model(world, letters, cut);
    }

    List<Letter> letters() {
        Map<String, Set<JsonValue>> literals = new HashMap<>();
        world.granted()
                .forEach((id, granted) -> of(values, id).forEach(name -> {
                    Constraint constraint = granted.constraint(name);
                    List<JsonValue> few = constraint == null ? null : Samples.all(constraint);
                    if (few != null) {
                        literals.computeIfAbsent(name, each -> new LinkedHashSet<>())
                                .addAll(few);
                    }
                }));
        // What passes without a human must be a letter wherever it can be an argument.
        world.passing()
                .forEach((id, passing) -> values.values()
                        .forEach(names -> names.forEach(name -> {
                            if (world.isAskedBy(id, name)) {
                                literals.computeIfAbsent(name, each -> new LinkedHashSet<>())
                                        .addAll(some(passing.constraint(name)));
                            }
                        })));
        List<Letter> letters = new ArrayList<>();
        world.granted().forEach((id, granted) -> {
            add(granted, literals, letters, false);
            Granted passing = world.passing().get(id);
            if (passing != null) {
                add(passing, literals, letters, true);
            }
        });
        return letters;
    }

    /** @param passing whether only letters about which no human is asked are added */
    private void add(Granted granted, Map<String, Set<JsonValue>> literals, List<Letter> into, boolean passing) {
        for (Map<String, JsonValue> arguments : arguments(granted, literals)) {
            Set<String> others = new HashSet<>();
            arguments.forEach((name, value) -> {
                if (value == Letter.OTHER) {
                    others.add(name);
                }
            });
            // Calls with another value that pass have a letter of their own.
            boolean asked = !passing
                            && others.stream()
                                    .anyMatch(name ->
                                            world.isAskedBy(granted.operation().id(), name))
                    || isAsked(world.template().enforced(), world, granted, Letter.shown(granted, arguments));
            if (!(passing && asked)) {
                into.add(new Letter(into.size(), granted, new JsonObject(arguments), others, asked));
            }
        }
    }

    /** All values of a constraint that admits only a few, or two of them. */
    private static List<JsonValue> some(@Nullable Constraint constraint) {
        List<JsonValue> few = constraint == null ? List.of() : Samples.all(constraint);
        return few == null ? Samples.of(Objects.requireNonNull(constraint), 2) : few;
    }

    private List<Map<String, JsonValue>> arguments(Granted granted, Map<String, Set<JsonValue>> literals) {
        List<Map<String, JsonValue>> all = new ArrayList<>(List.of(usual(granted)));
        String id = granted.operation().id();
        Set<String> names = new TreeSet<>(of(values, id));
        names.removeAll(of(amounts, id));
        for (String name : names) {
            all = with(all, name, options(granted, name, literals.getOrDefault(name, Set.of())));
        }
        for (String name : of(amounts, id)) {
            all = with(all, name, amounts(granted, name));
        }
        Map<String, JsonValue> plain = all.get(0);
        for (Map<String, JsonValue> own : fixed.getOrDefault(id, List.of())) {
            if (own.entrySet().stream().allMatch(each -> granted.admits(each.getKey(), each.getValue()))) {
                Map<String, JsonValue> first = new LinkedHashMap<>(plain);
                first.putAll(own);
                all.add(first);
            }
        }
        return all;
    }

    /**
     * Whether humans are asked about such a call, whatever plan and rules say. A value that a start may fix is one that it
     * fixed.
     */
    static boolean isAsked(TaskPolicy policy, World world, Granted granted, Map<String, JsonValue> arguments) {
        AskPolicy ask = policy.ask();
        if (ask == null || ask.always().isEmpty()) {
            return false;
        }
        Map<String, List<JsonValue>> fixed = new HashMap<>();
        arguments.forEach((name, value) -> fixed.put(name, List.of(value)));
        StartValues start =
                new StartValues(world.parameters(), Map.of(granted.operation().id(), fixed));
        return ask.always().why(List.of(call(granted, arguments)), start) != null;
    }

    private static OperationCall call(Granted granted, Map<String, JsonValue> arguments) {
        return new OperationCall(
                        granted.operation(),
                        arguments.get("resource") instanceof JsonString resource ? resource.value() : "",
                        new JsonObject(arguments),
                        false)
                .folded(granted.folding());
    }

    /** The arguments that a call must have, each with a value that it may have. */
    private static Map<String, JsonValue> usual(Granted granted) {
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        granted.arguments().named().forEach((name, rule) -> {
            if (!rule.optional()) {
                List<JsonValue> one = Samples.of(rule.constraint(), 1);
                arguments.put(name, one.isEmpty() ? Letter.OTHER : one.get(0));
            }
        });
        return arguments;
    }

    /** @param options null is no value */
    private List<Map<String, JsonValue>> with(
            List<Map<String, JsonValue>> all, String name, Set<@Nullable JsonValue> options) {
        List<Map<String, JsonValue>> more = new ArrayList<>();
        for (Map<String, JsonValue> each : all) {
            for (JsonValue value : options) {
                Map<String, JsonValue> next = new LinkedHashMap<>(each);
                next.remove(name);
                if (value != null) {
                    next.put(name, value);
                }
                if (more.size() < MOST_OF_ONE) {
                    more.add(next);
                } else {
                    cut = true;
                }
            }
        }
        return more;
    }

    private Set<@Nullable JsonValue> options(Granted granted, String name, Set<JsonValue> literals) {
        Set<@Nullable JsonValue> options = new LinkedHashSet<>();
        JsonValue told = focus.get(name);
        if (told != null && granted.admits(name, told)) {
            options.add(told);
        }
        literals.stream().filter(value -> granted.admits(name, value)).forEach(options::add);
        Constraint constraint = granted.constraint(name);
        boolean endless = constraint == null ? granted.arguments().open() : Samples.all(constraint) == null;
        if (endless) {
            options.add(Letter.OTHER);
        }
        if (granted.mayLack(name)) {
            options.add(null);
        }
        return options;
    }

    private Set<@Nullable JsonValue> amounts(Granted granted, String name) {
        Set<@Nullable JsonValue> options = new LinkedHashSet<>();
        Constraint constraint = granted.constraint(name);
        List<Long> ends = constraint == null
                ? granted.arguments().open() ? List.of((1L << 53) - 1, 0L) : List.of()
                : Samples.amounts(constraint);
        if (!ends.isEmpty()) {
            long high = Math.max(1, ends.get(0));
            for (long bound : bounds) {
                long times = (bound + high - 1) / high;
                for (long amount : new long[] {bound, bound / times, (bound + times - 1) / times, bound % high}) {
                    JsonNumber one = JsonNumber.of(amount);
                    if (amount > 0 && granted.admits(name, one)) {
                        options.add(one);
                    }
                }
            }
            ends.forEach(each -> options.add(JsonNumber.of(each)));
            if (constraint != null) {
                Samples.listed(constraint).stream().filter(Samples::isAmount).forEach(options::add);
            }
        }
        JsonValue none = constraint != null
                ? Samples.noAmount(constraint)
                : granted.arguments().open() ? new JsonString("a") : null;
        if (none != null) {
            options.add(none);
        }
        if (granted.mayLack(name)) {
            options.add(null);
        }
        return options;
    }

    /** Values of an argument without a finite set of values: for each set of grants that admit a value, one. */
    private static List<JsonValue> apart(World world, Granted granted, String name) {
        Set<JsonValue> candidates = new LinkedHashSet<>();
        Constraint own = granted.constraint(name);
        candidates.addAll(own == null ? List.of(new JsonString("a")) : Samples.of(own, 1));
        List<Granted> others = new ArrayList<>(world.granted().values());
        others.addAll(world.passing().values());
        others.forEach(other -> {
            Constraint constraint = other.constraint(name);
            if (constraint != null) {
                candidates.addAll(Samples.near(constraint));
            }
        });
        Map<BitSet, JsonValue> found = new LinkedHashMap<>();
        for (JsonValue value : candidates) {
            if (granted.admits(name, value)) {
                BitSet admitting = new BitSet();
                for (int i = 0; i < others.size(); i++) {
                    admitting.set(i, others.get(i).admits(name, value));
                }
                found.putIfAbsent(admitting, value);
            }
        }
        return List.copyOf(found.values());
    }

    /**
     * Values that a property is checked with.
     *
     * @param cut whether there are more than these
     */
    record Focuses(List<Map<String, JsonValue>> list, boolean cut) {}

    /**
     * The values that a property is checked with, for each argument under its {@code same}. A constraint with few values
     * gives all of them. Of a constraint with many values, those that rules tell apart are taken.
     *
     * @param ids the operations of the property
     */
    static Focuses focuses(World world, List<String> names, Set<String> ids) {
        List<Map<String, JsonValue>> all = new ArrayList<>(List.of(Map.of()));
        boolean cut = false;
        for (String name : names) {
            Set<JsonValue> told = new LinkedHashSet<>();
            for (String id : ids) {
                Granted granted = world.granted().get(id);
                if (granted == null) {
                    continue;
                }
                Constraint constraint = granted.constraint(name);
                if (constraint == null) {
                    if (granted.arguments().open()) {
                        told.addAll(apart(world, granted, name));
                    }
                    continue;
                }
                List<JsonValue> few = Samples.all(constraint);
                told.addAll(few != null ? few : apart(world, granted, name));
            }
            List<Map<String, JsonValue>> more = new ArrayList<>();
            for (Map<String, JsonValue> each : all) {
                for (JsonValue value : told) {
                    Map<String, JsonValue> next = new LinkedHashMap<>(each);
                    next.put(name, value);
                    if (more.size() < MOST_FOCUSES) {
                        more.add(next);
                    } else {
                        cut = true;
                    }
                }
                if (told.isEmpty()) {
                    more.add(each);
                }
            }
            all = more;
        }
        return new Focuses(all, cut);
    }
}
