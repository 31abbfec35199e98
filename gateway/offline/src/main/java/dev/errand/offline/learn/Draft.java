package dev.errand.offline.learn;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.json.Durations;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.TaskParameters;
import dev.errand.task.AlwaysAsked;
import dev.errand.template.Template;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a template, drafted from the recorded runs of its tasks. Immutable, except for its caches; not
 * thread-safe.
 */
public final class Draft {
    private static final Duration TASK_PERIOD = Duration.ofSeconds(10);
    private static final Duration OPERATION_PERIOD = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private final String name;
    private final List<RecordedTask> tasks;
    private final @Nullable Template before;
    private final LearnedPlan plan;
    private final Set<String> aside;
    private final double headroom;

    /**
     * @param tasks the tasks of the template, at least one
     * @param before the template as it is, or null if that is not known
     */
    public Draft(String name, List<RecordedTask> tasks, @Nullable Template before) {
        this(name, tasks, before, Set.of(), 1, false);
    }

    /**
     * @param aside operations that are interleaved: they may come at any time and are no steps of the plan
     * @param headroom the factor, 1 or more, by which counts and capacities exceed what was seen
     * @param ordered whether such an operation is a step where every run has it before another step
     */
    Draft(
            String name,
            List<RecordedTask> tasks,
            @Nullable Template before,
            Set<String> aside,
            double headroom,
            boolean ordered) {
        this.aside = Set.copyOf(aside);
        this.headroom = headroom;
        this.name = name;
        // A copy would hold all tasks of a long log at once.
        this.tasks = tasks instanceof RecordedTasks ? tasks : List.copyOf(tasks);
        this.before = before;
        this.plan = ordered ? PlanLearner.ordered(Traces.of(tasks), aside) : PlanLearner.learn(Traces.of(tasks), aside);
    }

    public LearnedPlan plan() {
        return plan;
    }

    /** The template before; if it is not known, a new one with the keys that every template needs. */
    public TemplateText text() {
        TemplateText text = new TemplateText(
                before != null && Yaml.parse(name, before.text(), new Faults()) instanceof YamlMap map ? map : null);
        if (before == null) {
            text.put("template", YamlText.string(name), "");
            SortedSet<String> issuers = new TreeSet<>();
            calls().forEach(call -> issuers.add(String.valueOf(call.humanIssuer())));
            text.put(
                    "humans",
                    "{issuer: " + YamlText.string(issuers.first()) + "}",
                    "claims of humans are not in the record: say which may authorise this");
            Duration span = span();
            long hours = 1 + span.toMillis() / HOUR.toMillis();
            text.put("lifetime", hours + "h", "the longest run took " + Durations.print(span));
            agents(text);
            delegation(text);
            allow(text);
        }
        return text;
    }

    /** Whether the template before is needed: a template names one issuer of humans, and the runs may have several. */
    public static boolean needsBefore(List<RecordedTask> tasks) {
        return tasks.stream()
                        .flatMap(task -> task.calls().stream())
                        .map(RecordedCall::humanIssuer)
                        .distinct()
                        .count()
                > 1;
    }

    private Stream<RecordedCall> calls() {
        return tasks.stream().flatMap(task -> task.calls().stream());
    }

    private Duration span() {
        long longest = 0;
        for (RecordedTask task : tasks) {
            List<RecordedTask.Event> events = task.events();
            longest = Math.max(
                    longest,
                    events.get(events.size() - 1).timeMillis() - events.get(0).timeMillis());
        }
        return Duration.ofMillis(longest);
    }

    /** The agents that were given a task. */
    public void agents(TemplateText text) {
        SortedSet<String> agents = new TreeSet<>();
        calls().forEach(call -> agents.add(call.root().name()));
        text.put("agents", YamlText.strings(agents), tasks.size() + (tasks.size() == 1 ? " task" : " tasks") + " seen");
    }

    /** The depth and the number of children to which tasks were delegated. */
    public void delegation(TemplateText text) {
        long children = children();
        int depth = depth();
        text.put(
                "delegation",
                depth == 0 ? "{max-depth: 0}" : "{max-depth: " + depth + ", max-children: " + children + "}",
                depth == 0 ? "no child called" : "children are counted by their keys");
    }

    public int depth() {
        return tasks.stream()
                .flatMap(task -> task.permitted().stream())
                .mapToInt(RecordedCall::depth)
                .max()
                .orElse(0);
    }

    public long children() {
        return tasks.stream()
                .mapToLong(task -> task.permitted().stream()
                        .filter(call -> call.depth() > 0)
                        .map(call -> call.holders().get(1).key())
                        .distinct()
                        .count())
                .max()
                .orElse(0);
    }

    /** Grants of what was used, and of nothing else. */
    public void allow(TemplateText text) {
        allow(text, Set.of());
    }

