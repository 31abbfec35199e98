package dev.errand.sequence.rule;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.AnswerCondition;
import dev.errand.sequence.rule.KeptAnswers.Answer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code when} may be sent only if the last answer of {@code answered} said so. The rule has no state of its own: it
 * looks at the {@link KeptAnswers}.
 *
 * @param alternatives one of these must hold: for each of its names a condition of that value; at least one
 */
record Answered(
        String answered,
        String when,
        List<Map<String, AnswerCondition>> alternatives,
        TimeWindow within,
        List<String> same,
        boolean observe,
        Position position)
        implements Rule {
    private static final Shape CONDITIONS = Keys.of("answer-conditions").others(AnswerCondition.KEYS);

    /** The kind {@code answered}. */
    static final RuleKind KIND = new RuleKind(
            RuleKeys.of(
                    required("answered", RuleKeys.OPERATION, "The operation whose last answer below 400 decides."),
                    required(
                            "when", RuleKeys.OPERATION, "The operation that may be called only if the answer says so."),
                    optional(
                            RuleKeys.WHERE,
                            CONDITIONS,
                            "Values under the `returns` of `answered`, each with a condition: all must hold."),
                    optional(
                            RuleKeys.ANY,
                            Shape.some(CONDITIONS),
                            "Several such maps, of which one must hold, beside `where`."),
                    TimeWindow.key("How old the answer may be; as old as the task if left out.")),
            Answered::read);

    private static final int MOST = 16;

    public Answered {
        List<Map<String, AnswerCondition>> copy = new ArrayList<>();
        alternatives.forEach(each -> copy.add(Collections.unmodifiableMap(new LinkedHashMap<>(each))));
        alternatives = List.copyOf(copy);
        same = same.stream().sorted().toList();
    }

    KeptAnswers.Source source() {
        return new KeptAnswers.Source(answered, same);
    }

    /** The names of the values that it looks at. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        alternatives.forEach(each -> names.addAll(each.keySet()));
        return names;
    }

    @Override
    public List<String> operations() {
        return List.of(answered, when);
    }

    @Override
    public Rule untimed() {
        return new Answered(answered, when, alternatives, TimeWindow.TASK, same, observe, position);
    }

    @Override
    public Rule withoutAnswers() {
        return new Precedence(answered, when, TimeWindow.TASK, false, same, observe, position);
    }

    @Override
    public boolean implies(Rule other) {
        return other instanceof Answered wide
                && source().equals(wide.source())
                && when.equals(wide.when)
                && within.millis() <= wide.within.millis()
                && alternatives.stream()
                        .allMatch(mine -> wide.alternatives.stream()
                                .anyMatch(theirs -> theirs.entrySet().stream()
                                        .allMatch(each -> mine.containsKey(each.getKey())
                                                && mine.get(each.getKey()).implies(each.getValue()))));
    }

    @Override
    public RuleTerms terms() {
        return RuleTerms.of(RuleTerms.ANSWERED).within(within);
    }

    @Override
    public String label() {
        List<String> any = alternatives.stream()
                .map(each -> {
                    List<String> all = new ArrayList<>();
                    each.forEach((name, condition) -> all.add(name + ": " + condition.label()));
                    Collections.sort(all);
                    return all.toString();
                })
                .toList();
        return "when: " + when + ", answered: " + answered + ", any: " + any + within.label();
    }

    @Override
    public String wanted() {
        String conditions = alternatives.stream()
                .map(each -> each.entrySet().stream()
                        .map(one ->
                                "`" + one.getKey() + "` must " + one.getValue().words())
                        .collect(Collectors.joining(", ")))
                .collect(Collectors.joining(", or "));
        return "`" + when + "` may be called only as the last answer of `" + answered + "`" + within.words()
                + " permits (" + conditions + ")";
    }

    @Override
    public Collection<Slot> looksAt(String operation) {
        Collection<Slot> slots = new ArrayList<>(Rule.super.looksAt(operation));
        if (operation.equals(when)) {
            alternatives.forEach(each -> each.values()
                    .forEach(condition -> condition
                            .arguments()
                            .forEach(argument -> slots.add(new Slot(Slot.Kind.PASSING, argument)))));
        }
        return slots;
    }

    @Override
    public Set<String> returns(String operation) {
        return operation.equals(answered) ? names() : Set.of();
    }

    @Override
    public boolean keepsAnswers() {
        return true;
    }

    @Override
    public int maxEntries() {
        return 0;
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        return new Monitor(this, OperationKey.of(answered, same, vocabulary), OperationKey.of(when, same, vocabulary));
    }

    private static @Nullable Rule read(YamlMap map, RuleKind.Common common, Faults faults) {
        int before = faults.count();
        String answered = map.requiredString("answered", faults);
        String when = map.requiredString("when", faults);
        if (answered != null && answered.equals(when)) {
            faults.add(map.at("when"), "`" + when + "` cannot wait for its own answer: no call could be the first");
        }
        YamlNode where = map.optional(RuleKeys.WHERE);
        YamlNode any = map.optional(RuleKeys.ANY);
        if (where == null && any == null) {
            faults.add(map.at(), "write under `where` what the answer must say, or several such maps under `any`");
        }
        Map<String, AnswerCondition> always = where == null ? Map.of() : conditions(where, faults);
        List<Map<String, AnswerCondition>> alternatives = any == null ? List.of(always) : any(any, always, faults);
        TimeWindow within = TimeWindow.read(map, faults);
        return answered == null || when == null || faults.count() > before
                ? null
                : new Answered(
                        answered, when, alternatives, within, common.same(), common.observe(), common.position());
    }

    private static List<Map<String, AnswerCondition>> any(
            YamlNode node, Map<String, AnswerCondition> always, Faults faults) {
        YamlList list = node.list(faults);
        List<Map<String, AnswerCondition>> all = new ArrayList<>();
        if (list == null) {
            return all;
        }
        if (list.items().isEmpty() || list.items().size() > MOST) {
            faults.add(list.at(), "`any` has 1 to " + MOST + " maps");
        }
        for (YamlNode item : list.items()) {
            Map<String, AnswerCondition> one = new LinkedHashMap<>(always);
            conditions(item, faults).forEach((name, condition) -> one.merge(name, condition, Answered::both));
            all.add(one);
        }
        return all;
    }

    private static AnswerCondition both(AnswerCondition one, AnswerCondition other) {
        List<AnswerCondition.Demand> all = new ArrayList<>(one.demands());
        all.addAll(other.demands());
        return new AnswerCondition(all);
    }

    private static Map<String, AnswerCondition> conditions(YamlNode node, Faults faults) {
        Map<String, AnswerCondition> conditions = new LinkedHashMap<>();
        YamlMap map = node.map(faults);
        if (map == null) {
            return conditions;
        }
        if (map.members().isEmpty() || map.members().size() > MOST) {
            faults.add(map.at(), "name 1 to " + MOST + " values of the answer here, each with a condition");
        }
        map.members().forEach((name, value) -> {
            AnswerCondition condition = AnswerCondition.read(value, AnswerCondition.KEYS, faults);
            if (condition != null) {
                conditions.put(name, condition);
            }
        });
        return conditions;
    }

    /**
     * The compiled {@link Answered}. It has no state. It needs the outcome of every call of the operation that answers.
     * Cost: a look-up, and one SHA-256 for each text that is compared.
     *
     * @param answered the operation that answers
     * @param when the operation that is judged
     */
    record Monitor(Answered rule, OperationKey answered, OperationKey when) implements RuleMonitor {
        @Override
        public boolean concerns(int symbol) {
            return symbol == answered.symbol() || symbol == when.symbol();
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return answered.is(place);
        }

        @Override
        public boolean minds(Tally tally, Place place, RuleContext.Unknown call, long nowMillis) {
            return answered.is(place) && rule.within().counts(call.sinceMillis(), nowMillis);
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            Place place = pair.place();
            if (!when.is(place)) {
                return null;
            } else if (!when.isComplete(place)) {
                return breach(false, "this call lacks " + String.join(" or ", rule.same()));
            }
            Value same = when.value(place);
            if (task.isAnswering(each -> answered.is(each, same))) {
                return new Breach(true, wanted() + Breach.UNANSWERED, List.of(rule.answered(), rule.when()));
            }
            Answer last = task.kept().find(rule.source(), same);
            String missed = last != null && rule.within().counts(last.atMillis(), task.nowMillis())
                    ? missed(last, pair, task.answers())
                    : none(last, task);
            List<String> unknown = task.unknown(
                    answered,
                    same,
                    since -> (last == null || since >= last.atMillis())
                            && rule.within().counts(since, task.nowMillis()));
            // A call whose outcome is unknown may have brought an answer that nobody read.
            boolean otherwise =
                    !unknown.isEmpty() && (missed == null) != (missed(Answer.SILENT, pair, task.answers()) == null);
            if (otherwise) {
                return Breach.unknown(unknown, wanted(), List.of(rule.answered(), rule.when()));
            }
            return missed == null ? null : breach(last != null, missed);
        }

        private String wanted() {
            return "`" + rule.when() + "` may be called only as the last answer of `" + rule.answered() + "` permits"
                    + Breach.same(rule) + " (rule at " + rule.position() + ")";
        }

        private Breach breach(boolean answeredBefore, String why) {
            return new Breach(
                    false,
                    wanted() + "; " + why,
                    answeredBefore ? List.of(rule.answered(), rule.when()) : List.of(rule.when()));
        }

        private String none(@Nullable Answer last, RuleContext task) {
            if (last == null && task.kept().isFull()) {
                return "no such answer is kept, and the task keeps no more than " + KeptAnswers.MAX + " answers";
            }
            return "there is no such answer"
                    + (last == null ? "" : rule.within().words());
        }

        /** Why the answer does not permit the call; null if it does. */
        private @Nullable String missed(Answer last, Pair pair, AnswerValues keyed) {
            String first = null;
            for (Map<String, AnswerCondition> alternative : rule.alternatives()) {
                String missed = missed(alternative, last, pair, keyed);
                if (missed == null) {
                    return null;
                }
                first = first == null ? missed : first;
            }
            return rule.alternatives().size() == 1 ? first : "none of the maps under `any` holds: " + first;
        }

        private @Nullable String missed(
                Map<String, AnswerCondition> alternative, Answer last, Pair pair, AnswerValues keyed) {
            for (Map.Entry<String, AnswerCondition> each : alternative.entrySet()) {
                AnswerCondition.Demand missed = each.getValue()
                        .missed(
                                KeptAnswers.seen(rule.source(), each.getKey(), last, keyed),
                                name -> scalars(pair, name));
                if (missed != null) {
                    return "its `" + each.getKey() + "` must " + AnswerCondition.words(missed);
                }
            }
            return null;
        }

        /** The scalars that an argument equals: itself, and for a text of the request's head also the number that it spells. */
        private static List<JsonValue> scalars(Pair pair, String name) {
            JsonValue value = pair.arguments().get(name);
            if (value == null || value instanceof JsonObject || value instanceof JsonArray) {
                return List.of();
            }
            JsonNumber spelled =
                    value instanceof JsonString text && pair.isText().test(name) ? Jcs.spelled(text.value()) : null;
            return spelled == null ? List.of(value) : List.of(value, spelled);
        }
    }
}
