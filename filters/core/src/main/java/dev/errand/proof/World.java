package dev.errand.proof;

import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.Folding;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.task.AlwaysAsked.Unless;
import dev.errand.template.OperationDirectory;
import dev.errand.template.ParameterPattern;
import dev.errand.template.Template;
import dev.errand.token.ArgumentMap;
import dev.errand.token.Capability;
import dev.errand.token.Constraint;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A template with values for its parameters: what a task of it may call. Immutable.
 *
 * @param template the template
 * @param lines its file
 * @param directory the operations of all catalogues
 * @param parameters a value for each parameter
 * @param granted the operations that a task may call, with their constraints, in the order of their ids
 * @param passing for the operations about whose calls humans are asked unless they have certain arguments: the calls that
 *     have them
 */
record World(
        Template template,
        YamlMap lines,
        OperationDirectory directory,
        Map<String, ParameterValue> parameters,
        Map<String, Granted> granted,
        Map<String, Granted> passing) {
    /** How many combinations of values of the parameters are looked at for equalities with constants and with each other. */
    static final int MOST = 24;

    private static final int MOST_LISTED = 8;

    /** With so many values a list is no longer a finite set, so a longer list proves nothing more. */
    private static final int MOST_VALUES = Samples.MOST_LITERALS + 1;

    /** What stands for every value of a parameter. */
    private static final String ANY_TEXT = "zq0anyvalue";

    static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_-]*)\\}");
    private static final Pattern WORDS = Pattern.compile("[A-Za-z0-9_-]+(\\|[A-Za-z0-9_-]+)*");

    /** @param cut whether parameters may equal further constants or parameters, so that nothing is shown for all values */
    record Worlds(List<World> list, boolean cut) {
        /** These and others. */
        Worlds and(Worlds others) {
            Map<Map<String, ParameterValue>, World> all = new LinkedHashMap<>();
            list.forEach(world -> all.put(world.parameters, world));
            others.list.forEach(world -> all.putIfAbsent(world.parameters, world));
            return new Worlds(List.copyOf(all.values()), cut || others.cut);
        }
    }

    /** An operation that a task may call. */
    record Granted(Operation operation, ArgumentMap arguments, Folding folding) {
        /** What an argument may be; null if it may be anything, or must be absent. */
        @Nullable Constraint constraint(String argument) {
            ArgumentMap.Rule rule = arguments.named().get(argument);
            return rule == null ? null : rule.constraint();
        }

        boolean mayLack(String argument) {
            ArgumentMap.Rule rule = arguments.named().get(argument);
            return rule == null || rule.optional();
        }

        boolean mayHave(String argument) {
            return arguments.open() || arguments.named().containsKey(argument);
        }

        boolean admits(String argument, JsonValue value) {
            Constraint constraint = constraint(argument);
            return constraint == null ? arguments.open() : constraint.check(value);
        }
    }

    /** Arguments that are as both maps demand; null if no such arguments were found. */
    static @Nullable ArgumentMap both(ArgumentMap arguments, ArgumentMap required, Folding folding) {
        Map<String, ArgumentMap.Rule> rules =
                new LinkedHashMap<>(arguments.folded(folding).named());
        for (var entry : required.folded(folding).named().entrySet()) {
            ArgumentMap.Rule own = rules.get(entry.getKey());
            ArgumentMap.Rule other = entry.getValue();
            Constraint both = own == null ? other.constraint() : Constraint.both(own.constraint(), other.constraint());
            if ((own == null && !arguments.open()) || Samples.of(both, 1).isEmpty()) {
                return null;
            }
            rules.put(entry.getKey(), new ArgumentMap.Rule(both, other.optional() && (own == null || own.optional())));
        }
        return new ArgumentMap(rules, arguments.open());
    }

    /**
     * The template with values for its parameters that tell all parameters apart; then, for each value that is compared
     * with others, the template with a parameter of this value.
     *
     * @param compared constants with which arguments are compared outside the template
     */
    static Worlds of(Template template, YamlMap lines, OperationDirectory directory, Set<JsonValue> compared) {
        Map<String, ParameterPattern> patterns = new TreeMap<>(template.grants().parameters());
        Map<String, ParameterValue> usual = usual(patterns);
        Set<Map<String, ParameterValue>> all = new LinkedHashSet<>(List.of(usual));
        patterns.forEach((name, pattern) -> {
            for (String text : texts(compared, template, usual, name)) {
                if (all.size() <= MOST && pattern.matches(text)) {
                    Map<String, ParameterValue> other = new LinkedHashMap<>(usual);
                    other.put(name, pattern.normal(ParameterValue.of(text)));
                    all.add(other);
                }
            }
        });
        boolean cut = all.size() > MOST;
        if (!compared.isEmpty()) {
            patterns.forEach((name, pattern) -> PatternSample.of(pattern, MOST_LISTED)
                    .forEach(text -> {
                        Map<String, ParameterValue> other = new LinkedHashMap<>(usual);
                        other.put(name, pattern.normal(ParameterValue.of(text)));
                        if (all.size() < 3 * MOST) {
                            all.add(other);
                        }
                    }));
        }
        List<World> worlds = new ArrayList<>();
        all.forEach(values -> worlds.add(of(template, lines, directory, values)));
        return new Worlds(worlds, cut);
    }

    /** Values that tell the parameters apart. */
    private static Map<String, ParameterValue> usual(Map<String, ParameterPattern> patterns) {
        Map<String, ParameterValue> usual = new LinkedHashMap<>();
        Set<String> used = new LinkedHashSet<>();
        patterns.forEach((name, pattern) -> {
            List<String> samples = new ArrayList<>(PatternSample.of(pattern, MOST_VALUES + used.size()));
            samples.removeAll(used);
            int many = pattern.isList() ? Math.min(pattern.maxValues(), MOST_VALUES) : 1;
            List<String> values = samples.isEmpty()
                    ? PatternSample.of(pattern, 1)
                    : samples.subList(0, Math.min(many, samples.size()));
            used.addAll(values);
            if (!values.isEmpty()) {
                usual.put(name, pattern.isList() ? ParameterValue.of(values) : ParameterValue.of(values.get(0)));
            }
        });
        return usual;
    }

    /** The template in its first world. */
    static World usual(Revision revision) {
        return of(
                revision.template(),
                revision.lines(),
                revision.operations(),
                usual(new TreeMap<>(revision.template().grants().parameters())));
    }

    /** The template with the same values as another one for its parameters; its own values for those that the other lacks. */
    World as(World other) {
        Map<String, ParameterValue> values = new LinkedHashMap<>(parameters);
        values.replaceAll((name, value) -> {
            ParameterPattern pattern = template.grants().parameters().get(name);
            ParameterValue given = other.parameters.get(name);
            return given == null || pattern == null ? value : pattern.isList() ? given.asList() : single(given);
        });
        return of(template, lines, directory, values);
    }

    private static ParameterValue single(ParameterValue given) {
        List<String> values = given.values();
        return given.list() ? ParameterValue.of(values.get(0)) : given;
    }

    /** The template with these values for its parameters. */
    static World of(
            Template template, YamlMap lines, OperationDirectory directory, Map<String, ParameterValue> values) {
        Map<String, Granted> granted = granted(template, values, directory);
        return new World(template, lines, directory, values, granted, passing(template, values, granted));
    }

    /** The texts that a parameter must have to be told apart from a constant, or from another parameter. */
    private static Set<String> texts(
            Set<JsonValue> compared, Template template, Map<String, ParameterValue> usual, String own) {
        Set<String> texts = new LinkedHashSet<>();
        compared.forEach(each -> texts(each, texts));
        usual.forEach((name, value) -> {
            if (!name.equals(own)) {
                texts.addAll(value.values());
            }
        });
        template.grants().tools().values().forEach(arguments -> texts(arguments, texts));
        for (String text : List.copyOf(texts)) {
            texts.addAll(List.of(text.split("/")));
        }
        return texts;
    }

    /** Adds the texts in constraints. */
    static void texts(@Nullable JsonValue value, Set<String> into) {
        if (value instanceof JsonString text) {
            into.add(text.value());
        } else if (value instanceof JsonArray array) {
            array.values().forEach(each -> texts(each, into));
        } else if (value instanceof JsonObject object) {
            object.members().forEach((name, each) -> {
                if (!name.equals("constraint_type")) {
                    texts(each, into);
                }
            });
        }
    }

    private static Map<String, Granted> granted(
            Template template, Map<String, ParameterValue> values, OperationDirectory directory) {
        Capability capability = template.granted(values);
        Map<String, Granted> granted = new LinkedHashMap<>();
        template.grants().tools().keySet().forEach(id -> {
            Operation operation = directory.find(id).orElse(null);
            if (operation != null && capability.tools().get(id) instanceof ArgumentMap arguments) {
                Folding folding = directory
                        .catalogue(id.substring(0, id.indexOf(':')))
                        .map(OperationCatalogue::folding)
                        .orElse(Folding.NONE);
                granted.put(id, new Granted(operation, arguments, folding));
            }
        });
        return granted;
    }

    private static Map<String, Granted> passing(
            Template template, Map<String, ParameterValue> values, Map<String, Granted> granted) {
        Map<String, Granted> passing = new LinkedHashMap<>();
        granted.forEach((id, each) -> {
            Unless unless = template.enforced().asked(each.operation()).unless();
            ArgumentMap both = unless != null && unless.grant(values) instanceof ArgumentMap required
                    ? both(each.arguments(), required, each.folding())
                    : null;
            if (both != null) {
                passing.put(id, new Granted(each.operation(), both, each.folding()));
            }
        });
        return passing;
    }

    /**
     * Whether the worlds do not have every value of the parameters that stand in the constraint of this argument. Then
     * only {@link #general} speaks for all.
     */
    boolean isSampled(String operation, String argument) {
        JsonObject arguments = template.grants().tools().get(operation);
        JsonValue written = arguments == null ? null : arguments.get(argument);
        if (written == null) {
            return false;
        }
        Matcher found = PLACEHOLDER.matcher(Jcs.canonical(written));
        Set<String> names = new LinkedHashSet<>();
        while (found.find()) {
            names.add(found.group(1));
        }
        return names.size() > 1
                || names.stream()
                        .map(template.grants().parameters()::get)
                        .anyMatch(pattern -> pattern == null
                                || pattern.isList()
                                || words(pattern).isEmpty()
                                || words(pattern).size() > MOST_LISTED);
    }

    /** All values that a pattern matches, if it lists them; else empty. */
    static List<String> words(ParameterPattern pattern) {
        return WORDS.matcher(pattern.expression()).matches()
                ? List.of(pattern.expression().split("\\|"))
                : List.of();
    }

    /** The same template, with a text for each parameter that no constraint names. */
    World general() {
        Map<String, ParameterValue> values = new LinkedHashMap<>();
        template.grants().parameters().forEach((name, pattern) -> {
            values.put(name, pattern.normal(ParameterValue.of(ANY_TEXT + values.size())));
        });
        return of(template, lines, directory, values);
    }

    /** Where the operation is granted; the place of {@code allow} if it is not. */
    Position grantAt(String operation) {
        return grantAt(lines, operation);
    }

    static Position grantAt(YamlMap lines, String operation) {
        if (!(lines.optional("allow") instanceof YamlMap allow)) {
            return lines.at("allow");
        }
        String wide = operation.substring(0, Math.max(0, operation.indexOf(':'))) + ":*";
        return allow.optional(operation) != null
                ? allow.at(operation)
                : allow.optional(wide) != null ? allow.at(wide) : lines.at("allow");
    }

    /**
     * The operations with the calls that a task may make.
     *
     * @param asking whether calls count about which humans are asked; those that are asked about at every call remain
     */
    Map<String, Granted> permitted(boolean asking) {
        Map<String, Granted> permitted = new LinkedHashMap<>(granted);
        if (!asking) {
            permitted.putAll(passing);
        }
        return permitted;
    }

    /** Whether humans are asked about calls of the operation unless the argument has certain values. */
    boolean isAskedBy(String operation, String argument) {
        Granted granted = granted().get(operation);
        Unless unless = granted == null
                ? null
                : template.enforced().asked(granted.operation()).unless();
        return unless != null && unless.names().contains(argument);
    }

    /** Where the budget of calls is written. */
    Position callsAt() {
        return lines.optional("limits") instanceof YamlMap limits ? limits.at("calls") : lines.at();
    }

    /** The place, with its column, of the step or rule that was written at {@code file:line}. */
    Position written(@Nullable String place) {
        for (String key : List.of("sequence", "rules")) {
            Position found = lines.optional(key) instanceof YamlList list ? find(list, place) : null;
            if (found != null) {
                return found;
            }
        }
        return lines.at("sequence");
    }

    private static @Nullable Position find(YamlNode node, @Nullable String place) {
        if (!(node instanceof YamlList) && node.at().inFile().equals(place)) {
            return node.at();
        }
        List<YamlNode> inner = node instanceof YamlList list
                ? list.items()
                : node instanceof YamlMap map ? List.copyOf(map.members().values()) : List.of();
        for (YamlNode each : inner) {
            Position found = find(each, place);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
