package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code application.yaml} with the place of every key. Spring gives {@code a.b: {c: 1}} and {@code a: {b.c: 1}} the
 * same meaning, and this class too. One thread.
 */
public final class SpringYaml {
    /** The file's name in messages. */
    public static final String FILE = "application.yaml";

    private final Entry root;

    private SpringYaml(Entry root) {
        this.root = root;
    }

    /** A key: its place, and either its value or its members. */
    public static final class Entry {
        private final Position at;
        private final Map<String, Entry> members = new LinkedHashMap<>();
        private final Map<String, Entry> written = new LinkedHashMap<>();
        private @Nullable YamlNode value;

        Entry(Position at) {
            this.at = at;
        }

        /** One item of a list, or a whole document. */
        public static Entry of(YamlNode node) {
            Entry entry = new Entry(node.at());
            entry.take(node);
            return entry;
        }

        /** The place of the key. */
        public Position at() {
            return at;
        }

        /** The members in their order; empty if the key has a value. */
        public Map<String, Entry> members() {
            return members;
        }

        /** The members by their whole names, in which a dot is a part of the name. */
        public Map<String, Entry> written() {
            return written;
        }

        /** The value; null for a mapping. */
        public @Nullable YamlNode value() {
            return value;
        }

        private void take(YamlNode node) {
            if (!(node instanceof YamlMap map)) {
                value = node;
                return;
            }
            map.members().forEach((key, inner) -> {
                Entry entry = this;
                List<Entry> above = new ArrayList<>();
                for (String part : key.split("\\.")) {
                    above.add(entry);
                    entry = entry.members.computeIfAbsent(part, name -> new Entry(map.at(key)));
                }
                String rest = key;
                for (Entry one : above) {
                    one.written.put(rest, entry);
                    rest = rest.substring(rest.indexOf('.') + 1);
                }
                entry.take(inner);
            });
        }
    }

    /** Reads the file. Returns null, and adds a fault, unless the file is one valid YAML document. */
    public static @Nullable SpringYaml read(Path directory, Faults faults) {
        YamlNode node = Yaml.read(directory.resolve(FILE), FILE, faults);
        YamlMap map = node == null ? null : node.map(faults);
        return map == null ? null : new SpringYaml(Entry.of(map));
    }

    /** The key of that path, such as {@code errand.trust.humans[0].jwks}; null if the file does not have it. */
    public @Nullable Entry find(String path) {
        Entry entry = root;
        for (String step : path.split("\\.")) {
            int bracket = step.indexOf('[');
            Entry next = entry.members().get(bracket < 0 ? step : step.substring(0, bracket));
            if (next != null && bracket >= 0) {
                int index = Integer.parseInt(step.substring(bracket + 1, step.length() - 1));
                next = next.value() instanceof YamlList list
                                && index < list.items().size()
                        ? Entry.of(list.items().get(index))
                        : null;
            }
            if (next == null) {
                return null;
            }
            entry = next;
        }
        return entry;
    }

    /** The place of the path, else of the nearest key above it, else the beginning of the file. */
    public Position at(String path) {
        for (String key = path; ; key = key.substring(0, key.lastIndexOf('.'))) {
            Entry entry = find(key);
            if (entry != null) {
                return entry.at();
            }
            if (key.lastIndexOf('.') < 0) {
                return new Position(FILE, 1, 1);
            }
        }
    }
}
