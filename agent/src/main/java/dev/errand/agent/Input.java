package dev.errand.agent;

import dev.errand.holder.AgentException;
import dev.errand.json.Durations;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads the values of options. A fault names the option, never the content of a file. */
final class Input {
    private static final int MOST = 64 << 10;

    private Input() {}

    /** Throws if a value is not of the form {@code @FILE}; null is allowed. */
    static void checkFile(String option, @Nullable String value) {
        if (value != null && (!value.startsWith("@") || value.length() == 1)) {
            throw new AgentException(option + " must be @FILE: on a command line others could read it");
        }
    }

    /** The content of {@code @FILE}, without white space around it. */
    static String file(String option, String value) {
        checkFile(option, value);
        try (InputStream in = Files.newInputStream(Path.of(value.substring(1)))) {
            byte[] content = in.readNBytes(MOST + 1);
            if (content.length > MOST) {
                throw new AgentException(option + ": " + value + " has more than " + MOST + " bytes");
            }
            return new String(content, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new AgentException(option + ": " + value + " cannot be read");
        }
    }

    /** One JSON object, as text or as {@code @FILE}. */
    static JsonObject object(String option, String value) {
        String text = value.startsWith("@") ? file(option, value) : value;
        try {
            return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            throw new AgentException(option + " must be one JSON object: " + e.getMessage());
        }
    }

    /** The steps of a plan: one list, in YAML (1.2, JSON schema) or JSON. */
    static JsonArray steps(String option, String text) {
        LoadSettings settings = LoadSettings.builder()
                .setMaxAliasesForCollections(0)
                .setCodePointLimit(MOST)
                .build();
        Object read;
        try {
            read = new Load(settings).loadFromString(text);
        } catch (MarkedYamlEngineException e) {
            throw new AgentException(option + " is not YAML"
                    + e.getProblemMark()
                            .map(mark -> ", line " + (mark.getLine() + 1))
                            .orElse(""));
        } catch (YamlEngineException e) {
            throw new AgentException(option + " is not YAML");
        }
        if (json(option, read) instanceof JsonArray steps) {
            return steps;
        }
        throw new AgentException(option + " must be one list of steps");
    }

    private static JsonValue json(String option, @Nullable Object value) {
        if (value instanceof List<?> list) {
            return new JsonArray(list.stream().map(each -> json(option, each)).toList());
        } else if (value instanceof Map<?, ?> map) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            map.forEach((name, each) -> members.put(String.valueOf(name), json(option, each)));
            return new JsonObject(members);
        } else if (value instanceof String text) {
            return new JsonString(text);
        } else if (value instanceof Integer number) {
            return JsonNumber.of(number);
        }
        throw new AgentException(option + " has a value that is neither a text, a whole number, a list nor a map");
    }

    /** A duration such as {@code 30s} or {@code 5m}. */
    static Duration duration(String option, String value) {
        Duration duration = value.equals("0") ? Duration.ZERO : Durations.parse(value);
        if (duration == null) {
            throw new AgentException(option + " must be a duration such as 30s or 5m, was '" + value + "'");
        }
        return duration;
    }
}
