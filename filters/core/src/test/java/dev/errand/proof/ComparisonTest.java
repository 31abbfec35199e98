package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.proof.Proofs.Read;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one template permits and another refuses. */
class ComparisonTest {
    private static final String ALLOW =
            "allow:\n  t:read: {resource: {path_containment: x}}\n  t:write: {resource: {path_containment: x}}\n";

    private static Revision revision(String text) {
        Read read = Proofs.template(text);
        return new Revision(read.template(), read.lines(), read.operations());
    }

    private static List<String> more(String now, String before) {
        return new Comparison(revision(now), revision(before), Deadline.after(Duration.ofMinutes(2), System::nanoTime))
                .run().stream()
                        .map(change -> change.part() + ": " + change.text() + ": " + change.run())
                        .toList();
    }

    @Test
    void equalTemplates_permitTheSame() {
        String text = ALLOW + "sequence: [t:read, t:write]\nrules: [{bounded: \"t:read\", at-most: 2, within: 1m}]\n";
        assertThat(more(text, text)).isEmpty();
        assertThat(more(text, text.replace("  t:read", "  # a comment\n  t:read")))
                .isEmpty();
    }

    @Test
    void narrowerTemplate_permitsNothingNew() {
        assertThat(more(ALLOW + "sequence: [t:read, t:write]\n", ALLOW)).isEmpty();
        assertThat(more(ALLOW.replace("x}", "x/y}"), ALLOW)).isEmpty();
        assertThat(more(ALLOW + "limits: {calls: 3}\nlifetime: 5m\n", ALLOW + "limits: {calls: 4}\n"))
                .isEmpty();
    }

    @Test
    void wideGrants_areTold() {
        assertThat(more(ALLOW, ALLOW.replace("x}", "x/y}")))
                .containsExactly(
                        "grants: t:read may have another 'resource': 1. t:read on x/a (200)",
                        "grants: t:write may have another 'resource': 1. t:write on x/a (200)");
        assertThat(more(ALLOW + "  t:delete: {}\n", ALLOW))
                .containsExactly("grants: t:delete is granted: 1. t:delete (200)");
        assertThat(more(ALLOW + "  t:delete: {}\nsequence: [t:read]\n", ALLOW + "sequence: [t:read]\n"))
                .as("no run uses it")
                .isEmpty();
    }

    @Test
    void otherOrders_areTold() {
        assertThat(more(ALLOW, ALLOW + "sequence: [t:read, t:write]\n"))
                .containsExactly("plan: an order that the plan of the other refuses: 1. t:write on x/a (200)");
        assertThat(
                        more(
                                ALLOW + "sequence: [t:read, t:write]\n",
                                ALLOW
                                        + "sequence: [{t:read: {times: 1, same: [resource]}}, {t:write: {times: 1, same: [resource]}}]\n"))
                .singleElement()
                .asString()
                .startsWith(
                        "plan: an order that the plan of the other refuses: 1. t:read on x/a (200), 2. t:write on ");
    }

    @Test
    void lostRules_areTold() {
        String rule = "rules: [{precedence: \"t:read\", before: \"t:write\", same: [resource]}]\n";
        assertThat(more(ALLOW, ALLOW + rule))
                .containsExactly(
                        "rules: the rule is not there, or says less: precedence: t:read, before: t:write: 1. t:write on x/a"
                                + " (200)");
        assertThat(more(
                        ALLOW
                                + "sequence: [{t:read: {times: 1, same: [resource]}}, {t:write: {times: 1, same: [resource]}}]\n",
                        ALLOW + rule))
                .as("the plan says it too")
                .isEmpty();
        assertThat(more(
                        ALLOW + "rules: [{bounded: \"t:read\", at-most: 3}]\n",
                        ALLOW + "rules: [{bounded: \"t:read\", at-most: 4}]\n"))
                .isEmpty();
    }

