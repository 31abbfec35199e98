package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.task.TaskPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about an argument that a catalogue names under {@code needs}, and that a template with {@code flow} fixes and makes
 * optional: a call may leave it out, so it does not count as fixed. Reads files; for one thread.
 */
final class OptionalAdvice {
    private OptionalAdvice() {}

    /** @param prefixes further prefixes of operation ids, each with its catalogue */
    static void give(Path directory, List<WrittenTemplate> templates, Map<String, String> prefixes, Faults faults) {
        Map<String, List<String>> needed = needed(directory);
        for (WrittenTemplate written : templates) {
            if (written.template().enforced().flow() != TaskPolicy.Flow.OFF
                    && written.map().optional("allow") instanceof YamlMap allow) {
                allow.members().forEach((operation, grant) -> {
                    List<String> names = needed.get(LabelAdvice.own(operation, prefixes));
                    if (names != null && grant instanceof YamlMap arguments) {
                        names.forEach(name -> optional(operation, name, arguments.optional(name), faults));
                    }
                });
            }
        }
    }

    private static void optional(String operation, String name, @Nullable YamlNode node, Faults faults) {
        if (node instanceof YamlMap constraint
                && constraint.optional("pinned") == null
                && constraint.bool("optional", false, new Faults())) {
            faults.warn(
                    constraint.at("optional"),
                    "the catalogue says that '" + operation + "' needs a trusted '" + name
                            + "', and a call may leave this"
                            + " argument out, so that it does not count as fixed: take `optional` out, or pin the argument");
        }
    }

    /** The arguments under {@code needs: {trusted: …}} of all catalogues, by operation. */
    private static Map<String, List<String>> needed(Path directory) {
        Map<String, List<String>> needed = new HashMap<>();
        LabelAdvice.eachCatalogue(directory, (name, map) -> {
            trusted(map).forEach(item -> {
                if (item instanceof YamlMap byId) {
                    byId.members().forEach((id, names) -> needed.put(name + ':' + id, texts(names)));
                }
            });
            if (map.optional("operations") instanceof YamlList list) {
                for (YamlNode item : list.items()) {
                    if (item instanceof YamlMap operation && operation.optional("id") instanceof YamlScalar id) {
                        needed.putIfAbsent(name + ':' + id.text(), texts(operation));
                    }
                }
            }
        });
        return needed;
    }

    /** The items of {@code needs: {trusted: [items]}}. */
    private static List<YamlNode> trusted(YamlMap map) {
        return map.optional("needs") instanceof YamlMap needs && needs.optional("trusted") instanceof YamlList list
                ? list.items()
                : List.of();
    }

    private static List<String> texts(YamlNode names) {
        List<YamlNode> items = names instanceof YamlMap operation
                ? trusted(operation)
                : names instanceof YamlList list ? list.items() : List.of(names);
        List<String> texts = new ArrayList<>();
        for (YamlNode item : items) {
            if (item instanceof YamlScalar scalar) {
                texts.add(scalar.text());
            }
        }
        return texts;
    }
}
