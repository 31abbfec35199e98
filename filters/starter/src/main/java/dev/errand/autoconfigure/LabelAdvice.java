package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.task.TaskPolicy;
import dev.errand.template.Template;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about labels of catalogues ({@code yields}, {@code needs}) without effect. If no template has {@code flow},
 * these are all labels. Else they are the labels of operations that only templates without {@code flow} grant. Reads
 * files; for one thread.
 */
final class LabelAdvice {
    private record Label(Position at, String what, String operation) {}

    private LabelAdvice() {}

    /** @param prefixes further prefixes of operation ids, each with its catalogue */
    static void give(Path directory, Collection<Template> templates, Map<String, String> prefixes, Faults faults) {
        Set<String> looked = new HashSet<>();
        Set<String> passedOver = new HashSet<>();
        boolean flow = false;
        for (Template template : templates) {
            boolean looks = template.enforced().flow() != TaskPolicy.Flow.OFF;
            flow |= looks;
            for (String operation : template.grants().tools().keySet()) {
                (looks ? looked : passedOver).add(own(operation, prefixes));
            }
        }
        for (Label label : labels(directory)) {
            if (flow ? passedOver.contains(label.operation) && !looked.contains(label.operation) : true) {
                faults.warn(
                        label.at,
                        "nobody looks at this label: '" + label.operation + "' " + label.what + ", and "
                                + (flow ? "no template that grants it" : "no template")
                                + " has `flow: observe` or `flow: enforce`: write one of them there, or take the label"
                                + " out");
            }
        }
    }

    /** The operation's id with the catalogue's own name as prefix. */
    static String own(String operation, Map<String, String> prefixes) {
        int colon = operation.indexOf(':');
        String prefix = operation.substring(0, colon);
        return prefixes.getOrDefault(prefix, prefix) + operation.substring(colon);
    }

    private static List<Label> labels(Path directory) {
        List<Label> labels = new ArrayList<>();
        eachCatalogue(directory, (name, map) -> {
            lists(map, name, labels);
            operations(map.optional("operations"), name, labels);
        });
        return labels;
    }

    /** Gives the name and the YAML of each catalogue that can be read. */
    static void eachCatalogue(Path directory, BiConsumer<String, YamlMap> use) {
        for (Path file : WrittenTemplate.files(directory.resolve("operations"))) {
            Faults told = new Faults();
            YamlNode node = Yaml.read(file, "operations/" + file.getFileName(), told);
            YamlMap map = node == null ? null : node.map(told);
            String name = map == null ? null : map.string("catalogue", told);
            if (map != null && name != null) {
                use.accept(name, map);
            }
        }
    }

    /** Collects {@code yields: {untrusted: [ids]}} and {@code needs: {trusted: [ids]}} at the top of a catalogue. */
    private static void lists(YamlMap map, String name, List<Label> labels) {
        for (Map.Entry<String, String> kind : Map.of(
                        "yields", "yields untrusted content", "needs", "needs a trusted task")
                .entrySet()) {
            if (map.optional(kind.getKey()) instanceof YamlMap label) {
                label.members().values().forEach(ids -> {
                    List<YamlNode> each = ids instanceof YamlList list ? list.items() : List.of(ids);
                    for (YamlNode id : each) {
                        if (id instanceof YamlMap byId) {
                            byId.members()
                                    .keySet()
                                    .forEach(one ->
                                            labels.add(new Label(byId.at(one), kind.getValue(), name + ':' + one)));
                        } else if (id instanceof YamlScalar scalar) {
                            labels.add(new Label(id.at(), kind.getValue(), name + ':' + scalar.text()));
                        }
                    }
                });
            }
        }
    }

    /** Collects {@code yields} and {@code needs} of each operation in a list. */
    private static void operations(@Nullable YamlNode node, String name, List<Label> labels) {
        if (!(node instanceof YamlList list)) {
            return;
        }
        for (YamlNode item : list.items()) {
            if (item instanceof YamlMap operation && operation.optional("id") instanceof YamlScalar id) {
                if (operation.optional("yields") != null) {
                    labels.add(new Label(operation.at("yields"), "yields untrusted content", name + ':' + id.text()));
                }
                if (operation.optional("needs") != null) {
                    labels.add(new Label(operation.at("needs"), "needs a trusted task", name + ':' + id.text()));
                }
            }
        }
    }
}
