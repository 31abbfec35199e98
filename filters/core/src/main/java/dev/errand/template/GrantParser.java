package dev.errand.template;

import com.google.re2j.PatternSyntaxException;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.json.DidYouMean;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.OperationForm;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.FixedArguments;
import dev.errand.task.PinnedArguments;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@code parameters} and {@code allow} of one template. Not thread-safe. */
final class GrantParser {
    private static final List<String> EFFECTS = java.util.Arrays.stream(Effect.values())
            .filter(effect -> effect != Effect.UNREVIEWED)
            .map(Effect::wire)
            .toList();

    private static final String RESOURCE = "resource";

    /** The most forms that a warning names. */
    private static final int MAX_FORMS = 3;

    private final @Nullable OperationDirectory operations;
    private final Faults faults;

    /** The lines of {@code allow} read so far. */
    private final AskedGrants asked;

    private final Map<String, Map<String, Boolean>> pinned = new LinkedHashMap<>();
    private final Map<String, Set<String>> askedValues = new LinkedHashMap<>();
    private final List<Line> lines = new ArrayList<>();
    private final List<GrantTemplate.Wide> wide = new ArrayList<>();

    private record Line(String id, JsonObject arguments, Set<String> pinned) {}

    GrantParser(@Nullable OperationDirectory operations, Faults faults) {
        this.operations = operations;
        this.faults = faults;
        this.asked = new AskedGrants(faults);
    }

    GrantTemplate parse(YamlMap template) {
        Map<String, ParameterPattern> parameters = parameters(template);
        Map<String, JsonObject> tools = new LinkedHashMap<>();
        YamlNode node = template.required("allow", faults);
        YamlMap allow = node == null ? null : node.map(faults);
        if (allow != null) {
            if (allow.members().isEmpty()) {
                faults.add(allow.at(), "allow must name at least one operation");
            }
            ConstraintShorthand shorthand = new ConstraintShorthand(parameters, faults);
            allow.members().forEach((id, value) -> allow(allow.at(id), id, value, shorthand, tools));
        }
        AlwaysAsked always = asked.close();
        GrantTemplate granted =
                new GrantTemplate(parameters, tools, always, new PinnedArguments(pinned, askedValues), wide);
        if (allow != null) {
            requireWellFormed(granted, allow);
        }
        return granted;
    }

    /** The arguments that the lines fix, if only the sources that {@code counts} accepts count as fixing. */
    FixedArguments fixed(Predicate<FixedArguments.By> counts) {
        FixedArguments.Builder fixed = new FixedArguments.Builder(counts);
        lines.forEach(line -> fixed.line(line.id(), line.arguments(), line.pinned()));
        return fixed.build();
    }

    /** Lets the token parser check what a shorthand cannot show, such as nesting. */
    private void requireWellFormed(GrantTemplate grants, YamlMap allow) {
        grants.fill(Map.of()).members().forEach((tool, arguments) -> {
            try {
                CapabilityParser.parse(
                        new JsonObject(Map.of("tools", new JsonObject(Map.of(tool, arguments)))),
                        CapabilityParser.MAX_NESTING);
            } catch (MalformedConstraintException e) {
                faults.add(allow.at(tool), "not a constraint that a token can carry: " + e.getMessage());
            }
        });
    }

    private void allow(
            Position at, String id, YamlNode node, ConstraintShorthand shorthand, Map<String, JsonObject> tools) {
        YamlMap map = node.map(faults);
        if (map == null) {
            return;
        }
        AskedGrants.Written asks = asked.read(map, shorthand);
        if (id.endsWith(":*")) {
            JsonObject arguments = shorthand.arguments(map, "effects", AskedGrants.KEY);
            String catalogue = id.substring(0, id.length() - 2);
            Set<Effect> effects = effects(map);
            List<String> expanded = expand(at, catalogue, effects);
            Map<String, Boolean> pins = shorthand.pinned();
            asked.add(id, effects == null ? Set.of() : effects, asks, shorthand.asked());
            Set<String> elseAsked = shorthand.asked();
            if (operations == null && effects != null) {
                wide.add(new GrantTemplate.Wide(catalogue, effects, arguments, pins, elseAsked));
            }
            expanded.forEach(each -> {
                if (tools.putIfAbsent(each, arguments) == null) {
                    if (!pins.isEmpty()) {
                        pinned.put(each, pins);
                    }
                    if (!elseAsked.isEmpty()) {
                        askedValues.put(each, elseAsked);
                    }
                }
            });
            lines.add(new Line(id, arguments, pins.keySet()));
            declared(expanded, id, map, arguments);
            asks(expanded, id, map, asks, elseAsked);
            fits(expanded, id, map, arguments, shorthand.parameters());
        } else if (known(operations, at, id, faults)) {
            JsonObject arguments = shorthand.arguments(map, AskedGrants.KEY);
            tools.put(id, arguments);
            asked.add(id, Set.of(), asks, shorthand.asked());
            pinned.remove(id);
            askedValues.remove(id);
            if (!shorthand.asked().isEmpty()) {
                askedValues.put(id, shorthand.asked());
            }
            if (!shorthand.pinned().isEmpty()) {
                pinned.put(id, shorthand.pinned());
            }
            lines.add(new Line(id, arguments, shorthand.pinned().keySet()));
            declared(List.of(id), id, map, arguments);
            asks(List.of(id), id, map, asks, shorthand.asked());
            fits(List.of(id), id, map, arguments, shorthand.parameters());
        } else {
            // What is wrong with its constraints is wrong whatever the operation is.
            shorthand.arguments(map, AskedGrants.KEY);
        }
    }

