package dev.errand.proof;

import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.template.OperationDirectory;
import dev.errand.template.ParameterPattern;
import dev.errand.template.Template;
import dev.errand.token.ParameterValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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

    /** The template with the same values for its parameters, and others for those that the other one lacks. */
    World asIn(World other) {
        World own = World.usual(this);
        Map<String, ParameterValue> values = new LinkedHashMap<>(own.parameters());
        values.replaceAll((name, value) -> {
            ParameterPattern pattern = template.grants().parameters().get(name);
            ParameterValue given = other.parameters().get(name);
            return given == null || pattern == null ? value : pattern.isList() ? given.asList() : single(given);
        });
        return World.of(template, lines, operations, values);
    }

    private static ParameterValue single(ParameterValue given) {
        List<String> values = given.values();
        return given.list() ? ParameterValue.of(Objects.requireNonNull(values.get(0))) : given;
    }
}
