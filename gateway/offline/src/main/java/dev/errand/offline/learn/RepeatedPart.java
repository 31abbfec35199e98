package dev.errand.offline.learn;

import dev.errand.sequence.Times;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of one operation, or of a group of operations that repeats; the counts are ranges over all words that were
 * merged. Immutable.
 *
 * @param min the least number of times
 * @param max the largest number of times
 * @param group the tokens of one turn; empty for a single operation
 */
record RepeatedPart(String operation, int min, int max, List<RepeatedPart> group) {
    RepeatedPart {
        group = List.copyOf(group);
    }

    static RepeatedPart run(String operation, int count) {
        return new RepeatedPart(operation, count, count, List.of());
    }

    /** A group of turns that have the same operations and may differ in their counts. */
    static RepeatedPart group(List<List<RepeatedPart>> turns) {
        List<RepeatedPart> merged = turns.get(0);
        for (List<RepeatedPart> turn : turns) {
            merged = merge(merged, turn);
        }
        return new RepeatedPart("", turns.size(), turns.size(), merged);
    }

    /** The operation or group without its counts: equal for tokens that can be merged. */
    String key() {
        return group.isEmpty()
                ? operation
                : "(" + String.join(" ", group.stream().map(RepeatedPart::key).toList()) + ")";
    }

    RepeatedPart merge(RepeatedPart other) {
        return new RepeatedPart(
                operation, Math.min(min, other.min), Math.max(max, other.max), merge(group, other.group));
    }

    /** As {@link #merge(RepeatedPart)}, for the last token of a word that may have ended early: the least count stays. */
    RepeatedPart mergeOpen(RepeatedPart other) {
        return new RepeatedPart(operation, min, Math.max(max, other.max), merge(group, other.group));
    }

    /** Merges two lists with the same keys element by element. */
    static List<RepeatedPart> merge(List<RepeatedPart> one, List<RepeatedPart> other) {
        List<RepeatedPart> merged = new ArrayList<>();
        for (int i = 0; i < one.size(); i++) {
            merged.add(one.get(i).merge(other.get(i)));
        }
        return merged;
    }

    LearnedStep step() {
        Times times = LearnedStep.times(min, max);
        return group.isEmpty()
                ? new LearnedStep.Op(operation, times)
                : new LearnedStep.Repeat(group.stream().map(RepeatedPart::step).toList(), times);
    }

    RepeatedPart optional() {
        return new RepeatedPart(operation, 0, max, group);
    }
}
