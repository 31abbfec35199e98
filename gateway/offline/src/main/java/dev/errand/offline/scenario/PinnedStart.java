package dev.errand.offline.scenario;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.task.PinnedArguments;
import dev.errand.template.Template;
import dev.errand.token.ArgumentMap;
import dev.errand.token.ArgumentMap.Rule;
import dev.errand.token.Capability;
import dev.errand.token.Narrowing;
import dev.errand.token.OneOf;
import dev.errand.token.ParameterValue;
import dev.errand.token.ToolGrant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The grant of a scenario's task: the template's grant with its pinned arguments fixed. Pure. */
final class PinnedStart {
    private PinnedStart() {}

    /** Why no task can start with these values, or null if one can. */
    static @Nullable String refuses(
            Template template, Map<String, ParameterValue> parameters, Map<String, Map<String, JsonValue>> pinned) {
        for (var operation : pinned.entrySet()) {
            PinnedArguments all = template.grants().pinned();
            Map<String, Boolean> known = all.byOperation().getOrDefault(operation.getKey(), Map.of());
            Set<String> asked = all.asked().getOrDefault(operation.getKey(), Set.of());
            for (String name : operation.getValue().keySet()) {
                if (!known.containsKey(name) && !asked.contains(name)) {
                    return "the template pins no argument '" + name + "' of " + operation.getKey();
                }
            }
        }
        boolean within = template.grants().pinned().asked().entrySet().stream()
                .allMatch(each -> values(template, parameters, pinned)
                        .getOrDefault(each.getKey(), Map.of())
                        .keySet()
                        .containsAll(each.getValue().stream()
                                .filter(pinned.getOrDefault(each.getKey(), Map.of())::containsKey)
                                .toList()));
        return within && narrowing(template, parameters, pinned) instanceof Narrowing.Narrowed
                ? null
                : "a pinned value is not one that the template lets a start fix";
    }

    private static Narrowing narrowing(
            Template template, Map<String, ParameterValue> parameters, Map<String, Map<String, JsonValue>> pinned) {
        Capability asked = asked(template, parameters, pinned);
        PinnedArguments all = template.grants().pinned();
        Capability granted = template.granted(parameters);
        return Narrowing.of(all.narrowed(granted, asked), all.unfixing(granted, asked));
    }

    /** The values that the start fixes for arguments about whose other values humans are asked. */
    static Map<String, Map<String, List<JsonValue>>> values(
            Template template, Map<String, ParameterValue> parameters, Map<String, Map<String, JsonValue>> pinned) {
        return template.grants().pinned().values(template.granted(parameters), asked(template, parameters, pinned));
    }

    /** The grant; operations whose pinned arguments are not all fixed are left out. */
    static Capability granted(
            Template template, Map<String, ParameterValue> parameters, Map<String, Map<String, JsonValue>> pinned) {
        Capability asked = asked(template, parameters, pinned);
        return narrowing(template, parameters, pinned) instanceof Narrowing.Narrowed narrowed
                ? PinnedArguments.without(
                        template.grants().pinned().closing(narrowed.capability(), asked),
                        template.grants().pinned().unfixed(asked))
                : template.granted(parameters);
    }

    private static Capability asked(
            Template template, Map<String, ParameterValue> parameters, Map<String, Map<String, JsonValue>> pinned) {
        Map<String, ToolGrant> tools =
                new LinkedHashMap<>(template.granted(parameters).tools());
        template.grants().pinned().byOperation().forEach((operation, names) -> {
            if (tools.get(operation) instanceof ArgumentMap map) {
                tools.put(operation, fixed(map, names, pinned.getOrDefault(operation, Map.of())));
            }
        });
        template.grants().pinned().asked().forEach((operation, names) -> {
            if (tools.get(operation) instanceof ArgumentMap map) {
                Map<String, Boolean> given = new LinkedHashMap<>();
                Map<String, JsonValue> values = pinned.getOrDefault(operation, Map.of());
                names.stream().filter(values::containsKey).forEach(name -> given.put(name, false));
                tools.put(operation, fixed(map, given, values));
            }
        });
        return new Capability(tools);
    }

    /**
     * Fixes pinned arguments. Calls must have one with a value. An optional one without a value is left out, so that no call
     * may have it.
     */
    private static ArgumentMap fixed(ArgumentMap map, Map<String, Boolean> names, Map<String, JsonValue> values) {
        Map<String, Rule> rules = new LinkedHashMap<>(map.named());
        for (var name : names.entrySet()) {
            JsonValue value = values.get(name.getKey());
            if (value != null) {
                List<JsonValue> all = value instanceof JsonArray list ? list.values() : List.of(value);
                rules.put(name.getKey(), new Rule(OneOf.of(all), false));
            } else if (name.getValue()) {
                rules.remove(name.getKey());
            }
        }
        return rules.isEmpty() ? map : new ArgumentMap(rules, map.open());
    }
}