    /** Reports required arguments that no call of any of the operations has, since the grant would permit no call. */
    private void declared(List<String> ids, String written, YamlMap map, JsonObject arguments) {
        arguments.members().forEach((argument, constraint) -> {
            boolean demanded = !argument.equals("*")
                    && constraint instanceof JsonObject object
                    && !new JsonBoolean(true).equals(object.get("optional"));
            if (demanded && !ids.isEmpty()) {
                argument(operations, map.at(argument), argument, ids, written, faults);
            }
        });
    }

    /**
     * Reports arguments under {@code ask} that no call of any of the operations has: then every call asks, and no question is
     * for many. Reports operations that may not be offered.
     */
    private void asks(List<String> ids, String written, YamlMap map, AskedGrants.Written asks, Set<String> elseAsked) {
        if (ids.isEmpty() || !(map.optional(AskedGrants.KEY) instanceof YamlMap ask)) {
            return;
        }
        if (asks.unless() != null && ask.optional(AskedGrants.UNLESS) instanceof YamlMap unless) {
            asks.unless()
                    .members()
                    .keySet()
                    .forEach(name -> argument(operations, unless.at(name), name, ids, written, faults));
        }
        if (asks.offer() != null
                && ask.optional(AskedGrants.OFFER) instanceof YamlMap offer
                && offer.optional(AskedGrants.FIXED) instanceof YamlList names) {
            for (YamlNode name : names.items()) {
                if (name instanceof YamlScalar scalar) {
                    argument(operations, name.at(), scalar.text(), ids, written, faults);
                }
            }
        }
        Map<String, Effect> effects = new LinkedHashMap<>();
        for (String id : ids) {
            Operation operation =
                    operations == null ? null : operations.find(id).orElse(null);
            if (operation != null) {
                effects.put(id, operation.effect());
            }
        }
        asked.check(map, asks, effects, elseAsked);
    }

    /** Warns of a constraint that no resource of any of the operations can satisfy, since the grant would permit no call. */
    private void fits(
            List<String> ids,
            String written,
            YamlMap map,
            JsonObject arguments,
            Map<String, ParameterPattern> parameters) {
        if (operations == null || !(arguments.get(RESOURCE) instanceof JsonObject constraint)) {
            return;
        }
        OperationCatalogue catalogue =
                operations.catalogue(written.substring(0, written.indexOf(':'))).orElse(null);
        Set<String> named = Set.copyOf(ids);
        List<String> forms = catalogue == null
                ? List.of()
                : catalogue.forms().stream()
                        .filter(form -> named.contains(form.id()))
                        .map(OperationForm::resource)
                        .distinct()
                        .toList();
        boolean folds = catalogue != null && !catalogue.folding().equals(Folding.NONE);
        if (!forms.isEmpty()
                && forms.stream()
                        .allMatch(form ->
                                !form.isEmpty() && new ResourceFit(form, folds, parameters).never(constraint))) {
            faults.warn(
                    map.at(RESOURCE),
                    "no call can have such a resource: a resource of '" + written + "' is a text of the form "
                            + forms.stream().limit(MAX_FORMS).collect(Collectors.joining(" or "))
                            + (forms.size() > MAX_FORMS ? " or another" : "")
                            + ", which no value of this constraint has; write the constraint in that form, or give the"
                            + " operation a resource of its own in the catalogue");
        }
    }

