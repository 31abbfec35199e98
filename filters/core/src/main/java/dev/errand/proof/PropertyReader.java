package dev.errand.proof;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Shape;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.proof.Property.Kind;
import dev.errand.proof.Property.Operations;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleKeys;
import dev.errand.sequence.rule.RuleKind;
import dev.errand.sequence.rule.RuleKinds;
import dev.errand.template.OperationDirectory;
import dev.errand.template.TemplateParser;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.ToolGrant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the properties of a file in {@code DIR/properties}, and reports every fault with its place. Not thread-safe. */
public final class PropertyReader {
    private static final List<String> RULES =
            List.of("precedence", "absence", "bounded", "sum", "distinct", "previous");
    private static final List<String> OTHERS = List.of("never", "approval", "only", "possible");
    /** Keys of rules that properties do not have. */
    private static final List<String> OF_RULES = List.of("observe", RuleKeys.REACTION);

    private static final List<String> EFFECTS =
            Arrays.stream(Effect.values()).map(Effect::wire).toList();
    private static final Keys COMMON = Keys.of(
            "property",
            required("name", Shape.text(), "What the property says, for messages."),
            required("templates", Shape.strings(), "The templates that must have it, or \"*\"."),
            optional("effects", Shape.some(Shape.words(EFFECTS)), "Narrows a pattern of operations."),
            optional("approved", Shape.Simple.FLAG, "Whether a call that a human may let pass counts as permitted."),
            optional("assume", Shape.Simple.FLAG, "Only warn if the property cannot be shown."));

    private static final Map<String, Keys> KINDS = kinds();

    /** The shape of a file. */
    public static final Keys KEYS = Keys.of(
            "properties",
            required(
                    "properties",
                    Shape.list(Shape.either(KINDS.values().toArray(Shape[]::new))),
                    "What the templates can and cannot do."));

    private final OperationDirectory operations;
    private final Set<String> templates;
    private final Faults faults;
    private final List<Property> read = new ArrayList<>();
    private final Map<String, Property> named = new HashMap<>();

    private static Map<String, Keys> kinds() {
        Shape one = RuleKeys.OPERATION;
        Map<String, Keys> kinds = new LinkedHashMap<>();
        for (RuleKind kind : RuleKinds.ALL.list()) {
            if (RULES.contains(kind.name())) {
                kinds.put(
                        kind.name(),
                        COMMON.with(
                                "property-" + kind.name(),
                                kind.keys().list().stream()
                                        .filter(key -> !OF_RULES.contains(key.name()))
                                        .toArray(Keys.Key[]::new)));
            }
        }
        kinds.put("never", COMMON.with("property-never", required("never", one, "What no run calls.")));
        kinds.put(
                "approval",
                COMMON.with(
                        "property-approval", required("approval", one, "What no run calls unless a human lets it.")));
        kinds.put(
                "only",
                COMMON.with(
                        "property-only",
                        required("only", one, "What is called only with these arguments."),
                        required("where", TemplateParser.CONSTRAINTS, "Constraints of arguments; others are free.")));
        kinds.put(
                "possible",
                COMMON.with(
                        "property-possible",
                        required("possible", Shape.strings(), "What some run calls, in this order.")));
        return kinds;
    }

    /** @param templates the names of all templates */
    public PropertyReader(OperationDirectory operations, Set<String> templates, Faults faults) {
        this.operations = operations;
        this.templates = Set.copyOf(templates);
        this.faults = faults;
    }

    /** The properties of all files read so far. */
    public List<Property> properties() {
        return List.copyOf(read);
    }

    public void read(YamlNode file) {
        YamlMap map = file.map(faults);
        if (map == null) {
            return;
        }
        map.unknownKeys(faults, KEYS);
        YamlNode node = map.required("properties", faults);
        YamlList list = node == null ? null : node.list(faults);
        if (list != null) {
            for (YamlNode item : list.items()) {
                YamlMap one = item.map(faults);
                Property property = one == null ? null : property(one);
                if (property != null) {
                    Property before = named.putIfAbsent(property.name(), property);
                    if (before == null) {
                        read.add(property);
                    } else {
                        faults.add(
                                property.at(),
                                "the property '" + property.name() + "' is already at " + before.at()
                                        + ": give each its own name");
                    }
                }
            }
        }
    }

    private @Nullable Property property(YamlMap map) {
        int before = faults.count();
        List<String> kinds = Stream.concat(RULES.stream(), OTHERS.stream())
                .filter(each -> map.optional(each) != null)
                .toList();
        if (kinds.size() != 1) {
            faults.add(
                    map.at(),
                    "a property is one of " + String.join(", ", RULES) + ", " + String.join(", ", OTHERS) + "; found "
                            + (kinds.isEmpty() ? "none" : String.join(" and ", kinds)));
            return null;
        }
        String kind = kinds.get(0);
        map.unknownKeys(faults, Objects.requireNonNull(KINDS.get(kind)));
        for (String list : List.of("same", "effects")) {
            if (map.optional(list) instanceof YamlList all && all.items().isEmpty()) {
                faults.add(all.at(), "`" + list + "` names at least one, or is left out");
            }
        }
        String name = map.requiredString("name", faults);
        List<String> of = templates(map);
        boolean approved = map.bool("approved", true, faults);
        boolean assume = map.bool("assume", false, faults);
        Rule rule = null;
        ToolGrant where = null;
        List<String> texts;
        if (RULES.contains(kind)) {
            rule = rule(kind, map);
            texts = rule == null ? List.of() : rule.operations();
        } else {
            where = kind.equals("only") ? where(map) : null;
            texts = kind.equals("possible")
                    ? map.strings(kind, faults)
                    : Arrays.asList(map.requiredString(kind, faults));
        }
        List<Operations> named = operations(kind, map, texts, effects(map));
        return faults.count() > before || name == null
                ? null
                : new Property(
                        name,
                        map.at(),
                        of,
                        rule != null ? Kind.RULE : Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
                        named,
                        rule,
                        where,
                        approved,
                        assume);
    }

