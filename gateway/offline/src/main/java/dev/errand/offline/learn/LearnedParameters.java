package dev.errand.offline.learn;

import dev.errand.offline.replay.RecordedTask;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/** The {@code parameters} of a drafted template, from the values that recorded starts gave them. Pure. */
final class LearnedParameters {
    private static final int MAX_SHOWN = 3;

    private LearnedParameters() {}

    /** One line for each name. Every task must have a value for it. */
    static List<String> lines(List<RecordedTask> tasks, Collection<String> names) {
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            SortedSet<String> values = new TreeSet<>();
            int most = 0;
            for (RecordedTask task : tasks) {
                Map<String, ParameterValue> parameters = Objects.requireNonNull(task.parameters(), "no recorded start");
                ParameterValue value = Objects.requireNonNull(parameters.get(name), "no such parameter");
                values.addAll(value.values());
                most = value.list() ? Math.max(most, value.values().size()) : most;
            }
            String shown = String.join(", ", values.stream().limit(MAX_SHOWN).toList());
            String pattern = "\"" + pattern(values) + "\"";
            int room = (int) Math.min(ParameterValue.MAX_VALUES, Math.ceil(most * LearnedTemplate.HEADROOM));
            lines.add(TemplateText.line(
                    "  " + YamlText.string(name) + ": "
                            + (most == 0 ? pattern : "{list: " + pattern + ", max: " + room + "}"),
                    values.size() + (values.size() == 1 ? " value" : " values") + " seen, such as " + shown
                            + ": widen the pattern if other values are allowed"));
        }
        return lines;
    }

    /** A pattern of the kinds of characters that were seen, up to the longest length that was seen. */
    private static String pattern(SortedSet<String> values) {
        StringBuilder kinds = new StringBuilder();
        String all = String.join("", values);
        for (String kind : List.of("a-z", "A-Z", "0-9")) {
            if (all.chars().anyMatch(c -> c >= kind.charAt(0) && c <= kind.charAt(2))) {
                kinds.append(kind);
            }
        }
        StringBuilder others = new StringBuilder();
        all.codePoints()
                .filter(c -> !(c < 128 && Character.isLetterOrDigit(c)))
                .distinct()
                .sorted()
                .forEach(c -> others.append(String.format("\\\\x{%x}", c)));
        int longest = values.stream().mapToInt(String::length).max().orElse(1);
        return "[" + kinds + others + "]{1," + Math.max(1, longest) + "}";
    }
}
