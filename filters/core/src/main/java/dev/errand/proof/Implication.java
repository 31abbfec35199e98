package dev.errand.proof;

import dev.errand.operation.Operation;
import dev.errand.proof.Property.Operations;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Finds properties that a rule of the template says itself, at least as strictly. Pure. */
final class Implication {
    private Implication() {}

    /** Whether rules that refuse say the property for all operations that it names. */
    static boolean holds(World world, Property property) {
        Rule wanted = Objects.requireNonNull(property.rule());
        if (wanted.terms().kind().isEmpty() || wanted.terms().kind().equals("from")) {
            return false;
        }
        boolean ofAnswers = wanted.withoutAnswers() != null;
        Model model = new Model(world, List.of());
        List<Rule> rules = new ArrayList<>();
        for (int place = 0; place < model.rules().size(); place++) {
            Rule rule = model.rules().get(place);
            if (!rule.observe()
                    && rule.terms().kind().equals(wanted.terms().kind())
                    && !(model.asks(place) && property.approved())) {
                rules.add(rule);
            }
        }
        if (ofAnswers) {
            return rules.stream().anyMatch(rule -> rule.implies(wanted));
        }
        List<String> first = granted(world, property.operations().get(0));
        if (property.operations().size() == 1) {
            return first.size() == 1
                    && rules.stream()
                            .anyMatch(rule -> rule.operations().get(0).equals(first.get(0)) && counts(rule, wanted));
        }
        List<String> second = granted(world, property.operations().get(1));
        if (!wanted.terms().kind().equals("absence")) {
            return second.stream()
                    .allMatch(before -> rules.stream()
                            .anyMatch(rule -> first.contains(rule.operations().get(0))
                                    && rule.operations().get(1).equals(before)
                                    && precedes(rule, wanted, second.size())));
        }
        return first.stream()
                .allMatch(one -> second.stream()
                        .allMatch(after -> rules.stream()
                                .anyMatch(rule ->
                                        rule.operations().equals(List.of(one, after)) && forbids(rule, wanted))));
    }

    private static List<String> granted(World world, Operations named) {
        return world.granted().values().stream()
                .map(World.Granted::operation)
                .filter(named::has)
                .map(Operation::id)
                .toList();
    }

    private static boolean counts(Rule rule, Rule wanted) {
        RuleTerms have = rule.terms();
        RuleTerms want = wanted.terms();
        return have.atMost() <= want.atMost()
                && have.windowMillis() >= want.windowMillis()
                && Objects.equals(have.of(), want.of())
                && Set.copyOf(wanted.same()).containsAll(rule.same());
    }

    private static boolean precedes(Rule rule, Rule wanted, int befores) {
        RuleTerms have = rule.terms();
        RuleTerms want = wanted.terms();
        return have.windowMillis() <= want.windowMillis()
                && (!want.once() || (have.once() && befores == 1))
                && Set.copyOf(rule.same()).containsAll(wanted.same());
    }

    /** Whether there is no window. One that begins when the call was sent ends before one that begins at its outcome. */
    private static boolean isWhole(RuleTerms terms) {
        return !terms.isWindowed(Long.MAX_VALUE);
    }

    private static boolean forbids(Rule rule, Rule wanted) {
        RuleTerms have = rule.terms();
        RuleTerms want = wanted.terms();
        return have.windowMillis() >= want.windowMillis()
                && (have.when().equals(want.when()) || (have.when().equals("sent") && isWhole(have)))
                && Set.copyOf(wanted.same()).containsAll(rule.same());
    }
}
