package dev.errand.operation;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.Simple.FLAG;
import static dev.errand.config.Shape.Simple.NUMBER;
import static dev.errand.config.Shape.Simple.SCALAR;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.text;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one value of an answer must be: all of its demands. An absent value satisfies only {@code present: false}.
 * Numbers are compared exactly. Immutable and thread-safe.
 *
 * @param demands at least one, in the order of the template
 */
public record AnswerCondition(List<Demand> demands) {
    /** The most values of a list in a condition. */
    public static final int MAX_VALUES = 256;

    private static final String ARGUMENT = "argument";
    private static final String EXACT = "exact";
    private static final String ONE_OF = "one_of";
    private static final String NOT_ONE_OF = "not_one_of";
    private static final String RANGE = "range";
    private static final String MIN = "min";
    private static final String MAX = "max";
    private static final String AT_LEAST = "at-least";
    private static final String AT_MOST = "at-most";
    private static final String EQUALS = "equals";
    private static final String PRESENT = "present";

    private static final Keys OF_ARGUMENT =
            Keys.of("compared-argument", required(ARGUMENT, text(), "An argument of the call that is judged."));
    private static final Keys OF_RANGE = Keys.of(
            "answer-range",
            optional(MIN, NUMBER, "The smallest number."),
            optional(MAX, NUMBER, "The largest number."));
    private static final Keys.Key[] CONSTANT = {
        optional(EXACT, SCALAR, "This text, number or boolean."),
        optional(ONE_OF, some(SCALAR), "One of these."),
        optional(NOT_ONE_OF, some(SCALAR), "A text or boolean, and none of these."),
        optional(RANGE, OF_RANGE, "A number within both bounds, inclusive."),
        optional(PRESENT, FLAG, "Whether the answer has the value.")
    };

    /** The keys of a condition that compares with constants. */
    public static final Keys CONSTANTS = Keys.of("value-condition", CONSTANT)
            .with(
                    "value-condition",
                    optional(AT_LEAST, NUMBER, "This number or more."),
                    optional(AT_MOST, NUMBER, "This number or less."));

    /** The keys of a condition that may also compare with arguments of a call. */
    public static final Keys KEYS = Keys.of("answer-condition", CONSTANT)
            .with(
                    "answer-condition",
                    optional(AT_LEAST, either(NUMBER, OF_ARGUMENT), "This number or more, or the argument's."),
                    optional(AT_MOST, either(NUMBER, OF_ARGUMENT), "This number or less, or the argument's."),
                    optional(EQUALS, OF_ARGUMENT, "The value of this argument."));

    public AnswerCondition {
        demands = List.copyOf(demands);
    }

    /** A value of an answer, as far as it is known. */
    public interface Seen {
        /** Whether the answer has the value, once, and it could be read. */
        boolean isPresent();

        /** The number; null if the value is no number, or is not known exactly. */
        @Nullable BigDecimal number();

        /** Whether the value is a number, known exactly or not. */
        boolean isNumber();

        /** Whether it is that text, number or boolean. */
        boolean is(JsonValue scalar);
    }

    /** One demand. */
    public sealed interface Demand {
        /** {@code present}. */
        record Presence(boolean present) implements Demand {}

        /** {@code exact}, {@code one_of} and {@code not_one_of}. */
        record Listed(List<JsonValue> values, boolean in) implements Demand {
            public Listed {
                values = List.copyOf(values);
            }
        }

        /**
         * A bound of a number.
         *
         * @param number null if {@code argument} has it
         */
        record Bound(
                boolean least,
                @Nullable BigDecimal number,
                @Nullable String argument) implements Demand {}

        /** {@code equals}. */
        record Same(String argument) implements Demand {}
    }

    /** The arguments with which values are compared. */
    public List<String> arguments() {
        List<String> names = new ArrayList<>(1);
        for (Demand demand : demands) {
            String name = demand instanceof Demand.Same same
                    ? same.argument
                    : demand instanceof Demand.Bound bound ? bound.argument : null;
            if (name != null) {
                names.add(name);
            }
        }
        return names;
    }

    /**
     * The first demand that the value does not satisfy; null if it satisfies all.
     *
     * @param arguments the scalars that an argument of the call equals, by its name; none if the call lacks it
     */
    public @Nullable Demand missed(Seen seen, Function<String, List<JsonValue>> arguments) {
        for (Demand demand : demands) {
            boolean holds = demand instanceof Demand.Presence presence
                    ? presence.present == seen.isPresent()
                    : seen.isPresent() && holds(demand, seen, arguments);
            if (!holds) {
                return demand;
            }
        }
        return null;
    }

