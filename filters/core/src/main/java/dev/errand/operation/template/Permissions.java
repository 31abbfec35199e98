package dev.errand.operation.template;

import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.text;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Shape;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads what operations need of a credential that is made for the task, such as {@code contents:write}. */
final class Permissions {
    private static final String PATTERN = "[a-z][a-z0-9_]{0,63}:(read|write|admin)";
    private static final String NONE = "none";

    /** The value of the key: a permission and its level, several of them, or {@code none}. */
    static final Shape SHAPE = either(text(PATTERN + "|none"), some(text(PATTERN)));

    /** The permissions of imported operations, by operation id. */
    static final Keys KEYS = Keys.of("permissions").others(SHAPE);

    private Permissions() {}

    /** The permissions of one operation; none without the key. */
    static Set<String> read(@Nullable YamlNode node, Faults faults) {
        List<String> written = node == null ? null : node.strings(faults);
        Set<String> permissions = new TreeSet<>();
        if (node == null || written == null || written.equals(List.of(NONE))) {
            return permissions;
        }
        if (written.isEmpty()) {
            faults.add(node.at(), "name a permission, such as contents:write, or write none");
        }
        for (String permission : written) {
            if (!permission.matches(PATTERN)) {
                faults.add(
                        node.at(),
                        "'" + permission
                                + "' is no permission: write its name and read, write or admin, such as contents:write, or none");
            } else {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    /** The permissions by id under {@code permissions} of a catalogue. */
    static Map<String, Set<String>> byId(YamlMap map, Predicate<String> isId, Faults faults) {
        YamlNode node = map.optional(KEYS.name());
        YamlMap given = node == null ? null : node.map(faults);
        Map<String, Set<String>> permissions = new HashMap<>();
        if (given != null) {
            given.members().forEach((id, value) -> {
                if (!isId.test(id)) {
                    faults.add(
                            given.at(id),
                            "'" + id + "' is no operation of this catalogue: `errand check --operations` lists them");
                }
                permissions.put(id, read(value, faults));
            });
        }
        return permissions;
    }
}
