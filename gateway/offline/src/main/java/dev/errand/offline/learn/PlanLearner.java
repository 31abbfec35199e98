package dev.errand.offline.learn;

import dev.errand.sequence.Times;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Drafts a small plan that permits given words. First, runs and repeated groups become counts, and words that differ only in
 * counts become one. Then the common beginning and the common end of all words become steps. The middle becomes {@code all} if
 * it is the same runs in several orders, and optional if a word has nothing there. Else it becomes {@code any}: the words are
 * grouped by their beginnings, and each group is learnt in the same way. Last, an operation is interleaved if the plan without
 * it is smaller by more than the operation itself. The plan permits every word by construction. Deterministic; pure.
 */
final class PlanLearner {
    /** The most operations that a plan may have: nobody would read a larger one. */
    public static final int MAX_SIZE = 200;

    private static final int MAX_TRIED = 32;
    private static final int MAX_ALL = 6;

    private PlanLearner() {}

    /** The plan, with these operations interleaved from the beginning; {@link LearnedPlan#NONE} if no order can be found. */
    public static LearnedPlan learn(Traces words, Set<String> aside) {
        Set<List<String>> kept = new LinkedHashSet<>();
        words.words()
                .forEach(word -> kept.add(word.stream()
                        .filter(operation -> !aside.contains(operation))
                        .toList()));
        SortedSet<String> interleave = new TreeSet<>(words.crowded());
        interleave.addAll(aside);
        List<LearnedStep> best = steps(kept, interleave);
        SortedSet<String> operations = new TreeSet<>();
        kept.forEach(operations::addAll);
        operations.removeAll(interleave);
        boolean shrinks = operations.size() <= MAX_TRIED;
        while (shrinks) {
            String chosen = null;
            List<LearnedStep> smallest = null;
            for (String operation : operations) {
                Set<String> without = new HashSet<>(interleave);
                without.add(operation);
                List<LearnedStep> smaller = steps(kept, without);
                if (smaller != null && (smallest == null || weight(smaller) < weight(smallest))) {
                    smallest = smaller;
                    chosen = operation;
                }
            }
            shrinks = chosen != null
                    && smallest != null
                    && (best == null || LearnedStep.size(smallest) + 1 < LearnedStep.size(best));
            if (shrinks) {
                best = smallest;
                interleave.add(chosen);
                operations.remove(chosen);
            }
        }
        return best == null || best.isEmpty() || LearnedStep.size(best) > MAX_SIZE
                ? LearnedPlan.NONE
                : new LearnedPlan(best, interleave);
    }

    /**
     * As {@link #learn(Traces, Set)}, and an operation set aside is a step where every word has it before an operation of the plan. Such
     * a step has no greatest count.
     */
    static LearnedPlan ordered(Traces words, Set<String> aside) {
        LearnedPlan plan = learn(words, aside);
        Set<String> left = new TreeSet<>(aside);
        for (String operation : new TreeSet<>(aside)) {
            Set<String> fewer = new TreeSet<>(left);
            fewer.remove(operation);
            LearnedPlan tried = plan.isLine() ? learn(words, fewer) : LearnedPlan.NONE;
            if (isLineFrom(tried, operation, aside)) {
                plan = tried;
                left = fewer;
            }
        }
        List<LearnedStep> steps = new ArrayList<>();
        for (LearnedStep step : plan.steps()) {
            steps.add(
                    step instanceof LearnedStep.Op op && aside.contains(op.operation())
                            ? new LearnedStep.Op(op.operation(), new Times(1, Times.UNBOUNDED))
                            : step);
        }
        return new LearnedPlan(steps, plan.interleave());
    }

    /** Whether the plan is a line in which the operation is one step, never left out, and not the end. */
    private static boolean isLineFrom(LearnedPlan plan, String operation, Set<String> aside) {
        if (!plan.isLine() || plan.interleave().contains(operation)) {
            return false;
        }
        List<LearnedStep.Op> ops =
                plan.steps().stream().map(LearnedStep.Op.class::cast).toList();
        List<LearnedStep.Op> own =
                ops.stream().filter(op -> op.operation().equals(operation)).toList();
        return own.size() == 1
                && own.get(0).times().min() > 0
                && !aside.contains(ops.get(ops.size() - 1).operation());
    }

    /** The weight of a plan: its size, and of two plans of one size, one without steps in any order weighs less. */
    private static int weight(List<LearnedStep> steps) {
        boolean loose = steps.stream().anyMatch(LearnedStep.All.class::isInstance);
        return 2 * LearnedStep.size(steps) + (loose ? 1 : 0);
    }

