package dev.errand.proof;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Constraint;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Values that a constraint admits. Pure. */
final class Samples {
    /** The most values of a constraint that is treated value by value. */
    static final int MOST_LITERALS = 16;

    private static final int MANY = 64;
    private static final BigDecimal LARGEST = BigDecimal.valueOf((1L << 53) - 1);

    private Samples() {}

    /** All values of a constraint that admits only a few; null for any other. */
    static @Nullable List<JsonValue> all(Constraint constraint) {
        return all((JsonObject) constraint.toJson(), constraint);
    }

    private static @Nullable List<JsonValue> all(JsonObject json, Constraint whole) {
        Set<JsonValue> values = new LinkedHashSet<>();
        switch (type(json)) {
            case "exact" -> values.add(member(json, "value"));
            case "one_of" -> values.addAll(list(json, "values"));
            case "all" -> {
                for (JsonValue clause : list(json, "constraints")) {
                    List<JsonValue> few = all((JsonObject) clause, whole);
                    if (few != null) {
                        values.addAll(few);
                        return few(values, whole);
                    }
                }
                return null;
            }
            case "any" -> {
                for (JsonValue clause : list(json, "constraints")) {
                    List<JsonValue> few = all((JsonObject) clause, whole);
                    if (few == null) {
                        return null;
                    }
                    values.addAll(few);
                }
            }
            default -> {
                return null;
            }
        }
        return few(values, whole);
    }

    /** The admitted values that the constraint itself lists. */
    static List<JsonValue> listed(Constraint constraint) {
        Set<JsonValue> values = new LinkedHashSet<>();
        listed((JsonObject) constraint.toJson(), values);
        return values.stream().filter(constraint::check).toList();
    }

    private static void listed(JsonObject json, Set<JsonValue> into) {
        switch (type(json)) {
            case "exact" -> into.add(member(json, "value"));
            case "one_of" -> into.addAll(list(json, "values"));
            case "all", "any" -> list(json, "constraints").forEach(clause -> listed((JsonObject) clause, into));
            default -> {}
        }
    }

    private static @Nullable List<JsonValue> few(Set<JsonValue> values, Constraint whole) {
        return values.size() > MOST_LITERALS
                ? null
                : values.stream().filter(whole::check).toList();
    }

    /** Values that the constraint admits, at most that many; values of a list of its own come first. */
    static List<JsonValue> of(Constraint constraint, int most) {
        Set<JsonValue> candidates = new LinkedHashSet<>();
        candidates((JsonObject) constraint.toJson(), candidates, most + 4);
        return candidates.stream().filter(constraint::check).limit(most).toList();
    }

    /** Every value that one of the constraints mentions, or one beside it. */
    static Set<JsonValue> near(Constraint... constraints) {
        Set<JsonValue> candidates = new LinkedHashSet<>();
        for (Constraint each : constraints) {
            candidates((JsonObject) each.toJson(), candidates, MANY);
        }
        return candidates;
    }

    private static void candidates(JsonObject json, Set<JsonValue> into, int many) {
        switch (type(json)) {
            case "exact" -> into.add(member(json, "value"));
            case "one_of" -> into.addAll(list(json, "values"));
            case "path_containment" -> {
                String root = ((JsonString) member(json, "root")).value();
                names(many).forEach(name -> into.add(new JsonString(root + "/" + ((JsonString) name).value())));
                into.add(new JsonString(root));
            }
            case "range" -> numbers(json, into, many);
            case "contains" -> into.add(new JsonArray(list(json, "required")));
            case "subset" -> {
                into.add(new JsonArray(list(json, "allowed")));
                into.add(new JsonArray(List.of()));
                list(json, "allowed").forEach(each -> into.add(new JsonArray(List.of(each))));
            }
            case "not_one_of" -> {
                into.addAll(names(many));
                into.addAll(list(json, "excluded"));
            }
            case "all", "any" ->
                list(json, "constraints").forEach(clause -> candidates((JsonObject) clause, into, many));
            default -> into.addAll(names(many));
        }
    }

