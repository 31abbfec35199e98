package dev.errand.offline.learn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns words into shapes: sequences of repeated operations and repeated groups. Words that differ only in counts have one
 * shape. A shape that is the beginning of another one is merged into it, since a run need not finish its plan.
 */
final class Shapes {
    private static final int LONGEST_GROUP = 8;
    private static final int MAX_GROUPS = 16;
    private static final int MAX_RUNS = 1_000;

    private Shapes() {}

    /** The shapes of the words; null if a word is too long to look for groups in it. */
    static @org.jspecify.annotations.Nullable List<List<RepeatedPart>> of(Collection<List<String>> words) {
        List<List<RepeatedPart>> runs = new ArrayList<>();
        for (List<String> word : words) {
            List<RepeatedPart> run = runs(word);
            if (run.size() > MAX_RUNS) {
                return null;
            }
            runs.add(run);
        }
        List<List<String>> groups = groups(runs);
        List<List<RepeatedPart>> shapes = new ArrayList<>();
        runs.forEach(run -> shapes.add(grouped(run, groups)));
        return withoutBeginnings(distinct(shapes));
    }

    private static List<RepeatedPart> runs(List<String> word) {
        List<RepeatedPart> runs = new ArrayList<>();
        for (int i = 0; i < word.size(); ) {
            int end = i;
            while (end < word.size() && word.get(end).equals(word.get(i))) {
                end++;
            }
            runs.add(RepeatedPart.run(word.get(i), end - i));
            i = end;
        }
        return runs;
    }

    /** The shortest groups that some word repeats immediately, searched from the left; sorted with the longest first. */
    private static List<List<String>> groups(List<List<RepeatedPart>> words) {
        Set<List<String>> groups = new LinkedHashSet<>();
        for (List<RepeatedPart> word : words) {
            List<String> keys = word.stream().map(RepeatedPart::key).toList();
            for (int i = 0; i < keys.size() && groups.size() < MAX_GROUPS; i++) {
                for (int length = 2; length <= LONGEST_GROUP && i + 2 * length <= keys.size(); length++) {
                    List<String> body = keys.subList(i, i + length);
                    if (body.equals(keys.subList(i + length, i + 2 * length))) {
                        groups.add(List.copyOf(body));
                        i += 2 * length - 1;
                        break;
                    }
                }
            }
        }
        List<List<String>> sorted = new ArrayList<>(groups);
        sorted.sort(Comparator.<List<String>>comparingInt(List::size).reversed().thenComparing(Object::toString));
        return sorted;
    }

    private static List<RepeatedPart> grouped(List<RepeatedPart> word, List<List<String>> groups) {
        List<RepeatedPart> tokens = new ArrayList<>();
        for (int i = 0; i < word.size(); ) {
            List<List<RepeatedPart>> turns = List.of();
            for (List<String> group : groups) {
                turns = turns(word, i, group);
                if (!turns.isEmpty()) {
                    break;
                }
            }
            if (turns.isEmpty()) {
                tokens.add(word.get(i++));
            } else {
                tokens.add(RepeatedPart.group(turns));
                i += turns.size() * turns.get(0).size();
            }
        }
        return tokens;
    }

    private static List<List<RepeatedPart>> turns(List<RepeatedPart> word, int from, List<String> group) {
        List<List<RepeatedPart>> turns = new ArrayList<>();
        for (int at = from; at + group.size() <= word.size(); at += group.size()) {
            List<RepeatedPart> turn = word.subList(at, at + group.size());
            if (!turn.stream().map(RepeatedPart::key).toList().equals(group)) {
                break;
            }
            turns.add(turn);
        }
        return turns;
    }

    /** The shapes without duplicates: shapes with the same keys are merged, with the ranges of all their counts. */
    static List<List<RepeatedPart>> distinct(Collection<List<RepeatedPart>> shapes) {
        Map<List<String>, List<RepeatedPart>> byKeys = new LinkedHashMap<>();
        shapes.forEach(shape -> byKeys.merge(keys(shape), shape, RepeatedPart::merge));
        return new ArrayList<>(byKeys.values());
    }

    static List<String> keys(List<RepeatedPart> shape) {
        return shape.stream().map(RepeatedPart::key).toList();
    }

    private static List<List<RepeatedPart>> withoutBeginnings(List<List<RepeatedPart>> shapes) {
        List<List<RepeatedPart>> sorted = new ArrayList<>(shapes);
        sorted.sort(Comparator.<List<RepeatedPart>>comparingInt(List::size).reversed());
        Map<List<String>, List<RepeatedPart>> kept = new LinkedHashMap<>();
        Map<List<String>, List<String>> begins = new LinkedHashMap<>();
        for (List<RepeatedPart> shape : sorted) {
            List<String> keys = keys(shape);
            List<String> longer = begins.get(keys);
            if (longer != null) {
                kept.computeIfPresent(longer, (k, whole) -> absorb(whole, shape));
                continue;
            }
            kept.put(keys, shape);
            for (int length = 0; length <= keys.size(); length++) {
                begins.putIfAbsent(List.copyOf(keys.subList(0, length)), keys);
            }
        }
        return new ArrayList<>(kept.values());
    }

    private static List<RepeatedPart> absorb(List<RepeatedPart> whole, List<RepeatedPart> beginning) {
        List<RepeatedPart> merged = new ArrayList<>(whole);
        for (int i = 0; i < beginning.size(); i++) {
            boolean last = i == beginning.size() - 1;
            RepeatedPart other = beginning.get(i);
            merged.set(i, last ? whole.get(i).mergeOpen(other) : whole.get(i).merge(other));
        }
        return merged;
    }
}
