package dev.errand.operation.template;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.strings;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.words;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.operation.Choice;
import dev.errand.operation.Declaration;
import dev.errand.operation.ImportReport.LeftOut;
import dev.errand.operation.Normalisation.TrailingSlash;
import dev.errand.operation.template.PathTemplate.InvalidTemplateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code import}: a document, and how its operations are imported. Paths of the document are below the
 * catalogue's base path. Not thread-safe: one per entry.
 */
record OpenApiImport(Declaration declaration, PathTemplate base, List<LeftOut> leftOut, Faults faults) {
    private static final Map<String, Boolean> RESOURCES = Map.of("path", false, "variables", true);

    static final Keys KEYS = Keys.of(
            "import",
            required("openapi", text(), "The document, beside this file or below: OpenAPI 3 or Swagger 2."),
            optional(
                    "bind",
                    Keys.of("bind").others(strings()),
                    "Variables, each with the literal paths that replace it."),
            optional(
                    "multi-segment",
                    strings(),
                    "Paths whose last variable has several segments; `*` stands for one segment."),
            optional("skip", strings(), "Paths that are left out."),
            optional("rename", Keys.of("rename").others(text()), "operationIds, each with the id that replaces it."),
            optional(
                    "resource",
                    words(RESOURCES.keySet()),
                    "The resource of its operations: the path, or the values of the path's variables, joined by slashes; path if"
                            + " left out."));

    private static final int MAX_BINDINGS = 64;

    /**
     * An operation that was imported.
     *
     * @param id without the catalogue's prefix
     * @param templates its paths, with the base path: one for each binding; each with the resource of its requests
     */
    record Taken(
            String id,
            String document,
            DescribedOperation source,
            Map<PathTemplate, ResourceTemplate> templates,
            Position at) {}

    private record Settings(
            String file,
            Position at,
            Map<String, List<String>> bind,
            List<String> multiSegment,
            Set<String> skip,
            Map<String, String> rename,
            boolean variables) {}

    /** The operations of one entry; none after a fault. */
    List<Taken> read(YamlMap map) {
        int before = faults.count();
        map.unknownKeys(faults, KEYS);
        String file = map.requiredString("openapi", faults);
        if (file == null) {
            return List.of();
        } else if (file.contains("://")) {
            faults.add(
                    map.at("openapi"), "a document is never fetched: save it beside the catalogue and name the file");
            return List.of();
        }
        Settings settings = new Settings(
                file,
                map.at("openapi"),
                bind(map),
                map.strings("multi-segment", faults),
                new LinkedHashSet<>(map.strings("skip", faults)),
                rename(map),
                Choice.of(map, "resource", RESOURCES, false, faults));
        byte[] bytes = declaration.read(file, settings.at(), OpenApiDocument.MAX_BYTES, faults);
        OpenApiDocument document = bytes == null ? null : OpenApiDocument.parse(bytes, file, faults);
        if (document == null || faults.count() > before) {
            return List.of();
        }
        refuseStrangers(map, settings, document.operations());
        List<Taken> taken = new ArrayList<>();
        for (DescribedOperation operation : document.operations()) {
            Taken one = take(operation, settings);
            if (one != null) {
                taken.add(one);
            }
        }
        return faults.count() > before ? List.of() : taken;
    }

    private Map<String, List<String>> bind(YamlMap map) {
        Map<String, List<String>> bind = new LinkedHashMap<>();
        YamlNode node = map.optional("bind");
        YamlMap given = node == null ? null : node.map(faults);
        if (given != null) {
            given.members().keySet().forEach(name -> {
                List<String> values = given.strings(name, faults);
                bind.put(name, values);
                for (String value : values) {
                    if (!isLiteralPath(value)) {
                        faults.add(
                                given.at(name),
                                "'" + value + "' cannot stand for {" + name
                                        + "}: write literal segments, without a slash at either end");
                    }
                }
            });
        }
        return bind;
    }

    private static boolean isLiteralPath(String value) {
        try {
            return !value.isEmpty()
                    && !value.endsWith("/")
                    && PathTemplate.parse('/' + value).variables().isEmpty();
        } catch (InvalidTemplateException e) {
            return false;
        }
    }

    private Map<String, String> rename(YamlMap map) {
        Map<String, String> rename = new LinkedHashMap<>();
        YamlNode node = map.optional("rename");
        YamlMap given = node == null ? null : node.map(faults);
        if (given != null) {
            given.members().forEach((from, value) -> {
                String to = value.string(faults);
                if (to != null && !OperationReader.isId(to)) {
                    faults.add(value.at(), "'" + to + "' is no id of an operation");
                } else if (to != null && rename.containsValue(to)) {
                    faults.add(value.at(), "two operations are renamed to '" + to + "'");
                } else if (to != null) {
                    rename.put(from, to);
                }
            });
        }
        return rename;
    }

