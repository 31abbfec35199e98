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
import dev.errand.operation.AnswerCondition;
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
        Within within,
        List<String> same,
        boolean observe,
        Position position)
        implements Rule {
    /** The kind {@code answered}. */
    static final RuleKind KIND = new Kind();

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
        return new Answered(answered, when, alternatives, Within.TASK, same, observe, position);
    }

    @Override
    public Rule withoutAnswers() {
        return new Precedence(answered, when, Within.TASK, false, same, observe, position);
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
        return new AnsweredMonitor(
                this, OperationKey.of(answered, same, vocabulary), OperationKey.of(when, same, vocabulary));
    }

    /** The kind of this rule. */
    private static final class Kind implements RuleKind {
        private static final Shape CONDITIONS = Keys.of("answer-conditions").others(AnswerCondition.KEYS);

        private static final Keys KEYS = RuleKeys.of(
                required("answered", RuleKeys.OPERATION, "The operation whose last answer below 400 decides."),
                required("when", RuleKeys.OPERATION, "The operation that may be called only if the answer says so."),
                optional(
                        RuleKeys.WHERE,
                        CONDITIONS,
                        "Values under the `returns` of `answered`, each with a condition: all must hold."),
                optional(
                        RuleKeys.ANY,
                        Shape.some(CONDITIONS),
                        "Several such maps, of which one must hold, beside `where`."),
                Within.key("How old the answer may be; as old as the task if left out."));

        @Override
        public Keys keys() {
            return KEYS;
        }

        @Override
        public @Nullable Rule read(YamlMap map, Common common, Faults faults) {
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
            Within within = Within.read(map, faults);
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
                conditions(item, faults).forEach((name, condition) -> one.merge(name, condition, Kind::both));
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
    }
}
