package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.template.CatalogueDirectory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Templates that break a property by what one sample does not show. */
class ProverSoundnessTest {
    private static void isBroken(String template, String property) {
        assertThat(Proofs.template(template).told(property)).isNotEqualTo("holds");
    }

    @Test
    void only_seesEveryAlternativeOfAParameter() {
        isBroken(
                "parameters: {env: \"staging|prod\"}\nallow: {t:write: {resource: {exact: \"{env}/api\"}}}\n",
                "only: \"t:*\", where: {resource: {path_containment: staging}}");
        isBroken(
                "parameters: {env: \"staging-[0-9]|prod\"}\nallow: {t:write: {resource: {exact: \"{env}/api\"}}}\n",
                "only: \"t:*\", where: {resource: {one_of: [staging-0/api, staging-1/api, staging-2/api, staging-3/api, staging-4/api, staging-5/api, staging-6/api, staging-7/api, staging-8/api, staging-9/api]}}");
        assertThat(Proofs.template(
                                "parameters: {svc: \"[a-z]+\"}\nallow: {t:write: {resource: {exact: \"staging/{svc}\"}}}\n")
                        .told("only: \"t:*\", where: {resource: {path_containment: staging}}"))
                .isEqualTo("holds");
    }

    @Test
    void distinct_seesAllValuesOfAListParameter() {
        isBroken(
                "parameters: {names: {list: \"[a-z]+\", max: 64}}\nallow: {t:write: {resource: {one_of: \"{names}\"}}}\n",
                "distinct: \"t:write\", of: resource, at-most: 8");
    }

    @Test
    void sum_seesTheValuesBetween() {
        isBroken("""
                allow: {t:pay: {resource: {exact: x}, amount: {one_of: [400, 290, 1]}}}
                rules:
                  - {sum: "t:pay", of: amount, at-most: 700}
                  - {bounded: "t:pay", at-most: 2}
                """, "sum: \"t:pay\", of: amount, at-most: 500");
    }

    @Test
    void bounded_seesTheValuesThatARuleLetsPass() {
        isBroken("""
                allow: {t:read: {resource: {one_of: [p, q]}}, t:write: {resource: {wildcard: true}}}
                rules: [{precedence: "t:read", before: "t:write", same: [resource]}]
                """, "bounded: \"t:write\", at-most: 1, same: [resource]");
    }

    @Test
    void absenceAfterTheOutcome_doesNotFollowFromAWindowAfterSending() {
        isBroken("""
                allow: {t:read: {resource: {exact: x}}, t:write: {resource: {exact: x}}}
                rules: [{absence: "t:write", after: "t:read", within: 5m}]
                """, "absence: \"t:write\", after: \"t:read\", within: 5m, when: happened");
    }

    @Test
    void only_seesTheValueThatARuleLetsPass() {
        isBroken("""
                allow: {t:pay: {resource: {exact: x}, amount: {range: {min: 1, max: 300}}}}
                rules: [{sum: "t:pay", of: amount, at-most: 100}]
                """, "only: \"t:pay\", where: {amount: {range: {max: 5}}}");
    }

    @Test
    void approval_seesACallWhoseTwoArgumentsPass() {
        isBroken("""
                ask: {by: {claim: g, any: [a], clients: [c]}}
                allow: {t:pay: {resource: {exact: x}, amount: {range: {min: 1, max: 300}}, invoice: {one_of: [i, j]}, ask: {unless: {amount: {range: {max: 5}}, invoice: {exact: j}}}}}
                """, "approval: \"t:pay\"");
    }

    @Test
    void unapproved_seesTheValuesThatPassWithoutAHuman() {
        String ask = """
                ask: {by: {claim: g, any: [a], clients: [c]}}
                allow:
                  t:read: {resource: {wildcard: true}}
                  t:write: {resource: {wildcard: true}, ask: {unless: {resource: {path_containment: safe}}}}
                """;
        isBroken(ask, "bounded: \"t:write\", at-most: 1, same: [resource], approved: false");
        isBroken(
                ask + "rules: [{precedence: \"t:read\", before: \"t:write\", same: [resource]}]\n",
                "never: \"t:write\", approved: false");
    }

