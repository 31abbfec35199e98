package dev.errand.offline.learn;

import dev.errand.offline.replay.RecordedTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Writes a learnt plan into a template, with the evidence beside each line. Immutable.
 *
 * @param plan the plan
 * @param tasks the runs that it was learnt from
 * @param free interleaved operations for which no bound is written
 * @param headroom the factor, 1 or more, by which the counts of the plan exceed the counts that were seen
 */
record PlanText(LearnedPlan plan, List<RecordedTask> tasks, Set<String> free, double headroom) {
    /** Replaces the template's plan and rules by this plan, the rules in {@code others}, and bounds for operations without a count. */
    void put(TemplateText text, List<String> others) {
        text.drop("sequence").drop("interleave").drop("rules");
        List<String> rules = new ArrayList<>(others);
        if (!plan.steps().isEmpty()) {
            List<String> lines = new ArrayList<>();
            plan.steps()
                    .forEach(step -> lines.add(
                            TemplateText.line("  - " + step.roomier(headroom).toYaml(), evidence(step))));
            text.put("sequence", lines);
            if (!plan.interleave().isEmpty()) {
                text.put(
                        "interleave",
                        YamlText.strings(plan.interleave()),
                        "between the steps in no order of their own");
            }
            SortedSet<String> unbounded = new TreeSet<>(plan.interleave());
            plan.steps().forEach(step -> unbounded(step, unbounded));
            unbounded.removeAll(free);
            for (String operation : unbounded) {
                PeakUsage.Peak sent = PeakUsage.sent(tasks, operation);
                rules.add(TemplateText.line(
                        "  - {bounded: " + YamlText.string(operation) + ", at-most: "
                                + (long) Math.ceil(sent.amount() * headroom) + "}",
                        "task " + sent.task() + " sent as many"));
            }
        }
        if (!rules.isEmpty()) {
            text.put("rules", rules);
        }
    }

    private static void unbounded(LearnedStep step, SortedSet<String> found) {
        if (step instanceof LearnedStep.Op op && op.times().unbounded()) {
            found.add(op.operation());
        } else if (step instanceof LearnedStep.Any any) {
            any.branches().forEach(branch -> branch.forEach(inner -> unbounded(inner, found)));
        } else if (step instanceof LearnedStep.All all) {
            all.steps().forEach(inner -> unbounded(inner, found));
        } else if (step instanceof LearnedStep.Repeat repeat) {
            if (repeat.times().unbounded()) {
                operations(repeat, found);
            }
            repeat.steps().forEach(inner -> unbounded(inner, found));
        }
    }

    private static void operations(LearnedStep step, SortedSet<String> found) {
        if (step instanceof LearnedStep.Op op) {
            found.add(op.operation());
        } else if (step instanceof LearnedStep.Any any) {
            any.branches().forEach(branch -> branch.forEach(inner -> operations(inner, found)));
        } else if (step instanceof LearnedStep.All all) {
            all.steps().forEach(inner -> operations(inner, found));
        } else if (step instanceof LearnedStep.Repeat repeat) {
            repeat.steps().forEach(inner -> operations(inner, found));
        }
    }

    private String evidence(LearnedStep step) {
        SortedSet<String> operations = new TreeSet<>();
        operations(step, operations);
        List<String> parts = new ArrayList<>();
        for (String operation : operations) {
            long in = tasks.stream()
                    .filter(task -> task.permitted().stream()
                            .anyMatch(call -> call.operations().contains(operation)))
                    .count();
            parts.add((operations.size() == 1 ? "" : operation + " ") + "in " + in + " of " + tasks.size()
                    + (tasks.size() == 1 ? " run" : " runs"));
        }
        return String.join(", ", parts);
    }
}
