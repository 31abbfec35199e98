package dev.errand.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Capability.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Subsumption and attenuation are sound: whatever the narrower side admits, the wider admits too. */
class LatticeTest {
    private static final List<JsonValue> SCALARS = List.of(
            JsonNumber.of(1),
            JsonNumber.of(2),
            JsonNumber.of(3),
            new JsonNumber("2.0"),
            new JsonString("a"),
            new JsonString("a/b"),
            new JsonString("a/b/c"),
            new JsonString("a/../b"));
    private static final List<JsonValue> DOMAIN = domain();

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(20261124);

    private static List<JsonValue> domain() {
        List<JsonValue> domain = new ArrayList<>(SCALARS);
        domain.add(new JsonArray(List.of()));
        for (JsonValue one : SCALARS) {
            for (JsonValue other : SCALARS) {
                domain.add(new JsonArray(List.of(one, other)));
            }
        }
        return domain;
    }

    private Constraint constraint(int levels) {
        return switch (random.nextInt(levels > 0 ? 10 : 8)) {
            case 0 -> new Exact(scalar());
            case 1 -> range();
            case 2 -> OneOf.of(scalars(1));
            case 3 -> NotOneOf.of(scalars(0));
            case 4 -> Contains.of(scalars(0));
            case 5 -> Subset.of(scalars(0));
            case 6 -> random.nextInt(4) == 0 ? Wildcard.ANY : new Exact(scalar());
            case 7 -> new PathContainment(List.of("a", "a/b", "/a", "/a/b").get(random.nextInt(4)));
            case 8 -> new All(clauses(levels));
            default -> new Any(clauses(levels));
        };
    }

    private Range range() {
        Range.Bound one = bound();
        Range.Bound other = bound();
        boolean ordered = one == null
                || other == null
                || one.value().asDouble() <= other.value().asDouble();
        return ordered ? new Range(one, other) : new Range(other, one);
    }

    private Range.Bound bound() {
        return random.nextInt(3) == 0
                ? null
                : new Range.Bound(JsonNumber.of(random.nextInt(1, 4)), random.nextBoolean());
    }

    private JsonValue scalar() {
        return SCALARS.get(random.nextInt(SCALARS.size()));
    }

    private List<JsonValue> scalars(int least) {
        return random.ints(random.nextInt(least, 4), 0, SCALARS.size())
                .mapToObj(SCALARS::get)
                .toList();
    }

    private List<Constraint> clauses(int levels) {
        List<Constraint> clauses = new ArrayList<>();
        for (int i = random.nextInt(1, 3); i > 0; i--) {
            clauses.add(constraint(levels - 1));
        }
        return clauses;
    }

    /** The meaning of a constraint, read off its JSON without any of the code under test. */
    private static boolean naive(JsonObject json, JsonValue v) {
        String type = json.string("constraint_type");
        return switch (type == null ? "" : type) {
            case "exact" -> key(json.get("value")).equals(key(v));
            case "one_of" -> keys(json.get("values")).contains(key(v));
            case "not_one_of" -> !keys(json.get("excluded")).contains(key(v));
            case "contains" -> v instanceof JsonArray && keys(v).containsAll(keys(json.get("required")));
            case "subset" -> v instanceof JsonArray && keys(json.get("allowed")).containsAll(keys(v));
            case "range" -> v instanceof JsonNumber n && within(json, n.asDouble());
            case "path_containment" ->
                v instanceof JsonString s
                        && !s.value().contains("..")
                        && (s.value() + "/").startsWith(json.string("root") + "/");
            case "all" -> clauses(json).allMatch(clause -> naive((JsonObject) clause, v));
            case "any" -> clauses(json).anyMatch(clause -> naive((JsonObject) clause, v));
            default -> true;
        };
    }

    private static boolean within(JsonObject json, double n) {
        boolean above = !(json.get("min") instanceof JsonNumber min)
                || (json.get("min_inclusive") == null ? n >= min.asDouble() : n > min.asDouble());
        boolean below = !(json.get("max") instanceof JsonNumber max)
                || (json.get("max_inclusive") == null ? n <= max.asDouble() : n < max.asDouble());
        return above && below;
    }

    private static java.util.stream.Stream<JsonValue> clauses(JsonObject json) {
        return ((JsonArray) json.get("constraints")).values().stream();
    }