    /** Endlessly many values, or values of grant and clause together, may pass without a human. */
    @Test
    void unapproved_seesAllValuesThatPassWithoutAHuman() {
        String ask = "ask: {by: {claim: g, any: [a], clients: [c]}}\n";
        String write = ask + "allow: {t:write: {resource: {wildcard: true}, ask: {unless: {resource: UNLESS}}}}\n";
        for (String unless : List.of(
                "{path_containment: safe}",
                "{not_one_of: [secret]}",
                "{wildcard: true}",
                "{one_of: [a, b, c, d, e]}",
                "{any: [{path_containment: x}, {path_containment: y}]}")) {
            String template = write.replace("UNLESS", unless);
            isBroken(template, "distinct: \"t:write\", of: resource, at-most: 4, approved: false");
            isBroken(template, "bounded: \"t:write\", at-most: 4, approved: false");
            isBroken(template, "bounded: \"t:write\", at-most: 1, same: [resource], approved: false");
        }
        isBroken(
                ask
                        + "allow: {t:write: {resource: {path_containment: x}, n: {wildcard: true}, ask: {unless: {resource: {one_of: [a, x/y/z]}}}}}\n",
                "bounded: \"t:write\", at-most: 1, same: [resource], approved: false");
        isBroken(
                ask
                        + "allow: {t:pay: {resource: {exact: x}, amount: {range: {min: 0, max: 300}}, ask: {unless: {amount:"
                        + " {range: {max: 70}}}}}}\nlimits: {calls: 3}\n",
                "sum: \"t:pay\", of: amount, at-most: 209, approved: false");
    }

    /** Parameters may have the values that the clause demands. */
    @Test
    void unapproved_seesParametersThatEqualWhatPassesWithoutAHuman() {
        String ask =
                "parameters: {env: \"[a-z]+\", svc: \"[a-z0-9-]+\"}\nask: {by: {claim: g, any: [a], clients: [c]}}\n";
        for (String write : List.of(
                "{path_containment: \"{env}\"}, ask: {unless: {resource: {path_containment: staging}}}",
                "{path_containment: \"{env}\"}, ask: {unless: {resource: {exact: staging/api}}}",
                "{exact: \"{env}/api\"}, ask: {unless: {resource: {path_containment: staging}}}",
                "{exact: \"{env}/{svc}\"}, ask: {unless: {resource: {one_of: [staging/api-1, staging/api-2]}}}",
                "{exact: \"deploy/{svc}-of-{env}\"}, ask: {unless: {resource: {exact: deploy/api-of-staging}}}",
                "{one_of: [deploy/api, deploy/web]}, ask: {unless: {resource: {exact: \"deploy/{svc}\"}}}",
                "{path_containment: deploy}, ask: {unless: {resource: {path_containment: \"{env}/x\"}}}",
                "{exact: \"{svc}\"}, n: {exact: \"{env}\"}, ask: {unless: {resource: {exact: s1}, n: {one_of: [t, u]}}}",
                "{exact: \"{env}\"}, ask: {unless: {resource: {not_one_of: [a]}}}")) {
            String template = ask + "allow: {t:write: {resource: " + write + "}}\n";
            isBroken(template, "approval: \"t:write\"");
            isBroken(template, "never: \"t:write\", approved: false");
            isBroken(template, "bounded: \"t:write\", at-most: 1, same: [resource], approved: false");
            assertThat(Proofs.template(template).told("possible: [\"t:write\"], approved: false"))
                    .as(write)
                    .isEqualTo("holds");
        }
        for (String write : List.of(
                "{path_containment: \"x/{env}\"}, ask: {unless: {resource: {path_containment: staging}}}",
                "{exact: \"{env}/api\"}, ask: {unless: {resource: {exact: staging/web}}}",
                "{exact: \"{env}\"}, ask: {unless: {resource: {exact: UPPER}}}")) {
            String template = ask + "allow: {t:write: {resource: " + write + "}}\n";
            assertThat(Proofs.template(template).told("approval: \"t:write\"")).isEqualTo("holds");
        }
    }

