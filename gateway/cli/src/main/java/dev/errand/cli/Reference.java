package dev.errand.cli;

import dev.errand.config.Keys;
import dev.errand.config.Shape;
import dev.errand.template.TemplateParser;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The reference of the YAML that users write, as Markdown: a table for each mapping with the values, the default and a
 * sentence for each key. Rows that an earlier table has are named only, and a mapping whose keys are all alike stands where it is
 * used. It is generated from the keys that the parsers know. Not thread-safe.
 */
final class Reference {
    /** So many rows that another table has are named instead of repeated. */
    private static final int REPEATED = 2;

    /** The longest map that stands where it is used, in characters. */
    private static final int INLINE = 80;

    /** The pattern of an operation's id with its catalogue. */
    private static final String OPERATION = "[^:]+:.+";

    /** A bound from here on is that of what a double holds exactly, and no bound that a reader needs. */
    private static final long UNBOUNDED = (1L << 53) - 1;

    private final StringBuilder page = new StringBuilder();
    private final Set<String> met = new HashSet<>();
    private final Deque<Keys> waiting = new ArrayDeque<>();
    /** Each row that was written, with the table that it stands in. */
    private final Map<String, String> rows = new HashMap<>();

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
        if (keys.list().isEmpty() && keys.others().size() == 1) {
            Map.Entry<String, Shape> each = keys.others().entrySet().iterator().next();
            String of = each.getKey().isEmpty() ? "" : text(each.getKey()).replaceFirst("text", "name") + ": ";
            String map = "map of " + of + value(each.getValue());
            if (map.length() <= INLINE) {
                return map;
            }
        }
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
        Map<String, String> table = new LinkedHashMap<>();
        for (Keys.Key key : keys.list()) {
            String fallback = key.required() ? "required" : key.fallback() == null ? "" : "`" + key.fallback() + "`";
            String name = "`" + key.name() + "`";
            // The column before says what holds without the key.
            String what = key.fallback() == null ? key.what() : key.what().replaceFirst("; [^;.]* if left out", "");
            table.put(name, row(name, value(key.shape()), fallback, what));
        }
        for (Map.Entry<String, Shape> other : keys.others().entrySet()) {
            String name = other.getKey().isEmpty() ? "any name" : "a name like `" + other.getKey() + "`";
            table.put(name, row(name, value(other.getValue()), "", ""));
        }
        Map<String, List<String>> before = new TreeMap<>();
        table.forEach((name, row) -> {
            if (rows.containsKey(row)) {
                before.computeIfAbsent(rows.get(row), none -> new ArrayList<>()).add(name);
            }
        });
        before.forEach((other, names) -> {
            if (names.size() >= REPEATED) {
                page.append("As in [%s](#%s): %s.\n\n".formatted(other, other, String.join(", ", names)));
                table.keySet().removeAll(names);
            }
        });
        table.values().forEach(row -> rows.putIfAbsent(row, keys.name()));
        if (!table.isEmpty()) {
            page.append("| key | value | default | what |\n|---|---|---|---|\n");
            table.values().forEach(page::append);
            page.append('\n');
        }
    }

    private static String row(String key, String value, String fallback, String what) {
        return "| " + String.join(" | ", List.of(cell(key), cell(value), cell(fallback), cell(what))) + " |\n";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    private static String text(@Nullable String pattern) {
        return pattern == null ? "text" : pattern.equals(OPERATION) ? "operation" : "text like `" + pattern + "`";
    }

    private String value(Shape shape) {
        if (shape instanceof Keys keys) {
            return link(keys);
        } else if (shape.equals(Shape.duration())) {
            return "duration";
        } else if (shape instanceof Shape.Text text) {
            return text(text.pattern());
        } else if (shape instanceof Shape.Words words) {
            return words.words().stream().map(word -> "`" + word + "`").collect(Collectors.joining(", "));
        } else if (shape instanceof Shape.Whole whole) {
            return whole.max() < UNBOUNDED ? whole.min() + ".." + whole.max() : "from " + whole.min();
        } else if (shape instanceof Shape.Simple simple) {
            return switch (simple) {
                case NUMBER -> "number";
                case FLAG -> "`true`, `false`";
                case YES -> "`true`";
                case SCALAR -> "value";
                case ANYTHING -> "anything";
            };
        } else if (shape instanceof Shape.Items items) {
            return "list of " + value(items.item())
                    + (items.max() < Integer.MAX_VALUE ? ", at most " + items.max() : "");
        } else if (shape instanceof Shape.Either either && isOneOrSeveral(either.shapes())) {
            return value(either.shapes().get(0)) + " or list";
        } else if (shape instanceof Shape.Either either) {
            return either.shapes().stream().map(this::value).distinct().collect(Collectors.joining(", "));
        }
        return value(((Shape.Later) shape).shape().get());
    }

    private static boolean isOneOrSeveral(List<Shape> shapes) {
        return shapes.size() == 2
                && shapes.get(1) instanceof Shape.Items items
                && items.item().equals(shapes.get(0));
    }
}
