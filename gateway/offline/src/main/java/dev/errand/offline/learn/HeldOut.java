package dev.errand.offline.learn;

import dev.errand.config.Faults;
import dev.errand.denial.DenyReason;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.Redecision;
import dev.errand.offline.replay.Replay;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells how lines learnt from some runs would have judged runs that they were not learnt from: the runs are divided into five
 * parts, and each part is judged by the lines learnt from the other four. Immutable.
 *
 * @param runs how many runs were judged, each once
 * @param disturbed by the line's name: in how many of these runs the line would have refused a call
 * @param any in how many of these runs some line would have refused a call
 */
public record HeldOut(int runs, Map<String, Integer> disturbed, int any) {
    /** The beginning of the name of a line under {@code allow}; the operation's id follows. */
    public static final String GRANT = "allow ";

    /** The name of the plan. */
    public static final String PLAN = "sequence";

    /** The name of the limits. */
    public static final String LIMITS = "limits";

    /** The name of a rule whose line is not known. */
    public static final String RULES = "rules";

    /** The {@code on-violation} of a template that only denies, so that one refusal does not hide others. */
    public static final String ONLY_DENY =
            "{sequence: deny, rule: deny, limit: deny, repeated: {denials: 1000, within: 1s, then: deny}}";

    private static final int PARTS = 5;
    private static final Pattern RULE = Pattern.compile("\\(rule at template:([0-9]+)");

    public HeldOut {
        disturbed = Collections.unmodifiableMap(new TreeMap<>(disturbed));
    }

    /**
     * Judges the runs.
     *
     * @param learn drafts a template from some runs: its text must only deny, so that one refusal does not hide others
     * @param seed the seed by which the runs are divided
     */
    public static HeldOut of(
            List<RecordedTask> tasks,
            Function<List<RecordedTask>, String> learn,
            Replay replay,
            TemplateParser parser,
            long seed) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(seed));
        int parts = Math.min(PARTS, tasks.size());
        Map<String, Integer> disturbed = new TreeMap<>();
        int any = 0;
        int judged = 0;
        for (int part = 0; part < parts && parts > 1; part++) {
            List<Integer> taught = new ArrayList<>();
            List<Integer> held = new ArrayList<>();
            for (int i = 0; i < order.size(); i++) {
                (i % parts == part ? held : taught).add(order.get(i));
            }
            String text = learn.apply(pick(tasks, taught));
            Template template =
                    parser.parse("template", text, null, new Faults()).orElse(null);
            if (template == null) {
                continue;
            }
            judged += held.size();
            for (RecordedTask task : pick(tasks, held)) {
                Set<String> lines = new TreeSet<>();
                replay.of(task, template).stream()
                        .filter(Redecision::disturbs)
                        .forEach(refused -> lines.addAll(lines(refused, text)));
                lines.forEach(line -> disturbed.merge(line, 1, Integer::sum));
                any += lines.isEmpty() ? 0 : 1;
            }
        }
        return new HeldOut(judged, disturbed, any);
    }

    /** The tasks at these places. Those of a recorded log are not copied, since it unpacks a task only while it is read. */
    private static List<RecordedTask> pick(List<RecordedTask> tasks, List<Integer> places) {
        return tasks instanceof RecordedTasks recorded
                ? recorded.at(places)
                : places.stream().map(tasks::get).toList();
    }

    /** The names of the lines that refuse a call. */
    private static List<String> lines(Redecision refused, String text) {
        String code = String.valueOf(refused.code());
        if (code.equals(DenyReason.NOT_GRANTED.code()) || code.equals(DenyReason.CONSTRAINT_VIOLATED.code())) {
            return refused.recorded().operations().stream()
                    .map(HeldOut::grant)
                    .distinct()
                    .toList();
        } else if (code.equals(DenyReason.SEQUENCE_VIOLATION.code())) {
            return List.of(PLAN);
        } else if (code.equals(DenyReason.RULE_VIOLATION.code())) {
            Matcher at = RULE.matcher(refused.why());
            return List.of(at.find() ? rule(text.split("\n", -1)[Integer.parseInt(at.group(1)) - 1]) : RULES);
        } else if (code.equals(DenyReason.RATE_EXCEEDED.code()) || code.equals(DenyReason.BUDGET_EXHAUSTED.code())) {
            return List.of(LIMITS);
        }
        return List.of(code);
    }

    /** The name of the line of an operation under {@code allow}. */
    static String grant(String operation) {
        return GRANT + operation;
    }

    /** The name of a line under {@code rules}: without its evidence, and without its number, which differs between the parts. */
    static String rule(String line) {
        return line.replaceFirst("  #.*", "").replaceFirst("^\\s*- ", "").replaceFirst(", at-most: [0-9]+", "");
    }

    /** How many runs the line would have disturbed, as a part of its evidence; empty if no run was judged. */
    String of(String line) {
        int count = disturbed.getOrDefault(line, 0);
        return runs == 0 ? "" : "; disturbs " + count + " of " + runs + " runs held out";
    }

    /**
     * The table of disturbed runs, as lines.
     *
     * @param written the names of the lines that the draft has
     */
    List<String> table(Set<String> written) {
        Map<String, Integer> rows = new LinkedHashMap<>();
        written.forEach(line -> rows.put(line, disturbed.getOrDefault(line, 0)));
        disturbed.forEach((line, count) -> {
            if (!written.contains(line)) {
                rows.put(line + " (not written)", count);
            }
        });
        List<String> table = new ArrayList<>();
        int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
        String form = "%-" + Math.max(width, 24) + "s %6s %7s";
        table.add(form.formatted("line", "runs", "share"));
        rows.forEach((line, count) -> table.add(form.formatted(line, count, share(count))));
        table.add(form.formatted("any of them", any, share(any)));
        return table;
    }

    private String share(int count) {
        return runs == 0 ? "-" : "%.1f %%".formatted(100.0 * count / runs);
    }
}