    private @Nullable List<String> templates(YamlMap map) {
        YamlNode node = map.required("templates", faults);
        List<String> names = node == null ? List.of() : Objects.requireNonNullElse(node.strings(faults), List.of());
        if (names.equals(List.of("*"))) {
            return null;
        }
        for (String name : names) {
            if (!templates.contains(name) && node != null) {
                faults.add(node.at(), "there is no template '" + name + "'" + DidYouMean.hint(name, templates));
            }
        }
        return names;
    }

    private @Nullable Rule rule(String name, YamlMap map) {
        for (RuleKind kind : RuleKinds.ALL.list()) {
            if (kind.name().equals(name)) {
                List<String> same = map.strings("same", faults);
                return kind.reader().read(map, new RuleKind.Common(same, false, map.at()), faults);
            }
        }
        throw new IllegalStateException(name);
    }

    /** The constraints under {@code where}; arguments that it does not name are free. */
    private @Nullable ToolGrant where(YamlMap map) {
        YamlNode node = map.required("where", faults);
        YamlMap where = node == null ? null : node.map(faults);
        int before = faults.count();
        if (where == null) {
            return null;
        }
        Map<String, JsonValue> arguments =
                new LinkedHashMap<>(TemplateParser.constraints(where, faults).members());
        arguments.put("*", new JsonObject(Map.of("constraint_type", new JsonValue.JsonString("wildcard"))));
        if (faults.count() > before) {
            return null;
        }
        try {
            return CapabilityParser.parse(
                            new JsonObject(Map.of("tools", new JsonObject(Map.of("where", new JsonObject(arguments))))),
                            CapabilityParser.MAX_NESTING)
                    .tools()
                    .get("where");
        } catch (MalformedConstraintException e) {
            faults.add(where.at(), "not a constraint that a token can carry: " + e.getMessage());
            return null;
        }
    }

    private Set<Effect> effects(YamlMap map) {
        Set<Effect> effects = EnumSet.noneOf(Effect.class);
        for (String word : map.strings("effects", faults)) {
            if (EFFECTS.contains(word)) {
                effects.add(Effect.valueOf(word.toUpperCase(Locale.ROOT)));
            } else {
                faults.add(map.at("effects"), "unknown effect '" + word + "'" + DidYouMean.hint(word, EFFECTS));
            }
        }
        return effects;
    }

    /** Checks the texts; the effects narrow the first pattern. */
    private List<Operations> operations(String kind, YamlMap map, List<String> texts, Set<Effect> effects) {
        List<Operations> all = new ArrayList<>();
        Set<Effect> left = effects;
        for (String text : texts) {
            if (text == null) {
                continue;
            }
            boolean pattern = Operations.isPattern(text);
            String catalogue = text.substring(0, Math.max(0, text.indexOf(':')));
            if (!pattern) {
                known(map, text);
            } else if (!catalogue.equals("*") && !operations.catalogues().contains(catalogue)) {
                faults.add(
                        map.at(kind),
                        "unknown catalogue '" + catalogue + "' in '" + text + "'"
                                + DidYouMean.hint(catalogue, operations.catalogues()));
            }
            all.add(new Operations(text, pattern ? left : Set.of()));
            left = pattern ? Set.of() : left;
        }
        if (!left.isEmpty()) {
            faults.add(map.at("effects"), "`effects` narrows a pattern such as k8s:*, and there is none here");
        }
        if (texts.isEmpty()) {
            faults.add(map.at(kind), "`" + kind + "` names at least one operation");
        }
        if (texts.size() == 2 && RULES.contains(kind) && texts.get(0).equals(texts.get(1))) {
            faults.add(
                    map.at(kind),
                    "`" + kind + "` names '" + texts.get(0) + "' twice: at most one such call is `bounded` with"
                            + " `at-most: 1`");
        }
        return all;
    }

    /** Checks an id, and that the operation has the arguments that the property looks at. */
    private void known(YamlMap map, String id) {
        if (!TemplateParser.isKnown(operations, map.at(), id, faults)) {
            return;
        }
        List<String> looked = new ArrayList<>(map.strings("same", faults));
        String of = map.optional("of") == null ? null : map.string("of", faults);
        if (of != null) {
            looked.add(of);
        }
        for (String argument : looked) {
            TemplateParser.argument(operations, map.at(argument.equals(of) ? "of" : "same"), argument, id, faults);
        }
    }
}
