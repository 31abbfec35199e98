package dev.errand.operation;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads the labels of a catalogue: the ids of its operations, and {@code yields}, {@code needs} and {@code record}. Not thread-safe. */
public final class ArgumentLabels {
    private final String prefix;
    private final Predicate<String> isId;
    private final Faults faults;

    /**
     * @param prefix the prefix of ids that the file leaves out
     * @param isId whether the resolver has an operation of that id
     */
    ArgumentLabels(String prefix, Predicate<String> isId, Faults faults) {
        this.prefix = prefix;
        this.isId = isId;
        this.faults = faults;
    }

    /** The id that the file writes so; null, with a fault, if the catalogue has no such operation. */
    @Nullable String id(String text, Position at) {
        String id = isId.test(text) ? text : prefix + text;
        if (isId.test(id)) {
            return id;
        }
        faults.add(at, "'" + text + "' is no operation of this catalogue: `errand check --operations` lists them");
        return null;
    }

    /** Reads {@code yields: {untrusted: [ID]}}. */
    Set<String> yields(YamlMap map) {
        YamlNode node = map.optional(CatalogueKeys.YIELDS.name());
        YamlMap given = node == null ? null : node.map(faults);
        Set<String> ids = new LinkedHashSet<>();
        if (given != null) {
            given.unknownKeys(faults, CatalogueKeys.YIELDS);
            String word = CatalogueKeys.YIELDS.names().get(0);
            for (String text : new HashSet<>(given.strings(word, faults))) {
                String id = id(text, given.at(word));
                if (id != null) {
                    ids.add(id);
                }
            }
        }
        return ids;
    }

    /** Reads {@code needs: {trusted: [ID, {ID: [args]}]}}. An id without arguments means the whole call. */
    Map<String, List<String>> needs(YamlMap map) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        YamlNode node = map.optional(CatalogueKeys.NEEDS.name());
        YamlMap needs = node == null ? null : node.map(faults);
        if (needs == null) {
            return found;
        }
        needs.unknownKeys(faults, CatalogueKeys.NEEDS);
        YamlNode trusted = needs.optional("trusted");
        if (trusted instanceof YamlMap) {
            faults.add(trusted.at(), "expected a list of operations, such as [ID, {ID: [arguments]}]");
            return found;
        }
        List<YamlNode> items =
                trusted == null ? List.of() : trusted instanceof YamlList list ? list.items() : List.of(trusted);
        for (YamlNode item : items) {
            if (item instanceof YamlMap byId) {
                byId.members().forEach((id, arguments) -> add(id, byId.at(id), arguments, found));
            } else {
                String id = item.string(faults);
                if (id != null) {
                    add(id, item.at(), null, found);
                }
            }
        }
        return found;
    }

    /** Reads {@code record: {ID: [args]}}. */
    Map<String, List<String>> record(YamlMap map) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        YamlNode node = map.optional(CatalogueKeys.RECORD.name());
        YamlMap record = node == null ? null : node.map(faults);
        if (record != null) {
            record.members().forEach((id, arguments) -> add(id, record.at(id), arguments, found));
        }
        return found;
    }

    private void add(String text, Position at, @Nullable YamlNode arguments, Map<String, List<String>> found) {
        String id = id(text, at);
        if (id == null) {
            return;
        }
        List<String> names = arguments == null ? List.of() : names(arguments, faults);
        List<String> earlier = found.putIfAbsent(id, names);
        if (earlier != null && !earlier.equals(names)) {
            faults.add(at, "'" + text + "' stands twice, with other arguments");
        }
    }

    /** The names of arguments, each once; a fault if there are none. */
    public static List<String> names(YamlNode node, Faults faults) {
        List<String> names = node.strings(faults);
        if (names == null) {
            return List.of();
        }
        if (names.isEmpty()) {
            faults.add(node.at(), "expected at least one argument");
        }
        return new ArrayList<>(new LinkedHashSet<>(names));
    }
}