    /** What answers said is not known: a rule that asks for an absent value is not shown by another. */
    @Test
    void weakerRulesOverAnswers_areTold() {
        String rule =
                "rules: [{when: \"t:write\", answered: \"t:read\", same: [resource], where: {key: {present: false}},"
                        + " within: 10m}]\n";
        assertThat(more(ALLOW + rule, ALLOW + rule)).isEmpty();
        assertThat(more(ALLOW + rule.replace("10m", "1h"), ALLOW + rule)).isNotEmpty();
        assertThat(more(
                        ALLOW + "rules: [{precedence: \"t:read\", before: \"t:write\", same: [resource]}]\n",
                        ALLOW + rule))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "standing: {runs: 9, within: 5d} | '' | starts: a human may allow more runs at once",
                "instruction: {trust: agent} | '' | starts: what the agent says of its instruction is trusted",
                "standing: {runs: 9, within: 5d} | standing: {runs: 8, within: 5d} | starts: a human may allow more runs at once",
                "standing: {runs: 9, within: 5d, at-once: 2} | standing: {runs: 9, within: 5d} | starts: a human may allow more runs at once",
                "'' | starts: {active: 3} | starts: a human and an agent may have or start more tasks",
                "starts: {limit: {capacity: 3, per: 1h}} | starts: {limit: {capacity: 3, per: 2h}} | starts: a human and an agent may have or start more tasks",
                "start: {confirm: none} | '' | starts: less is demanded of a human who allows the task at the page",
                "start: {max-age: 5m} | '' | starts: less is demanded of a human who allows the task at the page",
                "start: {acr: [a, b]} | start: {acr: [a]} | starts: less is demanded of a human who allows the task at the page",
                "ask: {by: {claim: g, any: [x], clients: [c]}} | ask: {by: {claim: g, any: [x], clients: [c]}, quorum: 2} | approvals: other humans may approve calls, or fewer are needed",
                "ask: {by: {claim: g, any: [y], clients: [c]}} | ask: {by: {claim: g, any: [x], clients: [c]}} | approvals: other humans may approve calls, or fewer are needed",
                "ask: {by: {claim: g, any: [x], clients: [c]}} | ask: {by: {claim: g, any: [x], clients: [c], max-age: 5m}} | approvals: other humans may approve calls, or fewer are needed",
                "ask: {by: {claim: g, any: [x], clients: [c], max-age: 5m}} | ask: {by: {claim: g, any: [x], clients: [c], max-age: 5m, fresh: true}} | approvals: other humans may approve calls, or fewer are needed",
                "ask: {by: {claim: g, any: [x], clients: [c], fresh: true}, within: 20m} | ask: {by: {claim: g, any: [x], clients: [c], fresh: true, max-age: 5m}, within: 20m} | approvals: other humans may approve calls, or fewer are needed"
            })
    void whoMayStartAndApprove_isToldWhereMoreIsPermitted(String wide, String narrow, String told) {
        assertThat(more(ALLOW + wide + "\n", ALLOW + narrow + "\n")).containsExactly(told + ": null");
        boolean others = wide.contains("[y]");
        assertThat(more(ALLOW + narrow + "\n", ALLOW + wide + "\n")).hasSize(others ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[spiffe://e.org/ci/*] | [spiffe://e.org/ci/a]",
                "[spiffe://e.org/*] | [spiffe://e.org/b-*, spiffe://e.org/*-c]",
                "[spiffe://e.org/*a] | [spiffe://e.org/b*a]",
            })
    void moreAgents_areTold(String wide, String narrow) {
        String head = "template: x\nhumans: {claim: g, any: [a]}\n" + ALLOW + "agents: ";
        assertThat(more(head + wide, head + narrow)).containsExactly("starts: more agents may be given the task: null");
        assertThat(more(head + narrow, head + wide)).isEmpty();
        assertThat(more(head + wide, head + wide)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{claim: g, any: [a, b]} | {claim: g, any: [a]}",
                "{claim: g, any: [a]} | {claim: g, any: [a], issuer: \"https://idp.example\"}",
                "{claim: g, any: [a]} | {claim: g, any: [a], where: {sub: [s]}}",
                "{claim: g, any: [a], where: {sub: [s, t]}} | {claim: g, any: [a], where: {sub: [s]}}",
                "{claim: g, any: [a]} | {claim: h, any: [b], where: {g: [a]}}",
            })
    void otherHumans_areToldIfMoreMayAuthorise(String wide, String narrow) {
        String head = "template: x\nagents: [\"spiffe://e.org/a\"]\n" + ALLOW + "humans: ";
        assertThat(more(head + wide, head + narrow))
                .containsExactly("starts: other humans may authorise the task: null");
        assertThat(more(head + narrow, head + wide)).isEmpty();
        assertThat(more(head + wide, head + wide)).isEmpty();
    }

    @Test
    void valuesOfAnswers_atWhichRulesLook_areToldWhereTheyAreOthers() {
        String rule = "rules: [{from: {\"t:read\": key}, to: {\"t:write\": resource}}]\n";
        Read other = Proofs.template(
                ALLOW + rule, Proofs.operations(Proofs.CATALOGUE.replace("body:/keys/*", "body:/notes/*")));
        Comparison comparison = new Comparison(
                new Revision(other.template(), other.lines(), other.operations()),
                revision(ALLOW + rule),
                Deadline.after(Duration.ofMinutes(2), System::nanoTime));
        assertThat(comparison.run())
                .extracting(Comparison.Change::text)
                .containsExactly("rules look at another 'key' of t:read");
        assertThat(more(ALLOW + rule, ALLOW + rule)).isEmpty();
    }

    @Test
    void equalTemplates_whoseAnswersFixArguments_permitTheSame() {
        String text = ALLOW + "flow: enforce\nflow-from: {\"t:write\": {resource: [\"t:read: key\"]}}\n";
        assertThat(more(text, text)).isEmpty();
    }

    @Test
    void widerOffers_areTold() {
        String ask = "ask: {by: {claim: g, any: [a], clients: [c]}}\n";
        String one = "allow: {\"t:write\": {resource: {exact: x}, ask: always}}\n" + ask;
        String five = one.replace("always", "{offer: {calls: 5, fixed: [resource]}}");
        String told = "approvals: t:write: one answer of a human lets 5 calls pass that have the same resource: null";
        assertThat(more(five, one)).containsExactly(told);
        assertThat(more(one, five)).isEmpty();
        assertThat(more(five, five)).isEmpty();
        assertThat(more(five, five.replace("5", "4"))).containsExactly(told);
        assertThat(more(five.replace("[resource]}}", "[resource], task: true}}"), five))
                .containsExactly(told);
    }

    @Test
    void lostApprovals_areTold() {
        String ask = "ask: {by: {claim: g, any: [a], clients: [c]}}\n";
        String always = "allow: {t:delete: {resource: {exact: x}, ask: always}}\n" + ask;
        assertThat(more(always.replace(", ask: always", ""), always))
                .containsExactly("approvals: t:delete passes without a human: 1. t:delete on x (200)");
        assertThat(more(always, always.replace(", ask: always", ""))).isEmpty();
        String rule = "rules: [{absence: \"t:write\", after: \"t:read\"}]\n";
        assertThat(more(ALLOW + ask + "on-violation: {rule: ask}\n" + rule, ALLOW + rule))
                .singleElement()
                .asString()
                .contains("2. t:write on x/a (approved, 200)");
        assertThat(more(ALLOW + rule, ALLOW + ask + "on-violation: {rule: ask}\n" + rule))
                .isEmpty();
    }

    @Test
    void widerClausesOfWhatPassesWithoutAHuman_areTold() {
        String ask = "parameters: {env: \"[a-z]+\"}\nask: {by: {claim: g, any: [a], clients: [c]}}\n";
        String write = ask
                + "allow: {t:write: {resource: {path_containment: \"{env}\"}, ask: {unless: {resource: CLAUSE}}}}\n";
        for (List<String> clauses : List.of(
                List.of("{path_containment: staging}", "{path_containment: staging/api}"),
                List.of("{one_of: [staging/a, staging/b]}", "{one_of: [staging/a]}"),
                List.of("{one_of: [staging/a, prod/b]}", "{path_containment: staging}"),
                List.of("{wildcard: true}", "{not_one_of: [prod/a]}"),
                List.of("{path_containment: x}", "{path_containment: y}"))) {
            String wide = write.replace("CLAUSE", clauses.get(0));
            String narrow = write.replace("CLAUSE", clauses.get(1));
            assertThat(more(wide, narrow))
                    .as("%s", clauses)
                    .singleElement()
                    .asString()
                    .contains("t:write passes without a human: 1. t:write on ");
            if (!clauses.get(1).contains("y")) {
                assertThat(more(narrow, wide))
                        .as("%s", clauses)
                        .hasSize(clauses.get(0).contains("prod/b") ? 1 : 0);
            }
            assertThat(more(wide, wide)).as("%s", clauses).isEmpty();
            String rule = "rules: [{bounded: \"t:write\", at-most: 2, same: [resource]}]\n";
            assertThat(more(wide + rule, wide + rule)).as("%s", clauses).isEmpty();
            assertThat(more(wide + rule, narrow + rule)).as("%s", clauses).hasSize(1);
        }
        String always = ask + "allow: {t:write: {resource: {path_containment: \"{env}\"}, ask: always}}\n";
        assertThat(more(write.replace("CLAUSE", "{path_containment: staging}"), always))
                .hasSize(1);
        assertThat(more(always, write.replace("CLAUSE", "{path_containment: staging}")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~\"a|b\"~ | ~\"a\"~",
                "~\"[a-z]+\"~ | ~\"a|b\"~",
                "~{list: \"[a-z]+\", max: 3}~ | ~{list: \"[a-z]+\", max: 2}~",
                "~{list: \"[a-z]+\", max: 3}~ | ~{list: \"a|b\", max: 3}~"
            })
    void widerParameters_areTold(String wide, String narrow) {
        String kind = wide.startsWith("{") ? "one_of" : "exact";
        String allow = "allow: {t:write: {resource: {" + kind + ": \"{p}\"}}}\nparameters: {p: ";
        assertThat(more(allow + wide + "}\n", allow + narrow + "}\n"))
                .singleElement()
                .asString()
                .startsWith("parameters: p is ");
        assertThat(more(allow + narrow + "}\n", allow + wide + "}\n")).isEmpty();
    }

    /** A start must fix an argument, or humans are asked about its values, in one template alone. */
    @Test
    void lostPins_areTold() {
        String free =
                "allow: {t:write: {resource: {exact: x}, n: {one_of: [a, b]}}}\nask: {by: {claim: g, any: [a], clients: [c]}}\n";
        String pinned = free.replace("{one_of: [a, b]}", "{pinned: {one_of: [a, b]}}");
        String may = free.replace("{one_of: [a, b]}", "{pinned: {one_of: [a, b]}, optional: true}");
        String asked = free.replace("{one_of: [a, b]}", "{pinned: {one_of: [a, b], else: ask}}");
        String fixed = free.replace("{one_of: [a, b]}", "{exact: a}");
        String always = free.replace("one_of: [a, b]}", "one_of: [a, b]}, ask: always");
        String need = "grants: t:write: a start need not fix 'n': null";
        String pass = "approvals: t:write: values of 'n' that no start fixed pass without a human: null";
        assertThat(more(free, pinned)).containsExactly(need);
        assertThat(more(asked, pinned)).containsExactly(need);
        assertThat(more(may, pinned)).contains(need);
        assertThat(more(free, asked)).containsExactly(pass);
        for (List<String> less : List.of(
                List.of(pinned, free),
                List.of(pinned, asked),
                List.of(asked, free),
                List.of(fixed, pinned),
                List.of(fixed, asked),
                List.of(always, asked),
                List.of(pinned, pinned),
                List.of(asked, asked),
                List.of(pinned, may))) {
            assertThat(more(less.get(0), less.get(1))).as("%s", less).isEmpty();
        }
    }

    @Test
    void limitsFlowAndStarts_areTold() {
        assertThat(more(ALLOW, ALLOW + "limits: {calls: 4, task: [{capacity: 2, per: 10s}]}\nlifetime: 5m\n"))
                .containsExactly(
                        "limits: calls: no bound, was 4: null",
                        "limits: task: more than 2 calls per PT10S: null",
                        "limits: lifetime: PT1H, was PT5M: null");
        assertThat(more(ALLOW, ALLOW + "flow: enforce\n"))
                .containsExactly(
                        "flow: a call after untrusted content: 1. t:read on x/a (200), 2. t:write on x/a (200)");
        assertThat(more(
                        "parameters: {p: \"[a-z]+\"}\n" + ALLOW.replace("x}", "\"{p}\"}"),
                        "parameters: {p: \"[a-c]+\"}\n" + ALLOW.replace("x}", "\"{p}\"}")))
                .containsExactly("parameters: p is [a-z]+, was [a-c]+: null");
    }
}
