package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.proof.Proofs.Read;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is proved of small templates. */
class ProverTest {
    private static final String ALLOW = """
            allow:
              t:read: {resource: {path_containment: x}}
              t:write: {resource: {path_containment: x}}
              t:pay: {resource: {exact: x}, amount: {range: {min: 1, max: 300}}, invoice: {wildcard: true}}
            """;

    private static Read template(String text) {
        return Proofs.template(ALLOW + text);
    }

    private static void holds(String template, String property) {
        assertThat(template(template).told(property)).isEqualTo("holds");
    }

    private static void told(String template, String property, String expected) {
        assertThat(template(template).told(property)).isEqualTo(expected);
    }

    @Test
    void precedence_followsFromThePlan() {
        String plan = "sequence: [t:read, t:write]\n";
        holds(plan, "precedence: \"t:read\", before: \"t:write\"");
        holds(plan, "precedence: \"t:*\", before: \"t:write\", effects: [read]");
        told(
                plan,
                "precedence: \"t:write\", before: \"t:read\"",
                "does not hold for x: shortest run: 1. t:read on x/a (200)");
    }

    @Test
    void precedence_ofTheSameValue_needsTheSameValue() {
        String plan = "sequence: [t:read, t:write]\n";
        told(
                plan,
                "precedence: \"t:read\", before: \"t:write\", same: [resource]",
                "does not hold for x: shortest run: 1. t:read on x (200), 2. t:write on x/a (200)");
        holds(
                "sequence: [{t:read: {times: 1, same: [resource]}}, {t:write: {times: 1, same: [resource]}}]\n",
                "precedence: \"t:read\", before: \"t:write\", same: [resource]");
        holds(
                "rules: [{precedence: \"t:read\", before: \"t:write\", same: [resource]}]\n",
                "precedence: \"t:read\", before: \"t:write\"");
    }

    @Test
    void before_isNotMetByAFailedCall() {
        told(
                "sequence: [{t:read: {times: 1, outcome: sent}}, t:write]\n",
                "precedence: \"t:read\", before: \"t:write\"",
                "does not hold for x: shortest run: 1. t:read on x/a (500), 2. t:write on x/a (200)");
    }

    @Test
    void never_looksAtWholeRuns() {
        holds("sequence: [t:read]\n", "never: \"t:write\"");
        told(
                "sequence: [t:read, t:write]\n",
                "never: \"*:*\", effects: [write]",
                "does not hold for x: shortest run: 1. t:read on x/a (200), 2. t:write on x/a (200)");
        holds("limits: {calls: 1}\nsequence: [t:read, t:write]\n", "never: \"t:write\"");
    }

    private static String paying(int values, String more) {
        String some = IntStream.range(0, values).mapToObj(i -> "\"v" + i + "\"").collect(Collectors.joining(", "));
        return "allow: {\"t:write\": {resource: {exact: x}}, \"t:pay\": {resource: {one_of: [SOME]}, amount: {one_of: [SOME]}, invoice: {one_of: [SOME]}}}\n"
                        .replace("SOME", some)
                + more;
    }

    /** Of more values than are looked at, nothing is promised. */
    @Test
    void tooManyValues_areNotDecided() {
        String same = "bounded: \"t:pay\", at-most: 1, same: [amount, invoice]";
        assertThat(Proofs.template(paying(8, "limits: {calls: 1}\n")).told(same))
                .isEqualTo("holds");
        assertThat(Proofs.template(paying(9, "limits: {calls: 1}\n")).told(same))
                .startsWith("not decided for x");
        String rule = "limits: {calls: 1}\nsequence: [t:pay, t:write]\n"
                + "rules: [{bounded: t:pay, at-most: 5, same: [amount, invoice, resource]}]\n";
        assertThat(Proofs.template(paying(8, rule)).told("never: \"t:write\"")).isEqualTo("holds");
        assertThat(Proofs.template(paying(9, rule)).told("never: \"t:write\"")).startsWith("not decided for x");
        assertThat(Proofs.template(paying(9, rule)).told("never: \"t:pay\"")).startsWith("does not hold for x");
    }

    /** A parameter may equal each of these names: of more than are looked at, nothing is promised. */
    @Test
    void parameterThatMayEqualTooManyNames_isNotDecided() {
        String bounded = "bounded: \"t:write\", at-most: 1, same: [resource]";
        assertThat(Proofs.template(named(20, "limits: {calls: 1}\n")).told(bounded))
                .isEqualTo("holds");
        assertThat(Proofs.template(named(30, "limits: {calls: 1}\n")).told(bounded))
                .isEqualTo("not decided for x: its parameters may equal more than 24 names of constraints: narrower"
                        + " patterns of the parameters decide it");
        assertThat(Proofs.template(named(30, "limits: {calls: 2}\n")).told(bounded))
                .startsWith("does not hold for x");
    }

    private static String named(int names, String more) {
        return "parameters: {p: \"[a-z0-9]+\"}\n"
                + "allow: {\"t:write\": {resource: {exact: \"{p}\"}}, \"t:read\": {resource: {one_of: ["
                + IntStream.range(0, names).mapToObj(i -> "v" + i).collect(Collectors.joining(", "))
                + "]}}}\n"
                + more;
    }

