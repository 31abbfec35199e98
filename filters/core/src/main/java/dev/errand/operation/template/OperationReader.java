package dev.errand.operation.template;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.Simple.ANYTHING;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.strings;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.words;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.operation.AnswerPlace;
import dev.errand.operation.ArgumentLabels;
import dev.errand.operation.CatalogueKeys;
import dev.errand.operation.Choice;
import dev.errand.operation.Declaration;
import dev.errand.operation.Effect;
import dev.errand.operation.Labels;
import dev.errand.operation.Normalisation.TrailingSlash;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationValues;
import dev.errand.operation.Parameter;
import dev.errand.operation.Parameters;
import dev.errand.operation.Returns;
import dev.errand.operation.template.PathTemplate.InvalidTemplateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads one hand-written operation of a template catalogue into its rules. */
record OperationReader(Declaration declaration, PathTemplate base, Faults faults) {
    private static final int MAX_ID = 128;
    private static final Map<String, Boolean> YIELDS = Map.of("untrusted", true);
    private static final Map<String, Boolean> NEEDS = Map.of("trusted", true);
    private static final Keys TRUSTED = Keys.of(
            "trusted",
            required("trusted", either(text(), some(text())), "Arguments that the human or the template must fix."));
    private static final Map<String, Boolean> ANSWERS = Map.of("large", true);

    private static final Keys MATCH = Keys.of(
            "match",
            required("method", either(text(), some(text())), "Methods in upper case; HEAD goes with GET."),
            required("path", text(), "{x} is one segment, {x+} one or more, {x*} none or more."),
            optional("query", Keys.of("query").others(text()), "Query keys that must have these values."),
            optional("resource", text(), "The resource of requests of this match; if left out, the operation's own."),
            optional(
                    "each",
                    text(),
                    "Paths that a request names besides: body:<JSON pointer>, with * for the items of an array, or a variable {x}"
                            + " of the path. The grant must permit each path of a body, behind the operation's resource."),
            optional(
                    "below",
                    strings(),
                    "Only for values of `each` that are one of these paths, below it or above it, in any letter case. Another"
                            + " operation with the same match and without this key has all other values."));

    static final Keys KEYS = Keys.of(
            "operation",
            required("id", text(), "The operation's id below the catalogue's name."),
            optional("description", ANYTHING, "A note for the reader."),
            required("match", either(MATCH, some(MATCH)), "The requests that are this operation."),
            required("effect", words(Choice.EFFECTS.keySet()), "What the operation does in its upstream."),
            optional("resource", text(), "The resource, made of the path's variables; the path if left out."),
            optional(
                    "params",
                    Parameters.KEYS,
                    "Arguments: query, query:number, query:list, header:<name> or body:<JSON pointer>."),
            optional("yields", words(YIELDS.keySet()), "Its answers have content from outside."),
            optional(
                    "needs",
                    either(words(NEEDS.keySet()), TRUSTED),
                    "trusted: only a trusted task may call it. {trusted: [args]}: another task may, if these are fixed."),
            optional("record", either(text(), some(text())), "Arguments whose values go into the record of decisions."),
            optional(
                    "show",
                    words(CatalogueKeys.SHOW.keySet()),
                    "body: humans who are asked about a call may read its body."),
            optional(
                    "returns",
                    Returns.KEYS,
                    "Values in its answers that rules look at: body:<JSON pointer>, or a map of `at` and `where`."),
            optional(
                    "permission",
                    Permissions.SHAPE,
                    "What it needs of a credential that is made for the task, such as contents:write; none if it needs nothing."),
            optional(
                    "answer",
                    words(ANSWERS.keySet()),
                    "large: its answers are large and never have a credential, so they stream below a credential path too."));

    private record Match(
            PathTemplate template,
            Set<String> methods,
            Map<String, String> selectors,
            @Nullable YamlNode resource,
            @Nullable Each each) {}