    private static @Nullable List<LearnedStep> steps(Collection<List<String>> words, Set<String> interleaved) {
        // The text of each word is made once, not for each comparison of the sort.
        Map<List<String>, String> texts = new LinkedHashMap<>();
        for (List<String> word : words) {
            texts.computeIfAbsent(
                    word.stream().filter(op -> !interleaved.contains(op)).toList(), List::toString);
        }
        Set<List<String>> left = new LinkedHashSet<>();
        texts.entrySet().stream().sorted(Map.Entry.comparingByValue()).forEach(text -> left.add(text.getKey()));
        List<List<RepeatedPart>> shapes = Shapes.of(left);
        return shapes == null || shapes.size() > MAX_SIZE * 5 ? null : steps(shapes);
    }

    private static List<LearnedStep> steps(List<List<RepeatedPart>> shapes) {
        List<LearnedStep> steps = new ArrayList<>();
        int shortest = shapes.stream().mapToInt(List::size).min().orElse(0);
        int head = 0;
        while (head < shortest && alike(shapes, head, true)) {
            head++;
        }
        int tail = 0;
        while (head + tail < shortest && alike(shapes, tail, false)) {
            tail++;
        }
        add(steps, shapes, head, true);
        if (shapes.stream().anyMatch(shape -> shape.size() > shortest) || head + tail < shortest) {
            List<List<RepeatedPart>> between = new ArrayList<>();
            for (List<RepeatedPart> shape : shapes) {
                between.add(shape.subList(head, shape.size() - tail));
            }
            steps.addAll(between(Shapes.distinct(between)));
        }
        add(steps, shapes, tail, false);
        return steps;
    }

    private static RepeatedPart at(List<RepeatedPart> shape, int index, boolean fromHead) {
        return shape.get(fromHead ? index : shape.size() - 1 - index);
    }

    private static boolean alike(List<List<RepeatedPart>> shapes, int index, boolean fromHead) {
        String key = at(shapes.get(0), index, fromHead).key();
        return shapes.stream()
                .allMatch(shape -> at(shape, index, fromHead).key().equals(key));
    }

    /** Adds the steps that all shapes have in common at one end. */
    private static void add(List<LearnedStep> steps, List<List<RepeatedPart>> shapes, int count, boolean fromHead) {
        for (int i = 0; i < count; i++) {
            int index = fromHead ? i : count - 1 - i;
            RepeatedPart merged = at(shapes.get(0), index, fromHead);
            for (List<RepeatedPart> shape : shapes) {
                merged = merged.merge(at(shape, index, fromHead));
            }
            steps.add(merged.step());
        }
    }

    private static List<LearnedStep> between(List<List<RepeatedPart>> shapes) {
        List<List<RepeatedPart>> some =
                shapes.stream().filter(shape -> !shape.isEmpty()).toList();
        if (some.isEmpty()) {
            return List.of();
        }
        if (some.size() < shapes.size()) {
            return optional(some);
        }
        List<LearnedStep> anyOrder = anyOrder(some);
        if (anyOrder != null) {
            return anyOrder;
        }
        Map<String, List<List<RepeatedPart>>> byFirst = new LinkedHashMap<>();
        for (List<RepeatedPart> shape : some) {
            byFirst.computeIfAbsent(shape.get(0).key(), k -> new ArrayList<>()).add(shape);
        }
        if (byFirst.size() == 1) {
            return steps(some);
        }
        List<List<LearnedStep>> branches = new ArrayList<>();
        byFirst.values().forEach(branch -> branches.add(steps(branch)));
        return List.of(new LearnedStep.Any(branches));
    }

    private static List<LearnedStep> optional(List<List<RepeatedPart>> shapes) {
        if (shapes.size() == 1 && shapes.get(0).size() == 1) {
            return List.of(shapes.get(0).get(0).optional().step());
        }
        return List.of(new LearnedStep.Repeat(steps(shapes), LearnedStep.times(0, 1)));
    }

    private static @Nullable List<LearnedStep> anyOrder(List<List<RepeatedPart>> shapes) {
        List<RepeatedPart> first = shapes.get(0);
        Map<String, RepeatedPart> merged = new LinkedHashMap<>();
        first.forEach(token -> merged.put(token.key(), token));
        if (shapes.size() < 2 || merged.size() != first.size() || first.size() > MAX_ALL) {
            return null;
        }
        for (List<RepeatedPart> shape : shapes) {
            if (shape.size() != first.size() || !merged.keySet().containsAll(Shapes.keys(shape))) {
                return null;
            }
            if (new HashSet<>(Shapes.keys(shape)).size() != first.size()) {
                return null;
            }
            shape.forEach(token -> merged.merge(token.key(), token, RepeatedPart::merge));
        }
        return List.of(new LearnedStep.All(
                merged.values().stream().map(RepeatedPart::step).toList()));
    }
}