    /** Adds a fault, with the nearest name, if no call of any of the operations can have the argument. */
    static void argument(
            @Nullable OperationDirectory operations,
            Position at,
            String argument,
            List<String> ids,
            String written,
            Faults faults) {
        Set<String> names = new TreeSet<>();
        for (String id : ids) {
            Set<String> own =
                    operations == null ? null : operations.arguments(id).orElse(null);
            if (own == null || own.contains(argument)) {
                return;
            }
            names.addAll(own);
        }
        String params = DidYouMean.nearest(argument, names) == null && names.size() == 1
                ? "; arguments of a query or body are those under 'params' of the operation in its catalogue"
                : "";
        faults.add(
                at,
                "unknown argument '" + argument + "' of '" + written + "'" + DidYouMean.hint(argument, names) + params);
    }

    /** Whether the id names an operation; otherwise adds a fault with the nearest ids. */
    static boolean known(@Nullable OperationDirectory operations, Position at, String id, Faults faults) {
        int colon = id.indexOf(':');
        if (colon < 1 || colon == id.length() - 1) {
            faults.add(at, "an operation is written catalogue:id, found '" + id + "'");
            return false;
        }
        if (operations == null || operations.find(id).isPresent()) {
            return true;
        }
        String catalogue = id.substring(0, colon);
        if (operations.isFaulty(catalogue)) {
            return false;
        }
        if (!operations.catalogues().contains(catalogue)) {
            faults.add(
                    at,
                    "unknown catalogue '" + catalogue + "' in '" + id + "'"
                            + DidYouMean.hint(catalogue, operations.catalogues()));
            return false;
        }
        List<String> ids =
                operations.operations(catalogue).stream().map(Operation::id).toList();
        faults.add(at, "unknown operation '" + id + "'" + DidYouMean.hint(id, ids));
        return false;
    }

    /** The effects that a line of {@code catalogue:*} names; null, after a fault, if they are not valid. */
    private @Nullable Set<Effect> effects(YamlMap map) {
        YamlNode node = map.required("effects", faults);
        YamlList list = node == null ? null : node.list(faults);
        if (list == null) {
            return null;
        }
        Set<Effect> effects = EnumSet.noneOf(Effect.class);
        for (YamlNode item : list.items()) {
            String effect = item.string(faults);
            if (effect == null) {
                return null;
            }
            if (!EFFECTS.contains(effect)) {
                faults.add(item.at(), "unknown effect '" + effect + "'" + DidYouMean.hint(effect, EFFECTS));
                return null;
            }
            effects.add(Effect.valueOf(effect.toUpperCase(java.util.Locale.ROOT)));
        }
        return effects;
    }

    private List<String> expand(Position at, String catalogue, @Nullable Set<Effect> effects) {
        if (operations == null || effects == null || operations.isFaulty(catalogue)) {
            return List.of();
        }
        if (!operations.catalogues().contains(catalogue)) {
            faults.add(
                    at, "unknown catalogue '" + catalogue + "'" + DidYouMean.hint(catalogue, operations.catalogues()));
            return List.of();
        }
        List<String> ids = new ArrayList<>();
        for (Operation operation : operations.operations(catalogue)) {
            if (effects.contains(operation.effect())) {
                ids.add(operation.id());
            }
        }
        if (ids.isEmpty()) {
            faults.add(at, "no reviewed operation of '" + catalogue + "' has one of these effects");
        }
        ids.sort(null);
        return ids;
    }

    private Map<String, ParameterPattern> parameters(YamlMap template) {
        Map<String, ParameterPattern> patterns = new LinkedHashMap<>();
        YamlNode node = template.optional("parameters");
        YamlMap map = node == null ? null : node.map(faults);
        if (map == null) {
            return patterns;
        }
        map.members().forEach((name, value) -> {
            if (!name.matches(TemplateKeys.PARAMETER)) {
                faults.add(
                        map.at(name), "a parameter's name is a letter, then letters, digits, '-' or '_', at most 64");
                return;
            }
            YamlMap list = value instanceof YamlMap form ? form : null;
            if (list != null) {
                list.unknownKeys(faults, TemplateKeys.LIST_PARAMETER);
            }
            String expression = list == null ? value.string(faults) : list.requiredString("list", faults);
            int max = list == null
                    ? 0
                    : (int) list.integer("max", ParameterPattern.DEFAULT_VALUES, 1, ParameterValue.MAX_VALUES, faults);
            if (expression != null) {
                try {
                    patterns.put(name, pattern(expression, list != null, max));
                } catch (PatternSyntaxException e) {
                    // So that no use of the parameter has a fault, too.
                    patterns.put(name, pattern(".*", list != null, max));
                    faults.add(
                            value.at(),
                            "not a pattern of linear time (RE2 syntax: no look-around, no back references): "
                                    + e.getDescription());
                }
            }
        });
        return patterns;
    }

    private static ParameterPattern pattern(String expression, boolean list, int max) {
        return list ? ParameterPattern.compileList(expression, max) : ParameterPattern.compile(expression);
    }
}