    /** The rules of an operation, one for each of its matches; none after a fault. */
    List<PathRule> read(YamlMap map) {
        int before = faults.count();
        map.unknownKeys(faults, KEYS);
        YamlNode idNode = map.required("id", faults);
        String id = idNode == null ? null : idNode.string(faults);
        if (idNode != null && id != null && !isId(id)) {
            faults.add(
                    idNode.at(),
                    "an operation's id is at most " + MAX_ID
                            + " letters, digits and . _ - /, and begins with a letter");
        }
        YamlNode effectNode = map.required("effect", faults);
        Effect effect = effectNode == null ? null : Choice.of(effectNode, "effect", Choice.EFFECTS, faults);
        boolean yields = Choice.of(map, "yields", YIELDS, false, faults);
        YamlMap trusting = map.optional("needs") instanceof YamlMap form ? form : null;
        boolean needs = trusting != null || Choice.of(map, "needs", NEEDS, false, faults);
        boolean large = Choice.of(map, "answer", ANSWERS, false, faults);
        boolean shown =
                Choice.of(map, "show", CatalogueKeys.SHOW, false, faults) || Labels.showsBodies(declaration.map());
        Set<String> permissions = Permissions.read(map.optional("permission"), faults);
        YamlNode returns = map.optional("returns");
        Map<String, AnswerPlace> returned = returns == null ? Map.of() : Returns.read(returns, faults);
        List<Match> matches = matches(map);
        List<Parameter> parameters = Parameters.read(map, declaration.target(), faults);
        if (trusting != null) {
            trusting.unknownKeys(faults, TRUSTED);
            trusting.required("trusted", faults);
        }
        List<String> trusted = trusting == null ? List.of() : arguments(trusting.optional("trusted"), parameters);
        List<String> recorded = arguments(map.optional("record"), parameters);
        List<@Nullable ResourceTemplate> resources = new ArrayList<>();
        matches.forEach(match -> resources.add(resource(map, match)));
        YamlNode resource = map.optional("resource");
        if (resource != null && matches.stream().allMatch(match -> match.resource != null)) {
            // No match uses it, but a value that is no text is still a fault.
            resource.string(faults);
        }
        if (id == null || effect == null || faults.count() > before) {
            return List.of();
        }
        Set<String> keys = new LinkedHashSet<>();
        for (Parameter parameter : parameters) {
            if (parameter.isOfQuery()) {
                keys.add(parameter.key());
            }
        }
        Set<String> body = parameters.stream()
                .filter(parameter -> parameter.source() == Parameter.Source.BODY)
                .map(Parameter::name)
                .collect(Collectors.toUnmodifiableSet());
        Operation operation = new Operation(
                        declaration.name() + ':' + id,
                        effect,
                        yields,
                        needs,
                        trusted,
                        recorded,
                        new OperationValues(returned, false, body))
                .showingBody(shown);
        TemplateOperation target = new TemplateOperation(operation, parameters, keys, large, permissions, map.at());
        List<PathRule> rules = new ArrayList<>();
        for (int i = 0; i < matches.size(); i++) {
            Match match = matches.get(i);
            ResourceTemplate named = resources.get(i);
            if (named != null) {
                rules.add(new PathRule(match.template, match.methods, match.selectors, target, named, match.each));
            }
        }
        return rules;
    }

    /** The arguments that a key lists. Calls of the operation must be able to have each of them. */
    private List<String> arguments(@Nullable YamlNode node, List<Parameter> parameters) {
        if (node == null) {
            return List.of();
        }
        Set<String> declared = new TreeSet<>(Set.of("resource"));
        parameters.forEach(parameter -> declared.add(parameter.name()));
        List<String> names = ArgumentLabels.names(node, faults);
        for (String name : names) {
            if (!declared.contains(name)) {
                faults.add(
                        node.at(), "'" + name + "' is no argument of this operation" + DidYouMean.hint(name, declared));
            }
        }
        return names;
    }