    /**
     * Grants of what was used.
     *
     * @param kept the operations whose grant stays as it was, if the template before is known
     */
    public void allow(TemplateText text, Set<String> kept) {
        List<String> lines = new ArrayList<>();
        SortedSet<String> named = new TreeSet<>();
        new GrantLearner(tasks, before == null ? null : before.grants())
                .grants()
                .forEach((operation, grant) -> {
                    JsonObject granted = before == null || !kept.contains(operation)
                            ? null
                            : before.grants().tools().get(operation);
                    JsonObject arguments = granted == null ? grant.arguments() : granted;
                    named.addAll(TaskParameters.named(arguments));
                    lines.add(TemplateText.line(
                            "  " + YamlText.string(operation) + ": "
                                    + ShorthandText.of(arguments, pinned(operation), isAsked(operation)),
                            grant.evidence() + (granted == null ? "" : "; as it was granted")));
                });
        text.put("allow", lines);
        if (before == null && !named.isEmpty()) {
            text.put("parameters", LearnedParameters.lines(tasks, named));
        }
    }

    /** The limits that the recorded peaks need. If {@code all}, also limits that the template did not have. */
    public void limits(TemplateText text, boolean all) {
        List<String> lines = new ArrayList<>();
        List<Bandwidth> task = before == null ? List.of() : before.limits().task();
        if (!task.isEmpty() || all) {
            lines.add(bandwidths("  task", null, task.isEmpty() ? List.of(bandwidth(TASK_PERIOD)) : task, all));
        }
        Map<String, List<Bandwidth>> operations =
                before == null ? Map.of() : before.limits().operations();
        List<String> each = new ArrayList<>();
        SortedSet<String> limited = operations();
        limited.removeAll(aside);
        for (String operation : limited) {
            List<Bandwidth> limits =
                    operations.getOrDefault(operation, all ? List.of(bandwidth(OPERATION_PERIOD)) : List.of());
            if (!limits.isEmpty()) {
                each.add(bandwidths("    " + YamlText.string(operation), operation, limits, all));
            }
        }
        if (!each.isEmpty()) {
            lines.add("  operations:\n");
            lines.addAll(each);
        }
        PeakUsage.Peak calls = PeakUsage.calls(tasks);
        lines.add(TemplateText.line("  calls: " + roomy(calls.amount()), "task " + calls.task() + " used as many"));
        text.put("limits", lines);
    }

    private long roomy(long amount) {
        return (long) Math.ceil(amount * headroom);
    }

    private static Bandwidth bandwidth(Duration period) {
        return new Bandwidth(Long.MAX_VALUE >> 11, period, false);
    }

    /** @param free whether a recorded peak may exceed the granted capacity, since that was only observed */
    private String bandwidths(String key, @Nullable String operation, List<Bandwidth> limits, boolean free) {
        List<String> texts = new ArrayList<>();
        PeakUsage.Peak first = null;
        for (Bandwidth limit : limits) {
            PeakUsage.Peak peak = PeakUsage.capacity(tasks, operation, limit.period());
            long capacity = free ? roomy(peak.amount()) : Math.min(limit.capacity(), peak.amount());
            texts.add("{capacity: " + Math.max(1, capacity) + ", per: " + Durations.print(limit.period()) + "}");
            first = first == null ? peak : first;
        }
        return TemplateText.line(
                key + ": [" + String.join(", ", texts) + "]",
                first == null ? "" : "task " + first.task() + " needed as much");
    }

    /** Every operation that was permitted, in the order of names. */
    public SortedSet<String> operations() {
        SortedSet<String> operations = new TreeSet<>();
        tasks.forEach(task -> task.permitted().forEach(call -> operations.addAll(call.operations())));
        return operations;
    }

    /** The learnt plan in the place of the template's, with {@code bounded} rules for operations that the plan does not bound. */
    public void sequence(TemplateText text, boolean keepRules) {
        List<String> rules = new ArrayList<>();
        if (keepRules
                && before != null
                && Yaml.parse(name, before.text(), new Faults()) instanceof YamlMap map
                && map.optional("rules") instanceof dev.errand.config.YamlList list) {
            list.items().forEach(rule -> rules.add("  - " + YamlText.of(rule) + "\n"));
        }
        sequence(text, rules);
    }

    /** Writes the learnt plan, together with these rules, each a line. */
    void sequence(TemplateText text, List<String> rules) {
        new PlanText(plan, tasks, aside, headroom).put(text, rules);
    }

    /** The arguments of the operation that a start must fix. */
    Set<String> pinned(String operation) {
        return before == null
                ? Set.of()
                : before.grants()
                        .pinned()
                        .byOperation()
                        .getOrDefault(operation, Map.of())
                        .keySet();
    }

    /** Whether a human is asked about every call of the operation. */
    boolean isAsked(String operation) {
        return before != null
                && before.grants()
                        .always()
                        .ids()
                        .getOrDefault(operation, AlwaysAsked.Asked.NOTHING)
                        .always();
    }
}
