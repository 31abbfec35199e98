package dev.errand.offline.story;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.template.Template;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A template and the lines of its file, so that an explanation can point at the rule. Immutable and thread-safe.
 *
 * @param template compiled
 * @param lines its text with positions
 */
public record TemplateLines(Template template, YamlMap lines) {
    /** Finds the file that the template was read from; reads files, so never on an event loop. */
    public static Optional<TemplateLines> find(Path directory, Template template) {
        Path tasks = directory.resolve("tasks");
        if (!Files.isDirectory(tasks)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(tasks)) {
            return files.filter(file -> isText(file, template.text()))
                    .sorted()
                    .map(file -> Yaml.parse("tasks/" + file.getFileName(), template.text(), new Faults()))
                    .filter(YamlMap.class::isInstance)
                    .map(root -> new TemplateLines(template, (YamlMap) root))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isText(Path file, String text) {
        try {
            return Files.isRegularFile(file)
                    && Files.size(file) <= Yaml.MAX_BYTES
                    && new String(Files.readAllBytes(file), StandardCharsets.UTF_8).equals(text);
        } catch (IOException e) {
            return false;
        }
    }

    /** The file of a template that was read from this directory; reads files. */
    public static YamlMap of(Path directory, Template template) {
        return find(directory, template)
                .map(TemplateLines::lines)
                .orElseThrow(() -> new IllegalStateException("no file has the text of template " + template.name()));
    }

    /** The place of a key, with the text of its line; empty if the template does not have the key. */
    public Optional<String> at(String... path) {
        YamlMap map = lines;
        for (int i = 0; i < path.length - 1; i++) {
            if (!(map.optional(path[i]) instanceof YamlMap inner)) {
                return Optional.empty();
            }
            map = inner;
        }
        String key = path[path.length - 1];
        if (map.optional(key) == null) {
            return Optional.empty();
        }
        var at = map.at(key);
        List<String> text = template.text().lines().toList();
        return Optional.of(at + ": " + text.get(at.line() - 1).strip());
    }

    /** The line of that number with its text, as {@code file:line: text}; empty if the template has no such line. */
    public Optional<String> line(int number) {
        List<String> text = template.text().lines().toList();
        return number < 1 || number > text.size()
                ? Optional.empty()
                : Optional.of(lines.at().file() + ":" + number + ": "
                        + text.get(number - 1).strip());
    }

    /** The line of {@code allow} that grants the operation, by its id or by a pattern. */
    public Optional<String> grant(String operation) {
        Optional<String> own = at("allow", operation);
        int colon = operation.indexOf(':');
        return own.isPresent() || colon < 0 ? own : at("allow", operation.substring(0, colon) + ":*");
    }
}
