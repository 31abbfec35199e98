package dev.errand.proof;

import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.template.OperationDirectory;
import dev.errand.template.Template;

/**
 * A template with its file and the catalogues beside it. Immutable.
 *
 * @param lines the template's file
 */
public record Revision(Template template, YamlMap lines, OperationDirectory operations) {
    /** Where a key was written; the place of the nearest map around it if it is not there. */
    Position at(String... path) {
        YamlMap map = lines;
        for (int i = 0; i < path.length - 1; i++) {
            if (!(map.optional(path[i]) instanceof YamlMap inner)) {
                return map.at(path[i]);
            }
            map = inner;
        }
        return map.at(path[path.length - 1]);
    }
}
