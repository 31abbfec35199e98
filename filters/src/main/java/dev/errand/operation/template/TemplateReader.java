package dev.errand.operation.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.declaration.Declaration;
import dev.errand.operation.template.PathTemplate.InvalidTemplateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Compiles a catalogue file of {@code resolver: template}. */
public final class TemplateReader {
    /** The most operations of one catalogue. */
    static final int MAX_OPERATIONS = 10_000;

    private final Declaration declaration;
    private final Faults faults;
    private final PathTemplate base;
    private final Map<String, List<Rule>> written = new LinkedHashMap<>();

    private TemplateReader(Declaration declaration, Faults faults) {
        this.declaration = declaration;
        this.faults = faults;
        this.base = base(declaration.map(), faults);
    }

    /** The catalogue; after a fault it is not to be used. */
    public static OperationCatalogue read(Declaration declaration, Faults faults) {
        return new TemplateReader(declaration, faults).read();
    }

    private OperationCatalogue read() {
        YamlMap map = declaration.map();
        map.unknownKeys(faults, "catalogue", "resolver", "base-path", "normalise", "headers", "import", "operations");
        YamlNode node = map.optional("operations");
        YamlList list = node == null ? null : node.list(faults);
        if (map.optional("import") != null) {
            faults.add(map.at("import"), "'import' is not supported: write the operations out");
        }
        if (node == null && map.optional("import") == null) {
            faults.add(map.at(), "a template catalogue needs 'operations'");
        }
        OperationReader reader = new OperationReader(declaration, base, faults);
        for (YamlNode item : list == null ? List.<YamlNode>of() : list.items()) {
            YamlMap operation = item.map(faults);
            List<Rule> rules = operation == null ? List.of() : reader.read(operation);
            if (operation != null && !rules.isEmpty()) {
                String id = rules.get(0).target().operation().id();
                if (written.putIfAbsent(id, rules) != null) {
                    faults.add(operation.at("id"), "the operation '" + id + "' is declared twice");
                }
            }
        }
        List<Rule> rules = new ArrayList<>();
        written.values().forEach(rules::addAll);
        refuseAmbiguous(rules);
        return new TemplateCatalogue(declaration.name(), declaration.target(), rules);
    }

    private void refuseAmbiguous(List<Rule> rules) {
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
