package dev.errand.offline.scenario;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.denial.DenyReason;
import dev.errand.json.DidYouMean;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.offline.scenario.Scenario.Instructed;
import dev.errand.token.ParameterValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a scenario, and reports every fault with its place. Not thread-safe. */
public final class ScenarioReader {
    private static final int MAX_CALLS = 10_000;
    private static final Duration LONGEST = Duration.ofDays(366);

    private final Faults faults;

    private ScenarioReader(Faults faults) {
        this.faults = faults;
    }

    /** The scenario of a file; empty, with faults, if it is none. */
    public static Optional<Scenario> read(Path file, String name, Faults faults) {
        YamlNode node = Yaml.read(file, name, faults);
        YamlMap map = node == null ? null : node.map(faults);
        return map == null ? Optional.empty() : new ScenarioReader(faults).scenario(map);
    }

    private Optional<Scenario> scenario(YamlMap map) {
        int before = faults.count();
        map.unknownKeys(faults, ScenarioKeys.SCENARIO);
        String template = map.requiredString("template", faults);
        Map<String, ParameterValue> parameters = new LinkedHashMap<>();
        YamlMap given = section(map, "parameters");
        if (given != null) {
            given.members().forEach((name, value) -> {
                if (value instanceof YamlScalar scalar) {
                    parameters.put(name, ParameterValue.of(scalar.text()));
                } else if (value instanceof YamlList list
                        && list.items().stream().allMatch(YamlScalar.class::isInstance)) {
                    parameters.put(
                            name,
                            ParameterValue.of(list.items().stream()
                                    .map(each -> ((YamlScalar) each).text())
                                    .toList()));
                } else {
                    faults.add(value.at(), "a parameter is a text or a list of texts, found " + value.kind());
                }
            });
        }
        Map<String, Map<String, JsonValue>> pinned = new LinkedHashMap<>();
        YamlMap pins = section(map, "pinned");
        if (pins != null) {
            pins.members().forEach((operation, node) -> {
                YamlMap values = node.map(faults);
                if (values != null) {
                    Map<String, JsonValue> fixed = new LinkedHashMap<>();
                    values.members().forEach((name, value) -> fixed.put(name, json(value)));
                    pinned.put(operation, fixed);
                }
            });
        }
        Instructed instruction = instruction(section(map, "instruction"));
        YamlNode node = map.required("calls", faults);
        YamlList list = node == null ? null : node.list(faults);
        List<Scenario.Call> calls = new ArrayList<>();
        if (list != null && (list.items().isEmpty() || list.items().size() > MAX_CALLS)) {
            faults.add(
                    list.at(),
                    "a scenario has 1.." + MAX_CALLS + " calls, found "
                            + list.items().size());
        } else if (list != null) {
            list.items().forEach(item -> call(item).ifPresent(calls::add));
        }
        return faults.count() > before || template == null
                ? Optional.empty()
                : Optional.of(new Scenario(
                        map.at(),
                        template,
                        map.at("template"),
                        parameters,
                        map.at("parameters"),
                        pinned,
                        instruction,
                        calls));
    }

    private @Nullable YamlMap section(YamlMap map, String key) {
        YamlNode node = map.optional(key);
        return node == null ? null : node.map(faults);
    }

    private Instructed instruction(@Nullable YamlMap map) {
        if (map == null) {
            return Instructed.NO;
        }
        map.unknownKeys(faults, ScenarioKeys.INSTRUCTION);
        word(map, "source", List.of("human", "agent", "document", "tool"));
        String integrity = word(map, "integrity", List.of("trusted", "untrusted"));
        String digest = map.string("digest", faults);
        if ("trusted".equals(integrity) && digest == null) {
            faults.add(
                    map.at("integrity"),
                    "trusted needs a digest: the human's token names the instruction by its digest; write the digest, or leave"
                            + " integrity out if the template trusts the agent");
        }
        if (map.string("ref", faults) == null && digest == null) {
            return Instructed.NO;
        }
        if (integrity == null) {
            return Instructed.SAID;
        }
        return integrity.equals("trusted") ? Instructed.TRUSTED : Instructed.UNTRUSTED;
    }

