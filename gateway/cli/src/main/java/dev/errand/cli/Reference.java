package dev.errand.cli;

import dev.errand.config.Keys;
import dev.errand.config.Shape;
import dev.errand.template.TemplateParser;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The reference of the YAML that users write, as Markdown: a table for each mapping with the values, the default and a
 * sentence for each key. It is generated from the keys that the parsers know. Not thread-safe.
 */
final class Reference {
    private final StringBuilder page = new StringBuilder();
    private final Set<String> met = new HashSet<>();
    private final Deque<Keys> waiting = new ArrayDeque<>();

    private Reference() {}

    /** The tables of a mapping and of all mappings below it, each under a heading with its name. */
    public static String of(Keys root) {
        Reference reference = new Reference();
        reference.link(root);
        while (!reference.waiting.isEmpty()) {
            reference.table(reference.waiting.removeFirst());
        }
        return reference.page.toString();
    }

    /** The tables of a document of {@code tasks/}. */
    public static String ofTemplates() {
        return of(TemplateParser.KEYS);
    }

    private String link(Keys keys) {
        if (met.add(keys.name())) {
            waiting.addLast(keys);
        }
        return "[" + keys.name() + "](#" + keys.name() + ")";
    }

    private void table(Keys keys) {
        page.append("### ").append(keys.name()).append("\n\n");
        if (!keys.exactlyOne().isEmpty()) {
            page.append("One of these keys at a time.\n\n");
        }
        page.append("| key | value | if left out | what |\n|---|---|---|---|\n");
        for (Keys.Key key : keys.list()) {
            String fallback = key.required() ? "a fault" : key.fallback() == null ? "" : "`" + key.fallback() + "`";
            row("`" + key.name() + "`", value(key.shape()), fallback, key.what());
        }
        for (Map.Entry<String, Shape> other : keys.others().entrySet()) {
            String name = other.getKey().isEmpty() ? "any name" : "a name like `" + other.getKey() + "`";
            row(name, value(other.getValue()), "", "");
        }
        page.append('\n');
    }

    private void row(String key, String value, String fallback, String what) {
        page.append("| ")
                .append(String.join(" | ", List.of(cell(key), cell(value), cell(fallback), cell(what))))
                .append(" |\n");
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    private String value(Shape shape) {
        if (shape instanceof Keys keys) {
            return link(keys);
        } else if (shape.equals(Shape.duration())) {
            return "duration: a whole number and `ms`, `s`, `m`, `h` or `d`";
        } else if (shape instanceof Shape.Text text) {
            return text.pattern() == null ? "text" : "text like `" + text.pattern() + "`";
        } else if (shape instanceof Shape.Words words) {
            return words.words().stream().map(word -> "`" + word + "`").collect(Collectors.joining(", "));
        } else if (shape instanceof Shape.Whole whole) {
            return "whole number " + whole.min() + ".." + whole.max();
        } else if (shape instanceof Shape.Simple simple) {
            return switch (simple) {
                case NUMBER -> "number";
                case FLAG -> "`true`, `false`";
                case YES -> "`true`";
                case SCALAR -> "text, number, `true`, `false` or `null`";
                case ANYTHING -> "anything";
            };
        } else if (shape instanceof Shape.Items items) {
            String most = items.max() < Integer.MAX_VALUE ? ", at most " + items.max() : "";
            return "list" + (items.min() > 0 ? " (at least " + items.min() + most + ")" : most) + " of "
                    + value(items.item());
        } else if (shape instanceof Shape.Either either) {
            return either.shapes().stream().map(this::value).distinct().collect(Collectors.joining("; or "));
        }
        return value(((Shape.Later) shape).shape().get());
    }
}
