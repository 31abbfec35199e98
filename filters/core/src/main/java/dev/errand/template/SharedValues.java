package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The values of {@code application.yaml} that all replicas have in common. Each replica has an address of its own for the others, and
 * may have ports and addresses of its own: these values are left out, and so are comments and the order of keys. So replicas that decide
 * alike have one revision. Pure.
 */
final class SharedValues {
    /** The keys of a replica's own values, and all keys below them. */
    private static final List<String> OWN = List.of("errand.operator.advertise", "server", "management");

    private final SortedSet<String> values = new TreeSet<>();

    private SharedValues() {}

    /** The values as bytes that are equal for equal values; a file that is not one YAML document stands for itself. */
    static byte[] of(byte[] file) {
        YamlNode root = Yaml.parse("application.yaml", file, Yaml.MAX_BYTES, new Faults());
        if (root == null) {
            return file;
        }
        SharedValues shared = new SharedValues();
        shared.add("", root);
        return String.join("", shared.values).getBytes(StandardCharsets.UTF_8);
    }

    private void add(String path, YamlNode node) {
        if (node instanceof YamlMap map && !map.members().isEmpty()) {
            map.members().forEach((key, inner) -> add(path.isEmpty() ? key : path + '.' + key, inner));
        } else if (node instanceof YamlList list && !list.items().isEmpty()) {
            for (int i = 0; i < list.items().size(); i++) {
                add(path + '[' + i + ']', list.items().get(i));
            }
        } else if (!isOwn(path)) {
            // No YAML has the character 0, so no two values are the same text.
            values.add(path + '\0' + (node instanceof YamlScalar scalar ? scalar.text() : node.kind()) + '\0');
        }
    }

    /** Whether the key is one of a replica's own. Spring reads a key in any letter case, and without its hyphens. */
    private static boolean isOwn(String path) {
        String plain = path.toLowerCase(Locale.ROOT).replace("-", "");
        return OWN.stream().anyMatch(own -> plain.equals(own) || plain.startsWith(own + '.'));
    }
}
