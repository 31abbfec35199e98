package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.JsonValue;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Some operations may be sent only with a value that another operation returned to the task. The rule has no state of
 * its own: it looks at the values that answers returned to the task.
 *
 * @param from the operations whose answers count, each with the name of its value; one of them must have returned the
 *     value
 * @param to the operations that need such a value, each with the name of the argument
 */
record Returned(Map<String, String> from, Map<String, String> to, boolean observe, Position position) implements Rule {
    /** The kind {@code from}. */
    static final RuleKind KIND = new RuleKind(
            RuleKeys.withoutSame(
                    required(
                            "from",
                            RuleKeys.VALUE_OF,
                            "Operations, each with the name of a value under its `returns`."),
                    required("to", RuleKeys.VALUE_OF, "Operations, each with the argument that must be such a value.")),
            Returned::read);

    private static final int MAX_OPERATIONS = 16;

    public Returned {
        from = Collections.unmodifiableMap(new LinkedHashMap<>(from));
        to = Collections.unmodifiableMap(new LinkedHashMap<>(to));
    }

    @Override
    public List<String> same() {
        return List.of();
    }

    @Override
    public List<String> operations() {
        return Stream.concat(to.keySet().stream(), from.keySet().stream())
                .distinct()
                .toList();
    }

    @Override
    public RuleTerms terms() {
        return RuleTerms.of("from");
    }

    @Override
    public String label() {
        return "from: " + from + ", to: " + to;
    }

    @Override
    public Collection<Slot> looksAt(String operation) {
        String argument = to.get(operation);
        return argument == null ? List.of() : List.of(new Slot(Slot.Kind.PASSING, argument));
    }

    @Override
    public Set<String> returns(String operation) {
        String name = from.get(operation);
        return name == null ? Set.of() : Set.of(name);
    }

    @Override
    public int maxEntries() {
        return 0;
    }

    @Override
    public String wanted() {
        return to.keySet().stream().map(this::wanted).collect(Collectors.joining(", and "));
    }

    /** What it requires of calls of one of the operations under {@code to}. */
    String wanted(String operation) {
        return "`" + to.get(operation) + "` of `" + operation + "` must be a value that `"
                + String.join("` or `", from.keySet()) + "` returned to this task";
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        return Monitor.of(this, vocabulary);
    }

    private static @Nullable Rule read(YamlMap map, RuleKind.Common common, Faults faults) {
        Map<String, String> from = values(map.required("from", faults), faults);
        Map<String, String> to = values(map.required("to", faults), faults);
        return from.isEmpty() || to.isEmpty() ? null : new Returned(from, to, common.observe(), common.position());
    }

    /** Empty after a fault. */
    private static Map<String, String> values(@Nullable YamlNode node, Faults faults) {
        YamlMap map = node == null ? null : node.map(faults);
        Map<String, String> values = new LinkedHashMap<>();
        if (node == null || map == null) {
            return values;
        }
        int before = faults.count();
        if (map.members().isEmpty() || map.members().size() > MAX_OPERATIONS) {
            faults.add(node.at(), "write 1 to " + MAX_OPERATIONS + " operations here, as {catalogue:id: name}");
        }
        map.members().forEach((operation, value) -> {
            String name = value.string(faults);
            if (name != null) {
                values.put(operation, name);
            }
        });
        return faults.count() > before ? Map.of() : values;
    }

    /**
     * The compiled {@link Returned}. It has no state. For each different element of the argument (at most
     * {@value AnswerValues#MAX}) and each operation under {@code from} it costs one SHA-256 and one walk over the values of
     * the task. The rule needs the outcome of every call of an operation under {@code from}.
     *
     * @param sources the symbols of the operations under {@code from}, with the names of their values
     * @param targets the symbols of the operations under {@code to}, with their arguments
     */
    private record Monitor(
            Returned rule, Map<Integer, AnswerValues.Source> sources, Map<Integer, AnswerValues.Source> targets)
            implements RuleMonitor {
        static Monitor of(Returned rule, Vocabulary vocabulary) {
            return new Monitor(rule, named(rule.from(), vocabulary), named(rule.to(), vocabulary));
        }

        private static Map<Integer, AnswerValues.Source> named(Map<String, String> names, Vocabulary vocabulary) {
            Map<Integer, AnswerValues.Source> named = new LinkedHashMap<>();
            names.forEach((operation, name) ->
                    named.put(vocabulary.symbol(operation), new AnswerValues.Source(operation, name)));
            return named;
        }

        @Override
        public boolean concerns(int symbol) {
            return sources.containsKey(symbol) || targets.containsKey(symbol);
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return sources.containsKey(place.symbol());
        }

        /** A call without an answer returned no value, whatever became of it. */
        @Override
        public boolean minds(Tally tally, Place place, RuleContext.Unknown call, long nowMillis) {
            return false;
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            AnswerValues.Source target = targets.get(pair.place().symbol());
            if (target == null) {
                return null;
            }
            String argument = target.name();
            JsonValue value = pair.arguments().get(argument);
            if (value != null && task.answers().gave(value, pair.isText().test(argument), sources.values(), false)) {
                return null;
            }
            boolean waits = value != null
                    && AnswerValues.isBounded(value)
                    && task.isAnswering(place -> sources.containsKey(place.symbol()));
            String wanted = rule.wanted(target.operation()) + " (rule at " + rule.position() + ")";
            return new Breach(waits, waits ? wanted + Breach.UNANSWERED : wanted, List.of(target.operation()));
        }
    }
}
