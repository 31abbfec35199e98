package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Fault;
import dev.errand.proof.Proofs.Read;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Faults that were found in published policies of others, written as templates: a property or a warning finds each. */
class PublishedFaultsTest {
    private static final String ALLOW = """
            allow:
              t:read: {resource: {exact: x}}
              t:look: {resource: {exact: x}}
              t:write: {resource: {exact: x}}
              t:pay: {resource: {exact: x}, amount: {one_of: [1, 5]}}
            """;

    private static Read template(String text) {
        return Proofs.template(ALLOW + text);
    }

    private static List<String> vacuous(String text) {
        Read read = template(text);
        return new Vacuity(
                        new Revision(read.template(), read.lines(), read.operations()),
                        Deadline.after(Duration.ofMinutes(2), System::nanoTime))
                .find().stream().map(Fault::message).toList();
    }

    /** t:look is the approval. */
    @Test
    void approvalAfterTheAct_insteadOfBefore() {
        assertThat(template("rules: [{precedence: \"t:pay\", before: \"t:look\"}]\n")
                        .told("precedence: \"t:look\", before: \"t:pay\""))
                .startsWith("does not hold for x: shortest run: 1. t:pay on x");
    }

    @Test
    void guardThatNeverBinds() {
        assertThat(vacuous("sequence: [t:read, t:write]\nrules: [{absence: \"t:read\", after: \"t:pay\"}]\n"))
                .contains("this rule can never object: no run comes to a call that it refuses");
    }

    @Test
    void budgetThatIsCountedTwice() {
        // Each of two rules has the whole budget, so that both together have twice as much.
        assertThat(template("""
                                rules:
                                  - {bounded: "t:pay", at-most: 2}
                                  - {bounded: "t:write", at-most: 2}
                                """).told("bounded: \"t:*\", effects: [write, execute], at-most: 2"))
                .contains("does not hold for x: shortest run: 1. ")
                .contains("3. ");
    }

    @Test
    void ruleOnAnOperationThatCannotOccur() {
        assertThat(vacuous("rules: [{bounded: \"t:delete\", at-most: 1}]\n"))
                .containsExactly("this rule can never object: no run comes to a call that it refuses");
    }

    @Test
    void before_metByAFailedCall() {
        assertThat(template("sequence: [{t:look: {times: 1, outcome: sent}}, t:pay]\n")
                        .told("precedence: \"t:look\", before: \"t:pay\""))
                .isEqualTo("does not hold for x: shortest run: 1. t:look on x (500), 2. t:pay on x {amount: 1} (200)");
    }

    @Test
    void limitOfAWindow_readAsOneOfTheTask() {
        assertThat(template("rules: [{bounded: \"t:pay\", at-most: 2, within: 10m}]\n")
                        .told("bounded: \"t:pay\", at-most: 2"))
                .startsWith(
                        "cannot be shown for x: tasks/x.yaml:9:9 would have to decide: shortest run: 1. t:pay on x");
        assertThat(template("rules: [{sum: \"t:pay\", of: amount, at-most: 10, same: [resource]}]\n")
                        .told("sum: \"t:pay\", of: amount, at-most: 5"))
                .startsWith("does not hold for x");
    }

    @Test
    void permitThatCanNeverMatch() {
        String never = "sequence: [t:read, t:delete, t:write]\n";
        assertThat(vacuous(never)).contains("no run uses this grant", "no run reaches this step of the plan");
        assertThat(template(never).told("possible: [\"t:write\"]"))
                .startsWith("cannot happen for x: call 1, t:write: tasks/x.yaml:9:");
    }
}
