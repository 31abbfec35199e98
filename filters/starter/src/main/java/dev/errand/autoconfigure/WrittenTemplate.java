package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A template or a candidate that was loaded, with its YAML.
 *
 * @param map the file, with the place of each key
 * @param template the compiled template
 */
record WrittenTemplate(YamlMap map, Template template) {
    /** The valid templates of a directory, in the order of their files. Reads files. */
    static List<WrittenTemplate> of(Path directory, Policies policies) {
        List<WrittenTemplate> written = new ArrayList<>();
        for (Path file : files(directory.resolve("tasks"))) {
            Faults told = new Faults();
            YamlNode node = Yaml.read(file, "tasks/" + file.getFileName(), told);
            YamlMap map = node == null ? null : node.map(told);
            String name = map == null ? null : map.string("template", told);
            boolean candidate = map != null && map.optional("candidate") != null;
            Template template =
                    name == null ? null : (candidate ? policies.candidates() : policies.templates()).get(name);
            if (map != null && template != null) {
                written.add(new WrittenTemplate(map, template));
            }
        }
        return written;
    }

    /** The {@code *.yaml} and {@code *.yml} files of a folder, by name; none if the folder cannot be read. */
    static List<Path> files(Path folder) {
        try {
            return Yaml.files(folder);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The place of the key; if the key is left out, that of the template's name. */
    Position at(String key) {
        return map.at(map.optional(key) == null ? "template" : key);
    }
}
