package dev.errand.operation;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * @param declared where each id is named
 * @param values the places of values, for operations whose answers return some
 * @param others the places of values, for all other operations
 * @param shown whether humans may read the body of calls of an operation
 */
public record Labels(
        Map<String, Effect> effects,
        Set<String> untrusted,
        Map<String, List<String>> trusted,
        Map<String, List<String>> recorded,
        Map<String, Position> declared,
        Map<String, OperationValues> values,
        OperationValues others,
        Predicate<String> shown) {
    public Labels {
        effects = Map.copyOf(effects);
        untrusted = Set.copyOf(untrusted);
        trusted = Map.copyOf(trusted);
        recorded = Map.copyOf(recorded);
        declared = Map.copyOf(declared);
        values = Map.copyOf(values);
    }

    /** The same labels, for a catalogue in which all arguments come as JSON. */
    public Labels ofJson() {
        Map<String, OperationValues> json = new HashMap<>();
        values.forEach((id, each) -> json.put(id, OperationValues.JSON.returning(each.returns())));
        return new Labels(effects, untrusted, trusted, recorded, declared, json, OperationValues.JSON, shown);
    }

    /**
     * Reads the labels.
     *
     * @param prefix the prefix of ids that the keys of {@code effects} leave out, such as {@code tools.call/}
     * @param isId whether the resolver has an operation of that id
     */
    public static Labels read(YamlMap map, String prefix, Predicate<String> isId, Faults faults) {
        Map<String, Effect> effects = new LinkedHashMap<>();
        Map<String, Position> declared = new HashMap<>();
        YamlNode node = map.optional("effects");
        YamlMap given = node == null ? null : node.map(faults);
        if (given != null) {
            given.members().forEach((key, value) -> {
                String id = isId.test(key) ? key : prefix + key;
                Effect effect = Choice.of(value, "effect", Choice.EFFECTS, faults);
                if (!isId.test(id)) {
                    faults.add(
                            given.at(key),
                            "'" + key + "' is no operation of this catalogue: `errand check --operations` lists them");
                } else if (effect != null) {
                    effects.put(id, effect);
                    declared.put(id, given.at(key));
                }
            });
        }
        Set<String> untrusted = ids(map, CatalogueKeys.YIELDS, prefix, isId, declared, faults);
        ArgumentLabels arguments = new ArgumentLabels(prefix, isId, declared, faults);
        Map<String, List<String>> trusted = arguments.needs(map);
        Map<String, List<String>> recorded = arguments.record(map);
        Map<String, OperationValues> values = new HashMap<>();
        YamlNode returns = map.optional("returns");
        YamlMap returning = returns == null ? null : returns.map(faults);
        if (returning != null) {
            returning.members().forEach((key, value) -> {
                String id = isId.test(key) ? key : prefix + key;
                if (isId.test(id)) {
                    values.put(id, OperationValues.TEXT.returning(Returns.read(value, faults)));
                    declared.putIfAbsent(id, returning.at(key));
                } else {
                    faults.add(
                            returning.at(key),
                            "'" + key + "' is no operation of this catalogue: `errand check --operations` lists them");
                }
            });
        }
        Predicate<String> shown = shown(map, prefix, isId, declared, faults);
        return new Labels(effects, untrusted, trusted, recorded, declared, values, OperationValues.TEXT, shown);
    }

    /** Whether a catalogue shows the bodies of all its operations. */
    public static boolean showsBodies(YamlMap map) {
        YamlNode node = map.optional("show");
        return node != null && !(node instanceof YamlMap);
    }

    private static Predicate<String> shown(
            YamlMap map, String prefix, Predicate<String> isId, Map<String, Position> declared, Faults faults) {
        if (showsBodies(map)) {
            boolean all = Choice.of(map, "show", CatalogueKeys.SHOW, false, faults);
            return id -> all;
        }
        Set<String> ids = new HashSet<>();
        if (map.optional("show") instanceof YamlMap given) {
            given.members().forEach((key, value) -> {
                String id = isId.test(key) ? key : prefix + key;
                Choice.of(value, "part of a call that is shown", CatalogueKeys.SHOW, faults);
                if (isId.test(id)) {
                    ids.add(id);
                    declared.putIfAbsent(id, given.at(key));
                } else {
                    faults.add(
                            given.at(key),
                            "'" + key + "' is no operation of this catalogue: `errand check --operations` lists them");
                }
            });
        }
        return Set.copyOf(ids)::contains;
    }

    private static Set<String> ids(
            YamlMap map,
            Keys known,
            String prefix,
            Predicate<String> isId,
            Map<String, Position> declared,
            Faults faults) {
        YamlNode node = map.optional(known.name());
        YamlMap given = node == null ? null : node.map(faults);
        Set<String> ids = new LinkedHashSet<>();
        if (given == null) {
            return ids;
        }
        given.unknownKeys(faults, known);
        String word = known.names().get(0);
        for (String text : new HashSet<>(given.strings(word, faults))) {
            String id = isId.test(text) ? text : prefix + text;
            if (isId.test(id)) {
                ids.add(id);
                declared.putIfAbsent(id, given.at(word));
            } else {
                faults.add(
                        given.at(word),
                        "'" + text + "' is no operation of this catalogue: `errand check --operations` lists them");
            }
        }
        return ids;
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

    /** Where the id (without prefix) is named, or empty. */
    public Optional<Position> at(String id) {
        return Optional.ofNullable(declared.get(id));
    }
}
