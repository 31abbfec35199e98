package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Fault;
import dev.errand.proof.Proofs.Read;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What has no effect in a template. */
class VacuityTest {
    private static final String ALLOW = """
            allow:
              t:read: {resource: {path_containment: x}}
              t:write: {resource: {path_containment: x}}
            """;

    private static List<String> found(String text) {
        Read read = Proofs.template(ALLOW + text);
        return new Vacuity(
                        new Revision(read.template(), read.lines(), read.operations()),
                        Deadline.after(Duration.ofMinutes(2), System::nanoTime))
                .find().stream().map(Fault::toString).toList();
    }

    @Test
    void ruleOnAnOperationThatCannotOccur_neverObjects() {
        assertThat(found("rules: [{bounded: \"t:pay\", at-most: 1}]\n"))
                .containsExactly(
                        "tasks/x.yaml:7:9: this rule can never object: no run comes to a call that it refuses");
    }

    @Test
    void boundAboveThePlan_neverObjects() {
        assertThat(
                        found(
                                "sequence: [{t:read: 1..2}, {t:write: {times: 1, outcome: sent}}]\nrules:\n  - {bounded: \"t:write\", at-most: 3, same: [resource]}\n"))
                .containsExactly(
                        "tasks/x.yaml:9:5: this rule can never object: no run comes to a call that it refuses");
        assertThat(found("limits: {calls: 2}\nrules:\n  - {bounded: \"t:write\", at-most: 3}\n"))
                .containsExactly(
                        "tasks/x.yaml:9:5: this rule can never object: no run comes to a call that it refuses");
    }

    @Test
    void rulesThatBind_areNotTold() {
        assertThat(found("""
                        rules:
                          - {precedence: "t:read", before: "t:write", same: [resource]}
                          - {bounded: "t:write", at-most: 3, same: [resource], within: 1m}
                          - {distinct: "t:read", of: resource, at-most: 2}
                          - {absence: "t:read", after: "t:write", when: failed}
                        """)).isEmpty();
    }

    @Test
    void unreachedStepsAndGrants_areTold() {
        assertThat(found("sequence:\n  - t:read\n  - t:delete\n  - t:write\n"))
                .containsExactly(
                        "tasks/x.yaml:9:5: no run reaches this step of the plan",
                        "tasks/x.yaml:10:5: no run reaches this step of the plan",
                        "tasks/x.yaml:6:3: no run uses this grant");
    }

    @Test
    void unreachedBudget_isTold() {
        assertThat(
                        found(
                                "limits: {calls: 4}\nsequence:\n  - {t:read: {times: 1, outcome: sent}}\n  - {t:write: {times: 2, outcome: sent}}\n"))
                .containsExactly("tasks/x.yaml:7:10: no run can reach this budget: the longest run has 3 calls");
        assertThat(found("limits: {calls: 4}\nsequence: [t:read, t:write]\n"))
                .as("failed calls can be repeated")
                .isEmpty();
    }
}