    static boolean isId(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_ID
                && Character.isLetter(text.charAt(0))
                && text.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "._-/".indexOf(c) >= 0));
    }

    private @Nullable ResourceTemplate resource(YamlMap map, Match match) {
        YamlNode node = match.resource == null ? map.optional("resource") : match.resource;
        if (node == null) {
            return ResourceTemplate.below(base, match.template);
        }
        String text = node.string(faults);
        try {
            return text == null ? null : ResourceTemplate.compile(text, match.template);
        } catch (InvalidTemplateException e) {
            faults.add(node.at(), "not a resource: " + e.getMessage());
            return null;
        }
    }

    private List<Match> matches(YamlMap map) {
        YamlNode node = map.required("match", faults);
        if (node == null) {
            return List.of();
        }
        List<YamlNode> items = node instanceof YamlList list ? list.items() : List.of(node);
        if (items.isEmpty()) {
            faults.add(node.at(), "an operation needs a match");
        }
        List<Match> matches = new ArrayList<>();
        for (YamlNode item : items) {
            YamlMap one = item.map(faults);
            Match match = one == null ? null : match(one);
            if (match != null) {
                matches.add(match);
            }
        }
        return matches;
    }

    private @Nullable Match match(YamlMap map) {
        map.unknownKeys(faults, MATCH);
        Set<String> methods = methods(map);
        Map<String, String> selectors = new LinkedHashMap<>();
        YamlNode query = map.optional("query");
        YamlMap pairs = query == null ? null : query.map(faults);
        if (pairs != null) {
            pairs.members().forEach((key, node) -> {
                String value = node.string(faults);
                if (value != null) {
                    selectors.put(key, value);
                }
            });
        }
        YamlNode node = map.required("path", faults);
        String text = node == null ? null : node.string(faults);
        if (node == null || text == null) {
            return null;
        }
        try {
            PathTemplate template = PathTemplate.parse(text).under(base);
            TrailingSlash setting = declaration.target().settings().trailingSlash();
            if (template.trailingSlash()
                    && setting != TrailingSlash.DISTINCT
                    && template.segments().size() > 0) {
                faults.add(
                        node.at(),
                        "a path that ends in / never matches under 'trailing-slash: "
                                + setting.name().toLowerCase(Locale.ROOT) + "'");
            }
            return new Match(template, methods, selectors, map.optional("resource"), each(map, template));
        } catch (InvalidTemplateException e) {
            faults.add(node.at(), "not a path template: " + e.getMessage());
            return null;
        }
    }

    private @Nullable Each each(YamlMap map, PathTemplate template) {
        List<String> below = map.strings("below", faults);
        YamlNode node = map.optional("each");
        String text = node == null ? null : node.string(faults);
        if (node == null || text == null) {
            if (map.optional("below") != null) {
                faults.add(map.at("below"), "'below' needs 'each': name the place of the paths");
            }
            return null;
        }
        Each each = Each.parse(text, below);
        if (each == null) {
            faults.add(
                    node.at(), "'" + text + "' is no place: write body:<JSON pointer> or a variable of the path, {x}");
        } else if (each.pointer() == null && template.index(each.variable()) < 0) {
            faults.add(
                    node.at(),
                    text + " is no variable of the path " + template
                            + DidYouMean.hint(each.variable(), template.variables()));
        }
        return each;
    }

    private Set<String> methods(YamlMap map) {
        YamlNode node = map.required("method", faults);
        List<String> names = node == null ? null : node.strings(faults);
        Set<String> methods = new LinkedHashSet<>();
        for (String name : names == null ? List.<String>of() : names) {
            if (name.equals("HEAD")) {
                faults.add(map.at("method"), "HEAD names the GET operation: write GET");
            } else if (name.isEmpty() || !name.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || c == '-')) {
                faults.add(map.at("method"), "'" + name + "' is no method: methods are upper-case");
            } else if (!methods.add(name)) {
                faults.add(map.at("method"), "the method " + name + " stands twice");
            }
        }
        if (names != null && names.isEmpty()) {
            faults.add(map.at("method"), "a match needs a method");
        }
        return methods;
    }
}