    /** Adds a fault for each name in the entry that its document does not have. */
    private void refuseStrangers(YamlMap map, Settings settings, List<DescribedOperation> operations) {
        Set<String> templates = new TreeSet<>();
        Set<String> ids = new TreeSet<>();
        Set<String> variables = new TreeSet<>();
        for (DescribedOperation operation : operations) {
            templates.add(operation.template());
            if (operation.id() != null) {
                ids.add(operation.id());
            }
            Arrays.stream(operation.template().split("[{}]", -1)).forEach(variables::add);
        }
        settings.bind.keySet().forEach(name -> stranger(map, "bind", "variable", name, variables));
        settings.skip.forEach(template -> stranger(map, "skip", "path", template, templates));
        settings.rename.keySet().forEach(id -> stranger(map, "rename", "operationId", id, ids));
        for (String pattern : settings.multiSegment) {
            if (templates.stream().noneMatch(template -> several(pattern, template) != null)) {
                faults.add(
                        map.at("multi-segment"),
                        "no path of " + settings.file + " fits '" + pattern
                                + "', which must have a variable as a segment of its own");
            }
        }
    }

    private void stranger(YamlMap map, String key, String what, String word, Set<String> known) {
        if (!known.contains(word)) {
            faults.add(map.at(key), "the document has no " + what + " '" + word + "'" + DidYouMean.hint(word, known));
        }
    }

    /**
     * The variable that a pattern makes span several segments: the last one of the pattern, if it fits the template;
     * else null.
     */
    private static @Nullable String several(String pattern, String template) {
        String[] wanted = pattern.split("/");
        String[] parts = template.split("/");
        if (wanted.length != parts.length) {
            return null;
        }
        String last = null;
        for (int i = 0; i < parts.length; i++) {
            if (!wanted[i].equals(parts[i]) && !(wanted[i].equals("*") && !parts[i].isEmpty())) {
                return null;
            }
            boolean whole = wanted[i].startsWith("{") && wanted[i].indexOf('}') == wanted[i].length() - 1;
            last = whole ? wanted[i].substring(1, wanted[i].length() - 1) : last;
        }
        return last;
    }

    private @Nullable Taken take(DescribedOperation operation, Settings settings) {
        if (settings.skip.contains(operation.template())) {
            return leave(operation, settings, "the catalogue skips it");
        }
        TrailingSlash slash = declaration.target().settings().trailingSlash();
        Map<PathTemplate, ResourceTemplate> templates = new LinkedHashMap<>();
        try {
            for (String text : bound(marked(operation, settings), settings)) {
                PathTemplate template = PathTemplate.parse(text);
                if (!template.segments().isEmpty() && !(template.segments().get(0) instanceof Segment.Literal)) {
                    return leave(operation, settings, "it begins with a variable: bind it");
                } else if (template.trailingSlash() && slash == TrailingSlash.REJECT) {
                    return leave(operation, settings, "it ends in /, which 'trailing-slash: reject' refuses");
                }
                PathTemplate under = template.under(base);
                PathTemplate whole = slash == TrailingSlash.IGNORE ? under.withoutTrailingSlash() : under;
                templates.put(
                        whole,
                        settings.variables
                                ? ResourceTemplate.variables(base, whole)
                                : ResourceTemplate.below(base, whole));
            }
        } catch (InvalidTemplateException e) {
            return leave(operation, settings, "outside the grammar: " + e.getMessage());
        }
        String id = operation.id();
        if (operation.method().equals(DescribedOperation.NONE)) {
            return leave(operation, settings, "it has no operation");
        } else if (operation.method().equals("HEAD")) {
            return leave(operation, settings, "HEAD names the GET operation");
        } else if (id == null) {
            return leave(operation, settings, "it has no operationId", true);
        }
        String named = settings.rename.getOrDefault(id, id);
        return OperationReader.isId(named)
                ? new Taken(named, settings.file, operation, templates, settings.at)
                : leave(operation, settings, "its operationId is no id here: rename it", true);
    }

    private @Nullable Taken leave(DescribedOperation operation, Settings settings, String why) {
        return leave(operation, settings, why, false);
    }

    private @Nullable Taken leave(DescribedOperation operation, Settings settings, String why, boolean unnamed) {
        leftOut.add(new LeftOut(settings.file, operation.method(), operation.template(), why, unnamed));
        return null;
    }

    /** The template, with the variables that span several segments marked. */
    private static String marked(DescribedOperation operation, Settings settings) {
        Set<String> names = new LinkedHashSet<>(operation.multiSegment());
        for (String pattern : settings.multiSegment) {
            String name = several(pattern, operation.template());
            if (name != null) {
                names.add(name);
            }
        }
        String text = operation.template();
        for (String name : names) {
            text = text.replace("{" + name + "}", "{" + name + "+}");
        }
        return text;
    }

    /** The paths in which every bound variable is replaced, in all combinations. */
    private static List<String> bound(String template, Settings settings) throws InvalidTemplateException {
        List<String> texts = List.of(template);
        for (Map.Entry<String, List<String>> binding : settings.bind.entrySet()) {
            String variable = "{" + binding.getKey() + "}";
            if (!template.contains(variable)) {
                continue;
            }
            List<String> more = new ArrayList<>();
            for (String text : texts) {
                binding.getValue().forEach(value -> more.add(text.replace(variable, value)));
            }
            if (more.size() > MAX_BINDINGS) {
                throw new InvalidTemplateException("more than " + MAX_BINDINGS + " bindings of one path");
            }
            texts = more;
        }
        return texts;
    }
}