    @Test
    void absence_countsWhatItsWhenSays() {
        String rule = "rules: [{absence: \"t:write\", after: \"t:read\", when: happened}]\n";
        holds(rule, "absence: \"t:write\", after: \"t:read\", when: happened");
        told(
                rule,
                "absence: \"t:write\", after: \"t:read\"",
                "does not hold for x: shortest run: 1. t:read on x/a (500), 2. t:write on x/a (200)");
        holds(
                "sequence: [t:write, t:read]\n",
                "absence: \"*:*\", effects: [write, execute, delete, admin], after: \"t:read\", when: happened");
    }

    @Test
    void bounded_countsPerValue() {
        String rule = "rules: [{bounded: \"t:pay\", at-most: 1, same: [invoice]}]\n";
        holds(rule, "bounded: \"t:pay\", at-most: 1, same: [invoice]");
        told(
                rule,
                "bounded: \"t:pay\", at-most: 1",
                "does not hold for x: shortest run: 1. t:pay on x {amount: 300, invoice: a} (200), 2. t:pay on x {amount:"
                        + " 300, invoice: b} (200)");
        holds("limits: {calls: 2}\n", "bounded: \"t:pay\", at-most: 2");
    }

    @Test
    void sum_findsTheLargestAmounts() {
        holds("rules: [{sum: \"t:pay\", of: amount, at-most: 500}]\n", "sum: \"t:pay\", of: amount, at-most: 500");
        told(
                "rules: [{sum: \"t:pay\", of: amount, at-most: 500}]\n",
                "sum: \"t:pay\", of: amount, at-most: 450",
                "does not hold for x: shortest run: 1. t:pay on x {invoice: a, amount: 225} (200), 2. t:pay on x {invoice:"
                        + " a, amount: 226} (200)");
        assertThat(template("").told("sum: \"t:pay\", of: amount, at-most: 100000"))
                .as("an amount that is no integer")
                .contains("shortest run: 1. t:pay on x {invoice: a, amount: 150.5}");
        assertThat(Proofs.template(
                                "allow: {t:pay: {resource: {exact: x}, amount: {one_of: [50, 100]}}}\nlimits: {calls: 3}\n")
                        .told("sum: \"t:pay\", of: amount, at-most: 300"))
                .isEqualTo("holds");
    }

    @Test
    void distinct_countsFreshValues() {
        told(
                "",
                "distinct: \"t:read\", of: resource, at-most: 2",
                "does not hold for x: shortest run: 1. t:read on x/b (200), 2. t:read on x/c (200), 3. t:read on x/d (200)");
        holds(
                "rules: [{distinct: \"t:read\", of: resource, at-most: 2}]\n",
                "distinct: \"t:read\", of: resource, at-most: 2");
        assertThat(Proofs.template("allow: {t:read: {resource: {one_of: [a, b]}}}\n")
                        .told("distinct: \"t:read\", of: resource, at-most: 2"))
                .isEqualTo("holds");
    }

    @Test
    void previous_isTheLastThatHappened() {
        holds("rules: [{previous: \"t:read\", before: \"t:write\"}]\n", "previous: \"t:read\", before: \"t:write\"");
        told(
                "rules: [{precedence: \"t:read\", before: \"t:write\"}]\n",
                "previous: \"t:read\", before: \"t:write\"",
                "does not hold for x: shortest run: 1. t:read on x/a (200), 2. t:write on x/a (200), 3. t:write on x/a (200)");
    }

    @Test
    void once_isSpentByEachCall() {
        holds(
                "rules: [{precedence: \"t:read\", before: \"t:write\", once: true}]\n",
                "precedence: \"t:read\", before: \"t:write\", once: true");
        holds("sequence: [{repeat: [t:read, t:write], times: 1..*}]\n", "precedence: \"t:read\", before: \"t:write\"");
    }

    @Test
    void approval_isAboutEachCall() {
        String asks = "ask: {by: {claim: g, any: [a], clients: [c]}}\n";
        String deletes =
                "allow: {t:delete: {resource: {exact: x}, ask: always}, t:read: {resource: {exact: x}}}\n" + asks;
        assertThat(Proofs.template(deletes).told("approval: \"*:*\", effects: [delete]"))
                .isEqualTo("holds");
        assertThat(Proofs.template(deletes).told("never: \"t:delete\""))
                .isEqualTo("does not hold for x: shortest run: 1. t:delete on x (approved, 200)");
        assertThat(Proofs.template(deletes).told("never: \"t:delete\", approved: false"))
                .isEqualTo("holds");
        assertThat(Proofs.template(deletes).told("approval: \"t:read\""))
                .isEqualTo("does not hold for x: shortest run: 1. t:read on x (200)");
    }

    @Test
    void approval_afterTheFact_isFound() {
        String asks = "ask: {by: {claim: g, any: [a], clients: [c]}}\non-violation: {rule: ask}\n";
        told(
                asks + "rules: [{absence: \"t:write\", after: \"t:write\"}]\n",
                "approval: \"t:write\"",
                "does not hold for x: shortest run: 1. t:write on x/a (200)");
    }

