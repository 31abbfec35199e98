package dev.errand.offline.learn;

import dev.errand.json.Jcs;
import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Finds rules over two operations that hold in every run: a call was only made with a value of an argument with which another
 * operation had succeeded ({@code precedence}), or an operation was never sent after another one ({@code absence}). A rule is
 * reported only if {@value #SUPPORT} calls, in one run or several, could have broken it and did not.
 */
final class RuleMiner {
    /** How many calls must support a rule. */
    static final int SUPPORT = 8;

    private static final int MAX_EACH = 2;
    /** The most rules of a draft over calls, and the most over answers. */
    static final int MAX_RULES = 16;

    private final Predicate<String> constrained;
    private final SortedMap<String, Same> same = new TreeMap<>();
    private final Map<Pair, Support> before = new HashMap<>();
    private final Set<Pair> broken = new HashSet<>();

    private record Pair(String first, String second) {}

    /** An earlier operation, and the argument whose value a call has in common with it. */
    private record Link(String operation, String argument) {}

    private static final class Support {
        private int calls;
        private int runs;
    }

    private static final class Same {
        private final Support support = new Support();
        private final Set<Link> links = new HashSet<>();
    }

    /**
     * A rule as YAML, and its evidence in a few words.
     *
     * @param implied another rule that this one implies; empty for none
     */
    record Mined(String rule, String evidence, String implied) {}

    RuleMiner(List<RecordedTask> tasks, Predicate<String> constrained) {
        this.constrained = constrained;
        tasks.forEach(this::walk);
    }

    private void walk(RecordedTask task) {
        Map<String, RecordedCall> sent = new HashMap<>();
        Map<String, Set<String>> happened = new HashMap<>();
        Set<String> operations = new HashSet<>();
        Set<String> counted = new HashSet<>();
        List<String> order = new ArrayList<>();
        for (Event event : task.events()) {
            if (event instanceof CameTo outcome) {
                RecordedCall call = sent.remove(outcome.decision());
                if (call != null && outcome.happened()) {
                    call.pairs().forEach(pair -> note(pair, happened, operations));
                }
            } else if (event instanceof Decided decided && decided.call().permit()) {
                for (RecordedCall.Pair pair : decided.call().pairs()) {
                    if (constrained.test(pair.operation())) {
                        link(pair, happened, operations, counted);
                        order.add(pair.operation());
                    }
                }
                sent.put(decided.call().decision(), decided.call());
            }
        }
        order(order);
    }

    private static void note(RecordedCall.Pair pair, Map<String, Set<String>> happened, Set<String> operations) {
        operations.add(pair.operation());
        pair.arguments()
                .members()
                .forEach((name, value) -> happened.computeIfAbsent(
                                pair.operation() + '\n' + name, key -> new HashSet<>())
                        .add(Jcs.canonical(value)));
    }

    private void link(
            RecordedCall.Pair pair, Map<String, Set<String>> happened, Set<String> operations, Set<String> counted) {
        Set<Link> links = new HashSet<>();
        pair.arguments().members().forEach((name, value) -> {
            String canonical = Jcs.canonical(value);
            for (String operation : operations) {
                if (!operation.equals(pair.operation())
                        && happened.getOrDefault(operation + '\n' + name, Set.of())
                                .contains(canonical)) {
                    links.add(new Link(operation, name));
                }
            }
        });
        Same one = same.get(pair.operation());
        if (one == null) {
            one = new Same();
            one.links.addAll(links);
            same.put(pair.operation(), one);
        }
        one.links.retainAll(links);
        one.support.calls++;
        one.support.runs += counted.add(pair.operation()) ? 1 : 0;
    }

    /** Notes for every two operations of a run whether the first one came only before the second one. */
    private void order(List<String> sent) {
        Map<String, Integer> first = new HashMap<>();
        Map<String, Integer> last = new HashMap<>();
        Map<String, Integer> calls = new HashMap<>();
        for (int i = 0; i < sent.size(); i++) {
            first.putIfAbsent(sent.get(i), i);
            last.put(sent.get(i), i);
            calls.merge(sent.get(i), 1, Integer::sum);
        }
        for (String one : first.keySet()) {
            for (String other : first.keySet()) {
                if (one.equals(other)) {
                    continue;
                }
                Pair pair = new Pair(one, other);
                if (last.getOrDefault(one, 0) > first.getOrDefault(other, 0)) {
                    broken.add(pair);
                } else {
                    Support support = before.computeIfAbsent(pair, key -> new Support());
                    support.calls += calls.getOrDefault(one, 0);
                    support.runs++;
                }
            }
        }
    }

    /** The rules, at most {@value #MAX_RULES}. */
    List<Mined> rules() {
        List<Mined> rules = new ArrayList<>();
        same.forEach((operation, one) -> {
            if (one.support.calls >= SUPPORT) {
                one.links.stream()
                        .sorted(Comparator.comparing((Link link) -> constrained.test(link.operation))
                                .thenComparing(link -> !link.argument.equals("resource"))
                                .thenComparing(Link::operation)
                                .thenComparing(Link::argument))
                        .limit(MAX_EACH)
                        .forEach(link -> rules.add(new Mined(
                                precedence(link.operation, operation, link.argument), told(one.support), "")));
            }
        });
        new TreeSet<>(before.keySet().stream()
                        .map(pair -> pair.first + '\n' + pair.second)
                        .toList())
                .forEach(key -> {
                    Pair pair = new Pair(key.substring(0, key.indexOf('\n')), key.substring(key.indexOf('\n') + 1));
                    Support support = before.getOrDefault(pair, new Support());
                    if (!broken.contains(pair) && support.calls >= SUPPORT) {
                        rules.add(new Mined(
                                "{absence: " + YamlText.string(pair.first) + ", after: " + YamlText.string(pair.second)
                                        + "}",
                                told(support),
                                ""));
                    }
                });
        return rules.subList(0, Math.min(MAX_RULES, rules.size()));
    }

    /** The rule that a call is made only with a value of the argument with which the first operation had succeeded. */
    static String precedence(String first, String before, String argument) {
        return "{precedence: " + YamlText.string(first) + ", before: " + YamlText.string(before) + ", same: ["
                + YamlText.string(argument) + "]}";
    }

    private static String told(Support support) {
        return told(support.calls, support.runs);
    }

    /** The evidence of a rule in a few words. */
    static String told(int calls, int runs) {
        return calls + " calls in " + runs + (runs == 1 ? " run" : " runs") + ", none otherwise";
    }
}
