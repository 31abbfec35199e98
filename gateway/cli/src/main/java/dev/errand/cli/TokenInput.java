package dev.errand.cli;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlNode;
import dev.errand.holder.AgentException;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Reads an input of a token command: {@code @-} is standard input, {@code @file} a file, anything else the text itself. */
final class TokenInput {
    static final int MAX_BYTES = 64 * 1024;

    private TokenInput() {}

    static String text(String given) {
        if (!given.startsWith("@")) {
            return given.strip();
        }
        try {
            byte[] content =
                    given.equals("@-") ? System.in.readNBytes(MAX_BYTES + 1) : head(Path.of(given.substring(1)));
            if (content.length > MAX_BYTES) {
                throw new AgentException(given + ": more than " + MAX_BYTES + " bytes");
            }
            return new String(content, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new AgentException(given + ": cannot be read");
        }
    }

    static JsonObject object(String option, String given) {
        try {
            return Json.parseObject(text(given).getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            throw new AgentException(option + " must be one JSON object: " + e.getMessage());
        }
    }

    /** The steps of a plan, in YAML or JSON. */
    static JsonValue steps(String option, String given) {
        Faults faults = new Faults();
        YamlNode node = Yaml.parse(given, text(given), faults);
        if (!(node instanceof YamlList)) {
            throw new AgentException(option + " must be a list of steps" + (faults.count() > 0 ? ": " + faults : ""));
        }
        return node.json();
    }

    /** Tokens separated by commas, root first; none for empty text. */
    static List<String> chain(String given) {
        return Stream.of(text(given).split(","))
                .map(String::strip)
                .filter(t -> !t.isEmpty())
                .toList();
    }

    private static byte[] head(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_BYTES + 1);
        }
    }
}