    @Test
    void unapproved_holdsForWhatOnlyHumansLetPass() {
        String ask = "ask: {by: {claim: g, any: [a], clients: [c]}}\n";
        Proofs.Read small = Proofs.template(ask
                + "allow: {t:pay: {resource: {exact: x}, amount: {one_of: [10, 70, 300]}, ask: {unless: {amount:"
                + " {range: {max: 70}}}}}}\nlimits: {calls: 3}\n");
        assertThat(small.told("sum: \"t:pay\", of: amount, at-most: 210, approved: false"))
                .isEqualTo("holds");
        assertThat(small.told("only: \"t:pay\", where: {amount: {range: {max: 70}}}, approved: false"))
                .isEqualTo("holds");
        assertThat(small.told("only: \"t:pay\", where: {amount: {range: {max: 70}}}"))
                .isNotEqualTo("holds");
        Proofs.Read safe = Proofs.template(ask
                + "allow: {t:write: {resource: {wildcard: true}, ask: {unless: {resource: {path_containment: safe}}}}}\n"
                + "rules: [{bounded: \"t:write\", at-most: 2, same: [resource]}]\n");
        assertThat(safe.told("only: \"t:write\", where: {resource: {path_containment: safe}}, approved: false"))
                .isEqualTo("holds");
        assertThat(safe.told("bounded: \"t:write\", at-most: 2, same: [resource], approved: false"))
                .isEqualTo("holds");
        assertThat(safe.told("never: \"t:write\", approved: false")).contains("1. t:write on safe");
    }

    /** What an answer says is not known: the call may come, and it may need no more than the answer. */
    @Test
    void ruleOverAnswers_showsOnlyThatTheOperationAnsweredBefore() {
        String rule = """
                allow: {t:read: {resource: {wildcard: true}}, t:delete: {resource: {wildcard: true}}}
                rules: [{when: "t:delete", answered: "t:read", same: [resource], where: {key: {exact: old}}, within: 5m}]
                """;
        isBroken(rule, "never: \"t:delete\"");
        isBroken(rule, "bounded: \"t:delete\", at-most: 1");
        isBroken(rule, "absence: \"t:delete\", after: \"t:read\"");
        isBroken(
                rule.replace("exact: old", "present: false"),
                "absence: \"t:delete\", after: \"t:read\", when: happened");
        assertThat(Proofs.template(rule).told("precedence: \"t:read\", before: \"t:delete\", same: [resource]"))
                .isEqualTo("holds");
        assertThat(Proofs.template(rule).told("never: \"t:delete\""))
                .contains("cannot be shown for x: tasks/x.yaml:5:9 would have to decide");
        isBroken(
                rule.replace("same: [resource], ", ""),
                "precedence: \"t:read\", before: \"t:delete\", same: [resource]");
        isBroken(rule.replace("same: [resource], ", "observe: true, "), "precedence: \"t:read\", before: \"t:delete\"");
    }

    @Test
    void sumWithinAWindow_isNoSumOfTheTask() {
        String rule = """
                allow: {t:pay: {resource: {exact: x}, amount: {range: {min: 0, max: 300}}}}
                rules: [{sum: "t:pay", of: amount, at-most: 500, within: 5m}]
                """;
        isBroken(rule, "sum: \"t:pay\", of: amount, at-most: 500");
        isBroken(rule, "sum: \"t:pay\", of: amount, at-most: 500, within: 6m");
        assertThat(Proofs.template(rule).told("sum: \"t:pay\", of: amount, at-most: 500, within: 5m"))
                .isEqualTo("holds");
    }

    @Test
    void flow_seesThatATrustedAnswerMayFixTheArgument() {
        CatalogueDirectory operations = Proofs.operations("""
                catalogue: t
                resolver: template
                operations:
                  - {id: read, match: {method: GET, path: /a}, effect: read, resource: all, yields: untrusted}
                  - {id: list, match: {method: GET, path: /b}, effect: read, resource: all, returns: {key: "body:/keys/*"}}
                  - {id: write, match: {method: PUT, path: /c}, effect: write, resource: all, params: {n: "body:/n"}, needs: {trusted: [n]}}
                """);
        String template = "allow: {t:read: {}, t:list: {}, t:write: {}}\nflow: enforce\n";
        String after = "absence: \"t:write\", after: \"t:read\"";
        assertThat(Proofs.template(template, operations).told(after)).isEqualTo("holds");
        assertThat(Proofs.template(template + "flow-from: {t:write: {n: [\"t:list: key\"]}}\n", operations)
                        .told(after))
                .isNotEqualTo("holds");
    }
}