    private static boolean holds(Demand demand, Seen seen, Function<String, List<JsonValue>> arguments) {
        if (demand instanceof Demand.Listed listed) {
            return listed.values.stream().anyMatch(seen::is) == listed.in && (listed.in || !seen.isNumber());
        } else if (demand instanceof Demand.Same same) {
            return arguments.apply(same.argument).stream().anyMatch(seen::is);
        }
        Demand.Bound bound = (Demand.Bound) demand;
        BigDecimal other = bound.number == null ? number(arguments.apply(bound.argument())) : bound.number;
        BigDecimal number = seen.number();
        if (other == null || number == null) {
            return false;
        }
        return bound.least ? number.compareTo(other) >= 0 : number.compareTo(other) <= 0;
    }

    private static @Nullable BigDecimal number(List<JsonValue> scalars) {
        for (JsonValue each : scalars) {
            if (each instanceof JsonNumber number) {
                return exactly(number);
            }
        }
        return null;
    }

    /** The number; null if its exponent is out of range. */
    public static @Nullable BigDecimal exactly(JsonNumber number) {
        try {
            return new BigDecimal(number.text());
        } catch (ArithmeticException | NumberFormatException beyondAnyExponent) {
            return null;
        }
    }

    /** A member of a JSON document; absent if it is null, an object or an array. */
    public static Seen of(@Nullable JsonValue member) {
        boolean none = member instanceof JsonNull || member instanceof JsonObject || member instanceof JsonArray;
        JsonValue scalar = none ? null : member;
        return new Seen() {
            @Override
            public boolean isPresent() {
                return scalar != null;
            }

            @Override
            public @Nullable BigDecimal number() {
                return scalar instanceof JsonNumber number ? exactly(number) : null;
            }

            @Override
            public boolean isNumber() {
                return scalar instanceof JsonNumber;
            }

            @Override
            public boolean is(JsonValue other) {
                BigDecimal number = number();
                BigDecimal that = other instanceof JsonNumber given ? exactly(given) : null;
                return number != null && that != null ? number.compareTo(that) == 0 : other.equals(scalar);
            }
        };
    }

    /** Whether every value that satisfies this condition satisfies the other; false if that is not known. */
    public boolean implies(AnswerCondition other) {
        return other.demands.stream().allMatch(wide -> demands.stream().anyMatch(mine -> implies(mine, wide)));
    }

    private static boolean implies(Demand mine, Demand wide) {
        if (wide instanceof Demand.Presence presence && presence.present) {
            return !mine.equals(new Demand.Presence(false));
        } else if (mine instanceof Demand.Listed listed && wide instanceof Demand.Listed all && listed.in == all.in) {
            return listed.in ? all.values.containsAll(listed.values) : listed.values.containsAll(all.values);
        } else if (mine instanceof Demand.Bound bound
                && wide instanceof Demand.Bound looser
                && bound.number != null
                && looser.number != null) {
            int order = bound.number.compareTo(looser.number);
            return bound.least == looser.least && (bound.least ? order >= 0 : order <= 0);
        }
        return mine.equals(wide);
    }

    /** The demand in words that follow "must". */
    public static String words(Demand demand) {
        if (demand instanceof Demand.Presence presence) {
            return presence.present ? "be there" : "not be there";
        } else if (demand instanceof Demand.Listed listed) {
            boolean one = listed.values.size() == 1;
            return (listed.in ? one ? "be " : "be one of " : one ? "not be " : "be none of ")
                    + listed.values.stream().map(AnswerCondition::shown).collect(Collectors.joining(", "));
        } else if (demand instanceof Demand.Bound bound) {
            String limit = bound.number == null ? "`" + bound.argument + "`" : bound.number.toPlainString();
            return (bound.least ? "be at least " : "be at most ") + limit;
        }
        return "equal `" + ((Demand.Same) demand).argument + "`";
    }

    private static String shown(JsonValue scalar) {
        return scalar instanceof JsonString text ? text.value() : Jcs.canonical(scalar);
    }

    /** All demands in words. */
    public String words() {
        return demands.stream().map(AnswerCondition::words).collect(Collectors.joining(" and "));
    }

