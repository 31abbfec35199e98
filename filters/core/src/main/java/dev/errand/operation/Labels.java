package dev.errand.operation;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The labels in a catalogue file for operations that its resolver already knows: {@code effects}, {@code yields},
 * {@code needs}, {@code record}, {@code returns} and {@code show}, by operation id. Immutable and thread-safe.
 *
 * @param effects effects that differ from the resolver's own
 * @param untrusted ids whose answers carry content from outside
 * @param trusted ids that only a trusted task may call, unless these arguments are fixed
 * @param recorded ids and those of their arguments that go into the record
 * @param values the places of values, for operations whose answers return some
 * @param others the places of values, for all other operations
 * @param shown whether humans may read the body of calls of an operation
 */
public record Labels(
        Map<String, Effect> effects,
        Set<String> untrusted,
        Map<String, List<String>> trusted,
        Map<String, List<String>> recorded,
        Map<String, OperationValues> values,
        OperationValues others,
        Predicate<String> shown) {
    public Labels {
        effects = Map.copyOf(effects);
        untrusted = Set.copyOf(untrusted);
        trusted = Map.copyOf(trusted);
        recorded = Map.copyOf(recorded);
        values = Map.copyOf(values);
    }

    /** The same labels, for a catalogue in which all arguments come as JSON. */
    public Labels ofJson() {
        Map<String, OperationValues> json = new HashMap<>();
        values.forEach((id, each) -> json.put(id, OperationValues.JSON.returning(each.returns())));
        return new Labels(effects, untrusted, trusted, recorded, json, OperationValues.JSON, shown);
    }

    /**
     * Reads the labels.
     *
     * @param prefix the prefix of ids that the keys of {@code effects} leave out, such as {@code tools.call/}
     * @param isId whether the resolver has an operation of that id
     */
    public static Labels read(YamlMap map, String prefix, Predicate<String> isId, Faults faults) {
        ArgumentLabels labels = new ArgumentLabels(prefix, isId, faults);
        Map<String, Effect> effects = new LinkedHashMap<>();
        YamlNode node = map.optional("effects");
        YamlMap given = node == null ? null : node.map(faults);
        if (given != null) {
            given.members().forEach((key, value) -> {
                Effect effect = Choice.of(value, "effect", Choice.EFFECTS, faults);
                String id = labels.id(key, given.at(key));
                if (id != null && effect != null) {
                    effects.put(id, effect);
                }
            });
        }
        Set<String> untrusted = labels.yields(map);
        Map<String, List<String>> trusted = labels.needs(map);
        Map<String, List<String>> recorded = labels.record(map);
        Map<String, OperationValues> values = new HashMap<>();
        YamlNode returns = map.optional("returns");
        YamlMap returning = returns == null ? null : returns.map(faults);
        if (returning != null) {
            returning.members().forEach((key, value) -> {
                String id = labels.id(key, returning.at(key));
                if (id != null) {
                    values.put(id, OperationValues.TEXT.returning(Returns.read(value, faults)));
                }
            });
        }
        return new Labels(
                effects, untrusted, trusted, recorded, values, OperationValues.TEXT, shown(map, labels, faults));
    }

    /** Whether a catalogue shows the bodies of all its operations. */
    public static boolean showsBodies(YamlMap map) {
        YamlNode node = map.optional("show");
        return node != null && !(node instanceof YamlMap);
    }

    private static Predicate<String> shown(YamlMap map, ArgumentLabels labels, Faults faults) {
        if (showsBodies(map)) {
            boolean all = Choice.of(map, "show", CatalogueKeys.SHOW, false, faults);
            return id -> all;
        }
        Set<String> ids = new HashSet<>();
        if (map.optional("show") instanceof YamlMap given) {
            given.members().forEach((key, value) -> {
                Choice.of(value, "part of a call that is shown", CatalogueKeys.SHOW, faults);
                String id = labels.id(key, given.at(key));
                if (id != null) {
                    ids.add(id);
                }
            });
        }
        return Set.copyOf(ids)::contains;
    }

    /** The operation of an id (without prefix). It has this effect, unless the file gives another. */
    public Operation operation(String catalogue, String id, Effect effect) {
        Effect given = effects.get(id);
        return new Operation(
                        catalogue + ':' + id,
                        given == null ? effect : given,
                        untrusted.contains(id),
                        trusted.containsKey(id),
                        trusted.getOrDefault(id, List.of()),
                        recorded.getOrDefault(id, List.of()),
                        values.getOrDefault(id, others))
                .showingBody(shown.test(id));
    }

    /** The id without the prefix of a catalogue, or null if it has another. */
    public static @Nullable String ownId(String catalogue, String id) {
        return id.startsWith(catalogue + ':') ? id.substring(catalogue.length() + 1) : null;
    }
}
