package dev.errand.cli.dev;

import dev.errand.holder.AgentException;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What {@code init --dev --mcp} writes: a catalogue with the effect of each tool by its annotations, a template that only reads, and
 * scenarios. Every effect is a guess, and is marked as one: a tool that does not say that it only reads may write. Immutable.
 */
final class ImportedMcp implements Imported {
    private static final String READ = "read";
    private static final int MAX_NAME = 128;
    private static final int MAX_TEXT = 70;

    private final String path;
    /** The effects, by the names of the tools. */
    private final Map<String, String> effects = new LinkedHashMap<>();

    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, String> leftOut = new LinkedHashMap<>();

    ImportedMcp(URI server, List<JsonObject> tools) {
        this.path = Optional.ofNullable(server.getRawPath())
                .filter(any -> !any.isEmpty())
                .orElse("/");
        for (JsonObject tool : tools) {
            String name = String.valueOf(tool.string("name"));
            String text = Printable.line(Objects.requireNonNullElse(tool.string("description"), ""), MAX_TEXT);
            if (name.length() <= MAX_NAME && name.matches("[A-Za-z0-9_./-]+")) {
                effects.put(name, effect(tool.object("annotations")));
                texts.put(name, text);
            } else {
                leftOut.put(Printable.line(name, MAX_NAME), "its name is no id here");
            }
        }
        if (effects.isEmpty()) {
            throw new AgentException(server + ": the server lists no tool");
        }
    }

    private static String effect(@Nullable JsonObject annotations) {
        if (annotations != null && new JsonBoolean(true).equals(annotations.get("readOnlyHint"))) {
            return READ;
        }
        return annotations != null && new JsonBoolean(true).equals(annotations.get("destructiveHint"))
                ? "delete"
                : "write";
    }

    @Override
    public String catalogue() {
        StringBuilder text = new StringBuilder("""
                # What the calls of the MCP server's tools mean. The effects are guesses by the annotations of the tools; a tool without one may
                # write. Look at each line, and take its mark away. A tool that is not listed is refused. docs/operations/mcp.md
                catalogue: tools
                resolver: jsonrpc
                path: %s
                batch: reject
                effects:
                """.formatted(quoted(path)));
        effects.forEach((name, effect) ->
                text.append("  %s: %s  # review: %s%n".formatted(quoted(name), effect, texts.get(name))));
        leftOut.forEach((name, why) -> text.append("# left out: %s: %s%n".formatted(name, why)));
        return text.toString();
    }

    @Override
    public String scenarios() {
        StringBuilder text = new StringBuilder("""
                # What tasks of the template explore may do, and what not: `errand test DIR` judges it without a gateway.
                template: explore
                calls:
                """);
        first(READ::equals).ifPresent(name -> request(text, name, "permit"));
        first(effect -> !effect.equals(READ)).ifPresent(name -> request(text, name, "not-granted"));
        return text.toString();
    }

    private Optional<String> first(Predicate<String> effect) {
        return effects.entrySet().stream()
                .filter(entry -> effect.test(entry.getValue()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private void request(StringBuilder text, String name, String expect) {
        text.append(
                "  - {request: {method: POST, path: %s, body: {jsonrpc: \"2.0\", id: 1, method: tools/call, params: {name: %s}}}, expect: %s}%n"
                        .formatted(quoted("/tools" + path), quoted(name), expect));
    }

    private static String quoted(String text) {
        return Jcs.canonical(new JsonString(text));
    }
}