    /** All demands in a form that equal conditions share; it tells a text from a number. */
    public String label() {
        return demands.stream()
                .map(demand -> demand instanceof Demand.Listed listed
                        ? (listed.in ? "in " : "not in ") + Jcs.canonical(new JsonArray(listed.values))
                        : words(demand))
                .sorted()
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /**
     * Reads a condition.
     *
     * @param known {@link #KEYS} or {@link #CONSTANTS}
     * @return null after a fault
     */
    public static @Nullable AnswerCondition read(YamlNode node, Keys known, Faults faults) {
        YamlMap map = node.map(faults);
        if (map == null) {
            return null;
        }
        int before = faults.count();
        map.unknownKeys(faults, known);
        List<Demand> demands = new ArrayList<>();
        map.members().forEach((key, value) -> read(key, value, demands, faults));
        boolean absent = demands.contains(new Demand.Presence(false));
        if (map.members().isEmpty()) {
            faults.add(map.at(), "a condition has one of " + String.join(", ", known.names()));
        } else if (absent && demands.size() > 1) {
            faults.add(map.at(PRESENT), "present: false stands alone: a value that is absent satisfies nothing else");
        }
        return faults.count() > before ? null : new AnswerCondition(demands);
    }

    private static void read(String key, YamlNode value, List<Demand> into, Faults faults) {
        switch (key) {
            case EXACT -> into.add(new Demand.Listed(scalars(List.of(value), true, faults), true));
            case ONE_OF, NOT_ONE_OF -> {
                YamlList list = value.list(faults);
                if (list != null && (list.items().isEmpty() || list.items().size() > MAX_VALUES)) {
                    faults.add(value.at(), key + " has 1 to " + MAX_VALUES + " values");
                } else if (list != null) {
                    boolean in = key.equals(ONE_OF);
                    into.add(new Demand.Listed(scalars(list.items(), in, faults), in));
                }
            }
            case RANGE -> {
                YamlMap range = value.map(faults);
                if (range != null) {
                    range.unknownKeys(faults, OF_RANGE);
                    if (range.members().isEmpty()) {
                        faults.add(range.at(), "a range has `min`, `max` or both");
                    }
                    bound(range.optional(MIN), true, into, faults);
                    bound(range.optional(MAX), false, into, faults);
                }
            }
            case AT_LEAST, AT_MOST -> {
                String argument = value instanceof YamlMap ? argument(value, faults) : null;
                if (argument != null) {
                    into.add(new Demand.Bound(key.equals(AT_LEAST), null, argument));
                } else if (!(value instanceof YamlMap)) {
                    bound(value, key.equals(AT_LEAST), into, faults);
                }
            }
            case EQUALS -> {
                String argument = argument(value, faults);
                if (argument != null) {
                    into.add(new Demand.Same(argument));
                }
            }
            case PRESENT -> {
                Boolean present = value.bool(faults);
                if (present != null) {
                    into.add(new Demand.Presence(present));
                }
            }
            default -> Objects.requireNonNull(key);
        }
    }

    private static List<JsonValue> scalars(List<YamlNode> nodes, boolean numbers, Faults faults) {
        List<JsonValue> scalars = new ArrayList<>();
        for (YamlNode node : nodes) {
            JsonValue json = node.json();
            boolean scalar = !(json instanceof JsonObject || json instanceof JsonArray || json instanceof JsonNull);
            if (!scalar || (!numbers && json instanceof JsonNumber)) {
                faults.add(
                        node.at(),
                        numbers
                                ? "a condition compares with a text, a number or a boolean, found " + node.kind()
                                : NOT_ONE_OF + " compares with texts and booleans; write a `range` for numbers");
            } else {
                scalars.add(json);
            }
        }
        return scalars;
    }

    private static void bound(@Nullable YamlNode node, boolean least, List<Demand> into, Faults faults) {
        if (node == null) {
            return;
        }
        BigDecimal number = node.json() instanceof JsonNumber given ? exactly(given) : null;
        if (number == null) {
            faults.add(node.at(), "a bound is a number, found " + node.kind());
        } else {
            into.add(new Demand.Bound(least, number.stripTrailingZeros(), null));
        }
    }

    private static @Nullable String argument(YamlNode node, Faults faults) {
        YamlMap map = node.map(faults);
        if (map == null) {
            return null;
        }
        map.unknownKeys(faults, OF_ARGUMENT);
        return map.requiredString(ARGUMENT, faults);
    }

    /** The arguments that a condition, as it is written, compares with; each with its place. */
    public static List<YamlNode> arguments(YamlNode condition) {
        return condition instanceof YamlMap map
                ? map.members().values().stream()
                        .map(value -> value instanceof YamlMap form ? form.optional(ARGUMENT) : null)
                        .filter(Objects::nonNull)
                        .toList()
                : List.of();
    }
}