    private @Nullable String word(YamlMap map, String key, List<String> words) {
        String word = map.string(key, faults);
        if (word != null && !words.contains(word)) {
            YamlNode at = map.optional(key);
            faults.add(
                    at == null ? map.at() : at.at(),
                    "unknown value '" + word + "' for " + key + DidYouMean.hint(word, words));
        }
        return word;
    }

    private Optional<Scenario.Call> call(YamlNode node) {
        YamlMap map = node.map(faults);
        if (map == null) {
            return Optional.empty();
        }
        int before = faults.count();
        map.unknownKeys(faults, ScenarioKeys.CALL);
        String operation = map.requiredString("call", faults);
        YamlNode resource = map.optional("resource");
        if (resource != null && !(resource instanceof YamlScalar)) {
            faults.add(resource.at(), "a resource is a text, found " + resource.kind());
        }
        String named = resource instanceof YamlScalar scalar ? scalar.text() : "";
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        YamlMap given = section(map, "arguments");
        if (given != null) {
            given.members().forEach((name, value) -> arguments.put(name, json(value)));
        }
        if (resource != null) {
            arguments.put("resource", new JsonString(named));
        }
        int status = status(map.optional("answers"));
        Duration after = map.duration("after", Duration.ZERO, Duration.ZERO, LONGEST, faults);
        String by = map.string("by", faults);
        if (by != null && !by.matches(ScenarioKeys.CHILD)) {
            faults.add(
                    map.at("by"), "a caller is written child-N, N from 1 to 999; the root is meant if it is left out");
        }
        Position expectAt = map.at("expect");
        String expect = map.string("expect", faults);
        if (expect != null) {
            expectable(expect, expectAt);
        }
        return faults.count() > before || operation == null
                ? Optional.empty()
                : Optional.of(new Scenario.Call(
                        map.at(),
                        operation,
                        map.at("call"),
                        named,
                        new JsonObject(arguments),
                        status,
                        body(map.optional("answers")),
                        after,
                        by == null ? 0 : Integer.parseInt(by.substring(by.indexOf('-') + 1)),
                        expect == null ? Scenario.PERMIT : expect));
    }

    private int status(@Nullable YamlNode node) {
        int fallback = 200;
        if (node == null) {
            return fallback;
        }
        if (node instanceof YamlScalar scalar && scalar.text().equals(ScenarioKeys.UNKNOWN)) {
            return Scenario.UNKNOWN;
        }
        YamlNode value = node;
        if (node instanceof YamlMap map) {
            Keys known = ScenarioKeys.ANSWER;
            map.unknownKeys(faults, known);
            value = map.required("status", faults);
        }
        Long status =
                value == null ? null : value.integer(ScenarioKeys.LEAST_STATUS, ScenarioKeys.LARGEST_STATUS, faults);
        return status == null ? fallback : status.intValue();
    }

    /** The body of an answer; a text that is JSON is parsed. */
    private static @Nullable JsonValue body(@Nullable YamlNode answers) {
        YamlNode body = answers instanceof YamlMap map ? map.optional("body") : null;
        JsonValue value = body == null ? null : json(body);
        if (value instanceof JsonString text) {
            try {
                return Json.parse(text.value());
            } catch (Json.MalformedJsonException plain) {
                return value;
            }
        }
        return value;
    }

    private void expectable(String expect, Position at) {
        TreeSet<String> words = new TreeSet<>(List.of(Scenario.PERMIT));
        for (DenyReason reason : DenyReason.values()) {
            words.add(reason.code());
        }
        if (!words.contains(expect)) {
            faults.add(
                    at,
                    "'" + expect + "' is neither permit nor the code of a refusal" + DidYouMean.hint(expect, words));
        }
    }

    private static JsonValue json(YamlNode node) {
        if (node instanceof YamlMap map) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            map.members().forEach((name, value) -> members.put(name, json(value)));
            return new JsonObject(members);
        } else if (node instanceof YamlList list) {
            return new JsonArray(list.items().stream().map(ScenarioReader::json).toList());
        }
        YamlScalar scalar = (YamlScalar) node;
        return switch (scalar.type()) {
            case STRING -> new JsonString(scalar.text());
            case NUMBER -> new JsonNumber(scalar.text());
            case BOOLEAN -> new JsonBoolean(scalar.text().equals("true"));
            case NULL -> JsonNull.NULL;
        };
    }
}
