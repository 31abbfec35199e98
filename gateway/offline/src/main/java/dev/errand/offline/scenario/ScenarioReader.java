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
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.offline.scenario.Scenario.Approve;
import dev.errand.offline.scenario.Scenario.Instructed;
import dev.errand.token.ParameterValue;
import java.nio.charset.StandardCharsets;
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
                    values.members().forEach((name, value) -> fixed.put(name, value.json()));
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
        Scenario.Request request = request(section(map, "request"));
        boolean asRequest = map.optional("request") != null;
        String operation = map.string(asRequest ? "operation" : "call", faults);
        exclusive(map, asRequest);
        YamlNode resource = map.optional("resource");
        if (resource != null && !(resource instanceof YamlScalar)) {
            faults.add(resource.at(), "a resource is a text, found " + resource.kind());
        }
        String named = resource instanceof YamlScalar scalar ? scalar.text() : "";
        Map<String, JsonValue> arguments = new LinkedHashMap<>();
        YamlMap given = section(map, "arguments");
        if (given != null) {
            given.members().forEach((name, value) -> arguments.put(name, value.json()));
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
        return faults.count() > before
                ? Optional.empty()
                : Optional.of(new Scenario.Call(
                        map.at(),
                        operation == null ? "" : operation,
                        map.at(asRequest ? "operation" : "call"),
                        request,
                        named,
                        new JsonObject(arguments),
                        status,
                        body(map.optional("answers")),
                        after,
                        by == null ? 0 : Integer.parseInt(by.substring(by.indexOf('-') + 1)),
                        expect == null ? Scenario.PERMIT : expect,
                        approve(map.optional("approve"))));
    }

    private Approve approve(@Nullable YamlNode node) {
        if (node == null) {
            return Approve.NOT;
        } else if (node instanceof YamlScalar scalar && scalar.text().equals("true")) {
            return Approve.PASS;
        } else if (node instanceof YamlScalar scalar && scalar.text().equals(ScenarioKeys.REFUSE)) {
            return Approve.REFUSE;
        } else if (node instanceof YamlScalar scalar && scalar.text().equals(ScenarioKeys.OFFER)) {
            return Approve.OFFER;
        }
        faults.add(node.at(), "`approve` is true, offer or refuse, found " + node.kind());
        return Approve.NOT;
    }

    /** Adds a fault for keys that say the same in two ways, or if nothing says what is called. */
    private void exclusive(YamlMap map, boolean asRequest) {
        if (!asRequest && map.optional("operation") != null) {
            faults.add(map.at("operation"), "operation stands beside request; the operation of a call is its `call`");
        } else if (!asRequest && map.optional("call") == null) {
            faults.add(
                    map.at(),
                    "missing key 'call': write `call: CATALOGUE:ID`, or `request: {method: GET, path: /…}` for a request"
                            + " as a client sends it");
        }
        for (String key : List.of("call", "resource", "arguments")) {
            if (asRequest && map.optional(key) != null) {
                faults.add(
                        map.at(key),
                        "beside request the catalogue says what is called; write the expected id as `operation`");
            }
        }
    }

    private Scenario.@Nullable Request request(@Nullable YamlMap map) {
        if (map == null) {
            return null;
        }
        map.unknownKeys(faults, ScenarioKeys.REQUEST);
        String method = map.requiredString("method", faults);
        String path = map.requiredString("path", faults);
        if (method != null && !method.matches(ScenarioKeys.METHOD)) {
            faults.add(map.at("method"), "'" + method + "' is no method: methods are upper-case");
        }
        if (path != null && !path.startsWith("/")) {
            faults.add(map.at("path"), "a path begins with a slash, as the client sends it to the gateway");
        }
        Map<String, List<String>> headers = new LinkedHashMap<>();
        YamlMap fields = section(map, "headers");
        if (fields != null) {
            fields.members().keySet().forEach(name -> {
                if (!name.matches(ScenarioKeys.FIELD)) {
                    faults.add(fields.at(name), "'" + name + "' is no name of a header field");
                }
                headers.put(name, fields.strings(name, faults));
            });
        }
        YamlNode body = map.optional("body");
        if (body != null
                && !(body instanceof YamlScalar)
                && headers.keySet().stream().noneMatch("content-type"::equalsIgnoreCase)) {
            headers.put("Content-Type", List.of("application/json"));
        }
        return method == null || path == null ? null : new Scenario.Request(method, path, headers, bytes(body));
    }

    private byte[] bytes(@Nullable YamlNode body) {
        if (body == null) {
            return new byte[0];
        } else if (body instanceof YamlScalar scalar) {
            return scalar.text().getBytes(StandardCharsets.UTF_8);
        }
        JsonValue value = body.json();
        if (!Jcs.isAdmissible(value)) {
            faults.add(
                    body.at(),
                    "a number of the body is not one that every JSON reader keeps: write the body as a text");
            return new byte[0];
        }
        return Jcs.canonicalBytes(value);
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
        JsonValue value = body == null ? null : body.json();
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
}