    private static List<String> keys(JsonValue array) {
        return ((JsonArray) array).values().stream().map(LatticeTest::key).toList();
    }

    private static String key(JsonValue value) {
        if (value instanceof JsonArray) {
            return keys(value).toString();
        }
        return value instanceof JsonNumber n ? "n" + n.asDouble() : value.toString();
    }

    @Test
    void subsumes_randomPairs_impliesCheck() {
        int comparable = 0;
        for (int i = 0; i < 30_000; i++) {
            Constraint parent = constraint(2);
            Constraint child = constraint(2);
            boolean subsumes = parent.subsumes(child);
            comparable += subsumes ? 1 : 0;
            for (int j = 0; j < 8; j++) {
                JsonValue value = DOMAIN.get(random.nextInt(DOMAIN.size()));
                assertThat(child.check(value))
                        .as("%s on %s", child, value)
                        .isEqualTo(naive((JsonObject) child.toJson(), value));
                if (subsumes && child.check(value)) {
                    assertThat(parent.check(value))
                            .as("%s over %s on %s", parent, child, value)
                            .isTrue();
                }
            }
        }
        assertThat(comparable).isGreaterThan(1_000);
    }

    private ArgumentMap map() {
        Map<String, ArgumentMap.Rule> named = new LinkedHashMap<>();
        for (String name : List.of("p", "q")) {
            if (random.nextInt(3) > 0) {
                named.put(name, new ArgumentMap.Rule(constraint(1), random.nextBoolean()));
            }
        }
        return new ArgumentMap(named, named.isEmpty() || random.nextBoolean());
    }

    private Capability capability() {
        Map<String, ToolGrant> tools = new LinkedHashMap<>();
        for (String tool : List.of("s", "t")) {
            if (random.nextInt(4) > 0) {
                tools.put(tool, map());
            }
        }
        return new Capability(tools);
    }

    private JsonObject arguments() {
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        for (String name : List.of("p", "q", "r")) {
            if (random.nextInt(3) > 0) {
                arguments.put(name, DOMAIN.get(random.nextInt(DOMAIN.size())));
            }
        }
        return new JsonObject(arguments);
    }

    private static boolean grants(Capability capability, String tool, JsonObject arguments) {
        return capability.check(tool, arguments) instanceof Check.Granted;
    }

    @Test
    void narrowingChain_neverAdmitsWhatAnAncestorRefuses() throws Exception {
        int links = 0;
        int granted = 0;
        for (int i = 0; i < 4_000; i++) {
            List<Capability> chain = new ArrayList<>(List.of(capability()));
            for (int j = 0; j < 8; j++) {
                Capability parent = chain.get(chain.size() - 1);
                Capability drawn = capability();
                Capability child =
                        Narrowing.of(parent, drawn) instanceof Narrowing.Narrowed narrowed && random.nextBoolean()
                                ? narrowed.capability()
                                : drawn;
                if (Attenuation.check(parent, child).isEmpty()) {
                    chain.add(CapabilityParser.parse(child.toJson(), CapabilityParser.MAX_NESTING));
                }
            }
            links += chain.size() - 1;
            for (int j = 0; j < 20; j++) {
                JsonObject arguments = arguments();
                boolean above = true;
                for (Capability capability : chain) {
                    boolean grants = grants(capability, "t", arguments);
                    assertThat(above || !grants)
                            .as("%s on %s", chain, arguments)
                            .isTrue();
                    above = grants;
                    granted += grants ? 1 : 0;
                }
            }
        }
        assertThat(links).isGreaterThan(2_000);
        assertThat(granted).isGreaterThan(2_000);
    }

    @Test
    void narrowing_ofTwo_attenuatesBothAndAdmitsExactlyWhatBothDo() {
        int narrowed = 0;
        for (int i = 0; i < 20_000; i++) {
            Capability one = capability();
            Capability other = capability();
            if (!(Narrowing.of(one, other) instanceof Narrowing.Narrowed result)) {
                continue;
            }
            narrowed++;
            assertThat(Attenuation.check(one, result.capability())).isEmpty();
            assertThat(Attenuation.check(other, result.capability())).isEmpty();
            JsonObject arguments = arguments();
            assertThat(grants(result.capability(), "t", arguments))
                    .isEqualTo(grants(one, "t", arguments) && grants(other, "t", arguments));
        }
        assertThat(narrowed).isGreaterThan(1_000);
    }
}
