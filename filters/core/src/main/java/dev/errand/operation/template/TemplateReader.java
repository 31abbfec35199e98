package dev.errand.operation.template;

import static dev.errand.config.Shape.list;
import static dev.errand.config.Shape.text;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.operation.Declaration;
import dev.errand.operation.Effect;
import dev.errand.operation.ImportReport;
import dev.errand.operation.ImportReport.Ambiguity;
import dev.errand.operation.ImportReport.LeftOut;
import dev.errand.operation.Labels;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.template.OpenApiImport.Taken;
import dev.errand.operation.template.PathTemplate.InvalidTemplateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Compiles a catalogue file of {@code resolver: template}. */
final class TemplateReader {
    /** The most operations of one catalogue. */
    static final int MAX_OPERATIONS = 10_000;

    /** After so many ambiguities of imported operations no further ones are searched for. */
    private static final int MAX_AMBIGUITIES = 10_000;

    private final Declaration declaration;
    private final Faults faults;
    private final PathTemplate base;
    private final Map<String, List<PathRule>> written = new LinkedHashMap<>();

    private TemplateReader(Declaration declaration, Faults faults) {
        this.declaration = declaration;
        this.faults = faults;
        this.base = base(declaration.map(), faults);
    }

    /** Compiles the catalogue. It must not be used after a fault. */
    static OperationCatalogue read(Declaration declaration, Faults faults) {
        return new TemplateReader(declaration, faults).read();
    }

    private OperationCatalogue read() {
        YamlMap map = declaration.map();
        YamlNode node = map.optional("operations");
        YamlList list = node == null ? null : node.list(faults);
        if (node == null && map.optional("import") == null) {
            faults.add(map.at(), "a template catalogue needs 'operations' or 'import'");
        }
        OperationReader reader = new OperationReader(declaration, base, faults);
        for (YamlNode item : list == null ? List.<YamlNode>of() : list.items()) {
            YamlMap operation = item.map(faults);
            List<PathRule> rules = operation == null ? List.of() : reader.read(operation);
            if (operation != null && !rules.isEmpty()) {
                String id = rules.get(0).target().operation().id();
                if (written.putIfAbsent(id, rules) != null) {
                    faults.add(operation.at("id"), "the operation '" + id + "' is declared twice");
                }
            }
        }
        List<PathRule> rules = new ArrayList<>();
        written.values().forEach(rules::addAll);
        refuseAmbiguous(rules);
        ImportReport report = importInto(rules);
        return new TemplateCatalogue(declaration, rules, report);
    }

    /** Adds the imported rules to the written ones. Returns null if the file imports nothing. */
    private @Nullable ImportReport importInto(List<PathRule> rules) {
        YamlMap map = declaration.map();
        YamlNode node = map.optional("import");
        YamlList entries = node == null ? null : node.list(faults);
        List<LeftOut> leftOut = new ArrayList<>();
        Map<String, Taken> taken = new LinkedHashMap<>();
        int before = faults.count();
        for (YamlNode entry : entries == null ? List.<YamlNode>of() : entries.items()) {
            YamlMap one = entry.map(faults);
            List<Taken> read =
                    one == null ? List.of() : new OpenApiImport(declaration, base, leftOut, faults).read(one);
            for (Taken operation : read) {
                if (taken.putIfAbsent(operation.id(), operation) != null) {
                    leftOut.add(new LeftOut(
                            operation.document(),
                            operation.source().method(),
                            operation.source().template(),
                            "the id '" + operation.id() + "' is taken: rename it",
                            false));
                }
            }
        }
        // Nobody knows which operations a document would have had that could not be imported.
        boolean whole = faults.count() == before;
        Predicate<String> isId = id -> !whole || taken.containsKey(id);
        Labels labels = Labels.read(map, "", isId, faults);
        Map<String, Set<String>> permissions = Permissions.byId(map, isId, faults);
        if (entries == null) {
            return null;
        }
        List<String> replaced = new ArrayList<>();
        int own = rules.size();
        taken.values().forEach(operation -> {
            if (written.containsKey(declaration.name() + ':' + operation.id())) {
                replaced.add(declaration.name() + ':' + operation.id());
            } else {
                rules.addAll(rules(operation, labels, permissions.getOrDefault(operation.id(), Set.of())));
            }
        });
        if (rules.size() > MAX_OPERATIONS) {
            faults.add(map.at("import"), "more than " + MAX_OPERATIONS + " operations: skip some");
        }
        return new ImportReport(taken.size() - replaced.size(), replaced, leftOut, ambiguities(rules, own));
    }

    private List<PathRule> rules(Taken taken, Labels labels, Set<String> permissions) {
        TemplateOperation target = new TemplateOperation(
                labels.operation(declaration.name(), taken.id(), Effect.UNREVIEWED),
                List.of(),
                taken.source().queryKeys(),
                false,
                permissions,
                taken.at());
        return taken.templates().entrySet().stream()
                .map(template -> new PathRule(
                        template.getKey(),
                        Set.of(taken.source().method()),
                        Map.of(),
                        target,
                        template.getValue(),
                        null))
                .toList();
    }

    private static List<Ambiguity> ambiguities(List<PathRule> rules, int from) {
        List<Ambiguity> ambiguities = new ArrayList<>();
        for (int i = from; i < rules.size() && ambiguities.size() < MAX_AMBIGUITIES; i++) {
            PathRule rule = rules.get(i);
            for (int j = 0; j < i; j++) {
                PathRule other = rules.get(j);
                if (rule.isAmbiguousWith(other)) {
                    ambiguities.add(new Ambiguity(
                            rule.target().operation().id(),
                            rule.template().text(),
                            other.target().operation().id(),
                            other.template().text()));
                }
            }
        }
        return ambiguities;
    }

    private void refuseAmbiguous(List<PathRule> rules) {
        for (int i = 0; i < rules.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (rules.get(i).isAmbiguousWith(rules.get(j))) {
                    faults.add(
                            rules.get(i).target().at(),
                            "some request matches both '" + rules.get(i).template() + "' of "
                                    + rules.get(i).target().operation().id() + " and '"
                                    + rules.get(j).template()
                                    + "' of "
                                    + rules.get(j).target().operation().id()
                                    + " equally well: put a literal where they differ");
                }
            }
        }
    }

    private static PathTemplate base(YamlMap map, Faults faults) {
        YamlNode node = map.optional("base-path");
        String text = node == null ? "/" : node.string(faults);
        try {
            PathTemplate base = PathTemplate.parse(text == null ? "/" : text);
            if (base.variables().isEmpty() && !base.trailingSlash()) {
                return base;
            }
            if (node != null) {
                faults.add(node.at(), "a base path has no variable and no slash at its end");
            }
        } catch (InvalidTemplateException e) {
            faults.add(Objects.requireNonNull(node).at(), "not a base path: " + e.getMessage());
        }
        return root();
    }

    private static PathTemplate root() {
        try {
            return PathTemplate.parse("/");
        } catch (InvalidTemplateException e) {
            throw new IllegalStateException(e);
        }
    }
}