    @Test
    void only_comparesConstraints() {
        holds("", "only: \"t:read\", where: {resource: {path_containment: x}}");
        assertThat(template("").told("only: \"t:*\", where: {resource: {path_containment: x/b}}"))
                .isEqualTo("does not hold for x: shortest run: 1. t:read on x/a (200)");
        told(
                "",
                "only: \"t:read\", where: {resource: {path_containment: x/b}}",
                "does not hold for x: shortest run: 1. t:read on x/a (200)");
        assertThat(Proofs.template("parameters: {p: \"[a-z]+\"}\nallow: {t:read: {resource: {exact: \"{p}\"}}}\n")
                        .told("only: \"t:read\", where: {resource: {not_one_of: [prod]}}"))
                .isEqualTo("does not hold for x: shortest run: 1. t:read on prod (200)");
    }

    @Test
    void possible_saysWhatObjects() {
        holds("sequence: [t:read, t:write]\n", "possible: [\"t:read\", \"t:write\"]");
        told(
                "sequence: [t:read, t:write]\n",
                "possible: [\"t:write\", \"t:read\"]",
                "cannot happen for x: call 2, t:read: tasks/x.yaml:8:12 objects");
        told(
                "rules:\n  - {precedence: \"t:pay\", before: \"t:write\"}\n  - {absence: \"t:pay\", after: \"t:read\"}\n",
                "possible: [\"t:read\", \"t:write\"]",
                "holds");
        told(
                "rules:\n  - {precedence: \"t:write\", before: \"t:pay\"}\n  - {precedence: \"t:pay\", before: \"t:write\"}\n",
                "possible: [\"t:read\", \"t:write\"]",
                "cannot happen for x: call 2, t:write: tasks/x.yaml:10:5 objects");
        told(
                "",
                "possible: [\"t:read\", \"t:delete\"]",
                "cannot happen for x: call 2, t:delete: tasks/x.yaml:4:1 objects");
    }

    @Test
    void windows_wouldHaveToDecide() {
        String rule = "rules: [{absence: \"t:write\", after: \"t:read\", within: 10m}]\n";
        told(
                rule,
                "absence: \"t:write\", after: \"t:read\"",
                "cannot be shown for x: tasks/x.yaml:8:9 would have to decide: shortest run: 1. t:read on x/a (200), 2."
                        + " t:write on x/a (200)");
        holds(rule, "absence: \"t:write\", after: \"t:read\", within: 5m");
        holds("lifetime: 5m\n" + rule, "absence: \"t:write\", after: \"t:read\"");
        told(
                "sequence: [t:read, t:write]\n",
                "precedence: \"t:read\", before: \"t:write\", within: 5m",
                "does not hold for x: shortest run: 1. t:read on x/a (200), 2. t:write on x/a (200)");
        holds(
                "rules: [{precedence: \"t:read\", before: \"t:write\", within: 1m}]\n",
                "precedence: \"t:read\", before: \"t:write\", within: 5m");
    }

    @Test
    void returnedValues_wouldHaveToDecide() {
        String rule = "rules: [{from: {t:read: key}, to: {t:write: resource}}]\n";
        holds(rule, "precedence: \"t:read\", before: \"t:write\"");
        told(
                rule,
                "never: \"t:write\"",
                "cannot be shown for x: tasks/x.yaml:8:9 would have to decide: shortest run: 1. t:read on x/a (200), 2."
                        + " t:write on x/b (200)");
        holds(rule, "possible: [\"t:read\", \"t:write\"]");
    }

    @Test
    void flow_isAPartOfTheModel() {
        holds("flow: enforce\nsequence: [t:read, t:write]\n", "never: \"t:write\"");
    }

    @Test
    void faults_sayWhereAndWhat() {
        assertThat(Proofs.faults("name: p, templates: [y], never: \"t:raed\", effects: [write]"))
                .contains("unknown operation 't:raed'; did you mean")
                .contains("there is no template 'y'")
                .contains("`effects` narrows a pattern");
        assertThat(Proofs.faults("name: p, templates: \"*\"")).contains("a property is one of precedence");
        assertThat(Proofs.faults("name: p, templates: \"*\", never: \"u:*\"")).contains("unknown catalogue 'u'");
        assertThat(Proofs.faults("name: p, templates: \"*\", only: \"t:read\", where: {resource: {exakt: x}}"))
                .contains("unknown constraint 'exakt'");
        assertThat(Proofs.faults("name: p, templates: \"*\", bounded: \"t:read\", at-most: 0"))
                .contains("expected an integer 1..");
        assertThat(Proofs.faults("name: p, templates: \"*\", bounded: \"t:read\", at-most: 1, same: [resorce]"))
                .contains("unknown argument 'resorce' of 't:read'; did you mean");
        assertThat(Proofs.faults("name: p, templates: \"*\", never: \"t:read\", observe: true"))
                .contains("unknown key 'observe'");
    }
}