    /** That many different texts. */
    static List<JsonValue> names(int many) {
        return IntStream.range(0, many)
                .<JsonValue>mapToObj(i -> new JsonString(i < 26 ? String.valueOf((char) ('a' + i)) : "v" + i))
                .toList();
    }

    private static void numbers(JsonObject json, Set<JsonValue> into, int many) {
        BigDecimal min = json.get("min") instanceof JsonNumber number ? new BigDecimal(number.text()) : null;
        BigDecimal max = json.get("max") instanceof JsonNumber number ? new BigDecimal(number.text()) : null;
        if (max != null) {
            into.add(number(max.setScale(0, RoundingMode.FLOOR)));
            into.add(number(max.setScale(0, RoundingMode.CEILING).subtract(BigDecimal.ONE)));
        }
        if (min != null) {
            into.add(number(min.setScale(0, RoundingMode.CEILING)));
            into.add(number(min.setScale(0, RoundingMode.FLOOR).add(BigDecimal.ONE)));
        }
        if (min != null && max != null) {
            into.add(number(min.add(max).divide(BigDecimal.valueOf(2)).stripTrailingZeros()));
        }
        BigDecimal from = min == null ? max == null ? BigDecimal.ZERO : max.subtract(BigDecimal.TEN) : min;
        for (int i = 1; i < many; i++) {
            into.add(number(from.setScale(0, RoundingMode.CEILING).add(BigDecimal.valueOf(i))));
        }
        into.add(number(min != null ? min : max != null ? max : BigDecimal.ZERO));
    }

    /** The largest and the smallest whole number, 0 or more, that the constraint admits; empty if there is none. */
    static List<Long> amounts(Constraint constraint) {
        Set<JsonValue> candidates = near(constraint);
        candidates.add(number(LARGEST));
        candidates.add(number(BigDecimal.ZERO));
        candidates.add(number(BigDecimal.ONE));
        List<Long> admitted = new ArrayList<>();
        for (JsonValue each : candidates) {
            if (isAmount(each) && constraint.check(each)) {
                admitted.add(new BigDecimal(((JsonNumber) each).text()).longValueExact());
            }
        }
        admitted.sort(null);
        return admitted.isEmpty() ? List.of() : List.of(admitted.get(admitted.size() - 1), admitted.get(0));
    }

    /** A value that the constraint admits and that is no whole number of 0 or more; null if none was found. */
    static @Nullable JsonValue noAmount(Constraint constraint) {
        Set<JsonValue> candidates = near(constraint);
        List<JsonValue> beside = new ArrayList<>();
        for (JsonValue each : candidates) {
            if (each instanceof JsonNumber one) {
                beside.add(number(new BigDecimal(one.text()).subtract(new BigDecimal("0.5"))));
            }
        }
        beside.add(new JsonNumber("0.5"));
        beside.add(new JsonNumber("-1"));
        candidates.addAll(beside);
        return candidates.stream()
                .filter(each -> !isAmount(each) && constraint.check(each))
                .findFirst()
                .orElse(null);
    }

    static boolean isAmount(JsonValue value) {
        if (!(value instanceof JsonNumber number)) {
            return false;
        }
        BigDecimal exact = new BigDecimal(number.text());
        return exact.signum() >= 0 && exact.stripTrailingZeros().scale() <= 0 && exact.compareTo(LARGEST) <= 0;
    }

    static JsonNumber number(BigDecimal value) {
        return new JsonNumber(value.stripTrailingZeros().toPlainString());
    }

    private static String type(JsonObject json) {
        return String.valueOf(json.string("constraint_type"));
    }

    private static JsonValue member(JsonObject json, String name) {
        JsonValue value = json.get(name);
        if (value == null) {
            throw new IllegalStateException("a constraint without " + name);
        }
        return value;
    }

    private static List<JsonValue> list(JsonObject json, String name) {
        return ((JsonArray) member(json, name)).values();
    }
}
