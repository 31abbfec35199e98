package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One YAML file of the folder of catalogues: a catalogue, or a document that a catalogue imports.
 *
 * @param map its mapping; null if it has none
 * @param faults why it has none
 */
record Written(Path file, @Nullable YamlMap map, Faults faults) {
    static Written read(Path file) {
        Faults faults = new Faults();
        YamlNode node = Yaml.read(file, CatalogueLoader.name(file), faults);
        YamlMap map = node == null ? null : node.map(faults);
        return new Written(file, map, faults);
    }

    /** The files that it imports, as far as it can be read. */
    Set<Path> imports() {
        Set<Path> files = new HashSet<>();
        if (map != null && map.optional("import") instanceof YamlList entries) {
            for (YamlNode entry : entries.items()) {
                if (entry instanceof YamlMap one && one.optional("openapi") instanceof YamlScalar name) {
                    try {
                        files.add(file.resolveSibling(name.text()).normalize());
                    } catch (InvalidPathException told) {
                        // The import itself is told of it.
                    }
                }
            }
        }
        return files;
    }

    /** Whether it is one of the documents that catalogues import, which are read there. */
    boolean isDocument(Set<Path> imported) {
        return imported.contains(file.normalize()) && (map == null || map.optional("catalogue") == null);
    }
}
