package dev.errand.offline.learn;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
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
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds rules over answers ({@code when … answered … where}) that hold in every run: the last answer of an earlier
 * operation said so each time before the call. A rule is reported only if {@value RuleMiner#SUPPORT} calls support it, and
 * only if it says something: some recorded answer would not have permitted the call.
 */
final class AnswerMiner {
    private static final int MAX_LINKS = 64;
    private static final int MAX_SEEN = 64;

    private final Predicate<String> constrained;
    private final BiPredicate<String, String> isText;
    private final SortedMap<String, Calls> seen = new TreeMap<>();
    private final Map<Named, Set<JsonValue>> said = new HashMap<>();

    /** A value of an operation's answers. */
    private record Named(String operation, String name) {}

    /** An operation that answers, and the argument that its call has in common with the later one; empty for none. */
    private record Link(String operation, String same) {}

    /** Which answer it is: the last one of the link's operation with this value of the link's argument. */
    private record Key(Link link, String value) {}

    /** The calls of one operation so far. */
    private static final class Calls {
        private int count;
        private int runs;
        private @Nullable Map<Link, Said> links;
    }

    /** What the answers before all these calls had in common. */
    private record Said(Set<String> values, SortedMap<String, LearnedCondition> conditions) {}

    /**
     * @param constrained selects the operations whose calls are judged
     * @param isText whether an operation's argument came as text, which also equals the number that it spells
     */
    AnswerMiner(List<RecordedTask> tasks, Predicate<String> constrained, BiPredicate<String, String> isText) {
        this.constrained = constrained;
        this.isText = isText;
        tasks.forEach(this::walk);
    }

    private void walk(RecordedTask task) {
        Map<String, RecordedCall> sent = new HashMap<>();
        Map<Key, JsonObject> last = new HashMap<>();
        Map<Key, Integer> answering = new HashMap<>();
        Set<String> counted = new HashSet<>();
        for (Event event : task.events()) {
            if (event instanceof CameTo outcome) {
                RecordedCall call = sent.remove(outcome.decision());
                if (call != null) {
                    count(call, -1, answering);
                }
                if (call != null && outcome.happened()) {
                    note(call, outcome, last);
                }
            } else if (event instanceof Decided decided && decided.call().permit()) {
                for (RecordedCall.Pair pair : decided.call().pairs()) {
                    if (constrained.test(pair.operation())) {
                        judge(pair, last, answering, counted.add(pair.operation()));
                    }
                }
                sent.put(decided.call().decision(), decided.call());
                count(decided.call(), 1, answering);
            }
        }
    }

    /** Counts the calls that are not answered yet. */
    private static void count(RecordedCall call, int more, Map<Key, Integer> answering) {
        for (RecordedCall.Pair pair : call.pairs()) {
            for (Link link : links(pair.operation(), pair)) {
                answering.merge(new Key(link, value(pair, link)), more, Integer::sum);
            }
        }
    }

    private void note(RecordedCall call, CameTo outcome, Map<Key, JsonObject> last) {
        Map<Link, Set<String>> values = new HashMap<>();
        for (RecordedCall.Pair pair : call.pairs()) {
            for (Link link : links(pair.operation(), pair)) {
                values.computeIfAbsent(link, each -> new TreeSet<>()).add(value(pair, link));
            }
        }
        // One answer to several calls does not say which of its values belong to which of them.
        values.forEach((link, each) -> each.forEach(value ->
                last.put(new Key(link, value), each.size() == 1 ? outcome.said(link.operation) : JsonObject.EMPTY)));
        call.operations().stream()
                .distinct()
                .forEach(operation -> outcome.said(operation).members().forEach((name, value) -> {
                    Set<JsonValue> all = said.computeIfAbsent(new Named(operation, name), each -> new HashSet<>());
                    if (all.size() < MAX_SEEN) {
                        all.add(value);
                    }
                }));
    }

    private static List<Link> links(String operation, RecordedCall.Pair pair) {
        List<Link> links = new ArrayList<>(List.of(new Link(operation, "")));
        pair.arguments().members().forEach((name, value) -> {
            if (!(value instanceof JsonObject || value instanceof JsonArray)) {
                links.add(new Link(operation, name));
            }
        });
        return links;
    }

    private static String value(RecordedCall.Pair pair, Link link) {
        JsonValue value = pair.arguments().get(link.same);
        return value == null ? "" : Jcs.canonical(value);
    }

    private void judge(
            RecordedCall.Pair pair, Map<Key, JsonObject> last, Map<Key, Integer> answering, boolean firstOfRun) {
        Calls calls = seen.computeIfAbsent(pair.operation(), operation -> new Calls());
        calls.count++;
        calls.runs += firstOfRun ? 1 : 0;
        Map<Link, Said> links = calls.links;
        if (links == null) {
            links = new TreeMap<>(Comparator.comparing(Link::operation).thenComparing(Link::same));
            calls.links = links;
            Set<String> answered = new TreeSet<>();
            last.keySet().forEach(key -> answered.add(key.link.operation));
            answered.remove(pair.operation());
            for (String operation : answered) {
                for (Link link : links(operation, pair)) {
                    JsonObject answer = last.get(new Key(link, value(pair, link)));
                    if (answer != null && !answer.members().isEmpty() && links.size() < MAX_LINKS) {
                        SortedMap<String, LearnedCondition> conditions = new TreeMap<>();
                        answer.members()
                                .keySet()
                                .forEach(name ->
                                        conditions.put(name, new LearnedCondition(pair.arguments(), link.same)));
                        links.put(link, new Said(new HashSet<>(), conditions));
                    }
                }
            }
        }
        links.entrySet().removeIf(each -> !holds(each.getKey(), each.getValue(), pair, last, answering));
    }

    /** Whether there was such an answer before this call, too. */
    private boolean holds(
            Link link, Said common, RecordedCall.Pair pair, Map<Key, JsonObject> last, Map<Key, Integer> answering) {
        String value = value(pair, link);
        JsonObject answer = last.get(new Key(link, value));
        boolean awaited = answering.getOrDefault(new Key(link, value), 0) > 0;
        if (answer == null || awaited || (!link.same.isEmpty() && value.isEmpty())) {
            return false;
        }
        if (common.values.size() < MAX_SEEN) {
            common.values.add(value);
        }
        common.conditions
                .entrySet()
                .removeIf(each -> answer.get(each.getKey()) == null
                        || !each.getValue()
                                .hold(
                                        Objects.requireNonNull(answer.get(each.getKey())),
                                        pair.arguments(),
                                        name -> isText.test(pair.operation(), name)));
        return true;
    }

    /**
     * The rules. Of one operation and one that answered, those under the argument whose values differ most.
     *
     * @param declared whether an operation's answers have a value of this name in the catalogue
     */
    List<RuleMiner.Mined> rules(BiPredicate<String, String> declared) {
        List<RuleMiner.Mined> rules = new ArrayList<>();
        seen.forEach((operation, calls) -> {
            if (calls.count < RuleMiner.SUPPORT || calls.links == null) {
                return;
            }
            SortedMap<String, Link> best = new TreeMap<>();
            Map<Link, Said> links = calls.links;
            links.keySet()
                    .forEach(link -> best.merge(
                            link.operation, link, (one, other) -> rank(other, links) > rank(one, links) ? other : one));
            best.values()
                    .forEach(link -> conditions(link, Objects.requireNonNull(links.get(link)), declared)
                            .forEach((name, condition) -> rules.add(new RuleMiner.Mined(
                                    "{when: " + YamlText.string(operation) + ", answered: "
                                            + YamlText.string(link.operation)
                                            + (link.same.isEmpty()
                                                    ? ""
                                                    : ", same: [" + YamlText.string(link.same) + "]")
                                            + ", where: {" + YamlText.string(name) + ": " + condition + "}}",
                                    RuleMiner.told(calls.count, calls.runs),
                                    link.same.isEmpty()
                                            ? ""
                                            : RuleMiner.precedence(link.operation, operation, link.same)))));
        });
        return rules;
    }

    private static int rank(Link link, Map<Link, Said> links) {
        return link.same.isEmpty()
                ? 0
                : Objects.requireNonNull(links.get(link)).values.size();
    }

    private SortedMap<String, String> conditions(Link link, Said common, BiPredicate<String, String> declared) {
        SortedMap<String, String> conditions = new TreeMap<>();
        common.conditions.forEach((name, condition) -> {
            Set<JsonValue> all = said.getOrDefault(new Named(link.operation, name), Set.of(JsonNull.NULL));
            String text = declared.test(link.operation, name) ? condition.toYaml(all, name) : "";
            if (!text.isEmpty()) {
                conditions.put(name, text);
            }
        });
        return conditions;
    }
}
