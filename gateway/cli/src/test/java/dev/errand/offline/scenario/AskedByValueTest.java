package dev.errand.offline.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Humans who are asked by the value of an argument: {@code ask: {unless: …}}, {@code pinned: {else: ask}}, and a rule's own reaction. */
class AskedByValueTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();

    @BeforeEach
    void configuration() throws IOException {
        for (String folder : new String[] {"operations", "tasks", "tests"}) {
            Files.createDirectories(directory.resolve(folder));
        }
        write("application.yaml", """
                spring.cloud.gateway.server.webflux:
                  default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
                  routes:
                    - {id: orders, uri: "http://127.0.0.1:8200", predicates: [Path=/orders/**], filters: [StripPrefix=1, OperationMapping=orders]}
                errand:
                  issuer: https://gateway.example.org
                  trust:
                    humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                    workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
                """);
        write("operations/orders.yaml", """
                catalogue: orders
                resolver: template
                operations:
                  - {id: read, match: {method: GET, path: "/orders/{id}"}, effect: read, resource: "{id}"}
                  - {id: cancel, match: {method: DELETE, path: "/orders/{id}"}, effect: delete, resource: "{id}"}
                  - {id: refund, match: {method: POST, path: "/orders/{id}/refund"}, effect: write, resource: "{id}", params: {amount: "body:/amount", account: "body:/account", note: "body:/note"}}
                """);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private int play(String allow, String more, String pinned, String calls) throws IOException {
        write("tasks/refund.yaml", """
                template: refund
                agents: ["spiffe://example.org/agent/refund"]
                humans: {issuer: "https://idp.example.org"}
                parameters: {free: "[0-9a-z]+"}
                allow:
                %s
                ask: {by: {claim: groups, any: [leads], clients: [pages]}}
                %s
                """.formatted(allow.indent(2), more));
        write("tests/one.yaml", """
                template: refund
                parameters: {free: a1}
                pinned: {%s}
                calls:
                %s
                """.formatted(pinned, calls.indent(2)));
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute("test", directory.toString());
    }

    @Test
    void unless_letsItsCallsPass_andAsksAboutOthersWithinTheGrant() throws IOException {
        int exit = play(
                "orders:refund: {resource: {wildcard: true}, amount: {range: {max: 500}}, ask: {unless: {amount: {range: {max: 50}}}}}",
                "",
                "",
                """
                - {call: orders:refund, resource: a1, arguments: {amount: 50}}
                - {call: orders:refund, resource: a1, arguments: {amount: 51}, expect: approval-required}
                - {call: orders:refund, resource: a1, arguments: {amount: 501}, expect: constraint-violated}
                - {request: {method: POST, path: /orders/orders/a1/refund, body: {amount: 49.5}}}
                - {request: {method: POST, path: /orders/orders/a1/refund, body: {amount: 50.01}}, expect: approval-required}
                """);
        assertThat(exit).as(out.toString()).isZero();
    }

    @Test
    void unless_mayNameAParameter_severalArguments_andWideGrants() throws IOException {
        int exit = play(
                "\"orders:*\": {effects: [read, write], \"*\": {wildcard: true}, ask: {unless: {resource: {exact: \"{free}\"}, amount: {range: {max: 5}, optional: true}}}}",
                "",
                "",
                """
                - {call: orders:read, resource: a1}
                - {call: orders:read, resource: b2, expect: approval-required}
                - {call: orders:refund, resource: a1, arguments: {amount: 5, note: hello}}
                - {call: orders:refund, resource: a1, arguments: {amount: 6}, expect: approval-required}
                - {call: orders:refund, resource: a1, arguments: {amount: "5"}, expect: approval-required}
                """);
        assertThat(exit).as(out.toString()).isZero();
    }

    @Test
    void offer_letsSeveralCallsPassByOneAnswer() throws IOException {
        int exit = play(
                "orders:refund: {resource: {wildcard: true}, amount: {range: {max: 500}}, account: {wildcard: true}, ask: {unless: {amount: {range: {max: 5}}}, offer: {calls: 3, fixed: [account]}}}",
                "",
                "",
                """
                - {call: orders:refund, resource: a1, arguments: {amount: 5, account: A}}
                - {call: orders:refund, resource: a1, arguments: {amount: 50, account: A}, approve: offer}
                - {call: orders:refund, resource: a2, arguments: {amount: 60, account: A}}
                - {call: orders:refund, resource: a2, arguments: {amount: 60, account: B}, expect: approval-required}
                - {call: orders:refund, resource: a2, arguments: {amount: 600, account: A}, expect: constraint-violated}
                - {call: orders:refund, resource: a3, arguments: {amount: 70, account: A}}
                - {call: orders:refund, resource: a3, arguments: {amount: 80, account: A}, expect: approval-required}
                - {call: orders:refund, resource: a3, arguments: {amount: 90, account: A}, approve: true}
                - {call: orders:refund, resource: a3, arguments: {amount: 91, account: A}, approve: refuse, expect: approval-required}
                - {call: orders:refund, resource: a3, arguments: {amount: 91, account: A}, expect: approval-refused}
                """);
        assertThat(exit).as(out.toString()).isZero();
    }

    @Test
    void pinnedElseAsk_asksAboutEachValueThatTheStartDidNotFix() throws IOException {
        String allow =
                "orders:refund: {resource: {wildcard: true}, amount: {pinned: {else: ask, range: {max: 500}}}, account: {pinned: {else: ask}, optional: true}}";
        int exit = play(allow, "", "\"orders:refund\": {amount: [20, 30], account: NL1}", """
                - {call: orders:refund, resource: a, arguments: {amount: 20, account: NL1}}
                - {call: orders:refund, resource: a, arguments: {amount: 30.0, account: NL1}}
                - {call: orders:refund, resource: a, arguments: {amount: 40, account: NL1}, expect: approval-required}
                - {call: orders:refund, resource: a, arguments: {amount: 20, account: NL2}, expect: approval-required}
                - {call: orders:refund, resource: a, arguments: {amount: 20}, expect: approval-required}
                - {call: orders:refund, resource: a, arguments: {amount: 501, account: NL1}, expect: constraint-violated}
                """);
        assertThat(exit).as(out.toString()).isZero();
        exit = play(allow, "", "", """
                - {call: orders:refund, resource: a, arguments: {amount: 20, account: NL1}, expect: approval-required}
                """);
        assertThat(exit).as(out.toString()).isZero();
        exit = play(allow, "", "\"orders:refund\": {amount: 501}", """
                - {call: orders:refund, resource: a, arguments: {amount: 20, account: NL1}}
                """);
        assertThat(exit).as(out.toString()).isEqualTo(1);
        assertThat(out.toString()).contains("a pinned value is not one that the template lets a start fix");
    }

    @Test
    void optionalPinnedArgument_besideAnOpenMap_isFixedAsAbsentAndTheMapStaysOpen() throws IOException {
        String allow =
                "orders:refund: {resource: {wildcard: true}, account: {pinned: true, optional: true}, \"*\": {wildcard: true}}";
        int exit = play(allow, "", "", """
                - {call: orders:refund, resource: a, arguments: {amount: 20, note: x}}
                - {call: orders:refund, resource: a, arguments: {amount: 20, account: NL1}, expect: constraint-violated}
                """);
        assertThat(exit).as(out.toString()).isZero();
        exit = play(allow, "", "\"orders:refund\": {account: NL1}", """
                - {call: orders:refund, resource: a, arguments: {amount: 20, account: NL1, note: x}}
                - {call: orders:refund, resource: a, arguments: {amount: 20, account: NL2}, expect: constraint-violated}
                """);
        assertThat(exit).as(out.toString()).isZero();
    }

    @Test
    void rule_mayHaveAReactionOfItsOwn() throws IOException {
        String rules = """
                rules:
                  - {bounded: orders:refund, at-most: 1, on-violation: %s}
                  - {bounded: orders:read, at-most: 1}
                on-violation: {rule: %s}
                """;
        String allow = "\"orders:*\": {effects: [read, write], \"*\": {wildcard: true}}";
        int exit = play(allow, rules.formatted("ask", "deny"), "", """
                - {call: orders:refund, resource: a}
                - {call: orders:refund, resource: a, expect: approval-required}
                - {call: orders:read, resource: a}
                - {call: orders:read, resource: a, expect: rule-violation}
                - {call: orders:read, resource: a, expect: rule-violation}
                """);
        assertThat(exit).as(out.toString()).isZero();
        exit = play(allow, rules.formatted("deny", "interrupt"), "", """
                - {call: orders:refund, resource: a}
                - {call: orders:refund, resource: a, expect: rule-violation}
                - {call: orders:read, resource: a}
                - {call: orders:read, resource: a, expect: rule-violation}
                - {call: orders:read, resource: a, expect: task-ended}
                """);
        assertThat(exit).as(out.toString()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            orders:refund: {ask: {unless: {}}}                                        |                                                                          | unless names at least one argument
            orders:refund: {ask: {unless: {amout: {range: {max: 5}}}}}                |                                                                          | unknown argument 'amout' of 'orders:refund'; did you mean 'amount'?
            orders:refund: {ask: {unless: {amount: {pinned: true}}}}                  |                                                                          | unless names arguments, each with a constraint
            orders:refund: {ask: {unles: {amount: {exact: 5}}}}                       |                                                                          | unknown key 'unles'
            orders:refund: {ask: {offer: {calls: 5, fixed: [acount]}}}                |                                                                          | unknown argument 'acount' of 'orders:refund'; did you mean 'account'?
            orders:cancel: {ask: {offer: {calls: 5, fixed: [resource]}}}              |                                                                          | 'orders:cancel' has the effect delete: a human must be asked about each of its calls; write ask: always
            "orders:*": {effects: [read, delete], ask: {offer: {calls: 5, fixed: [resource]}}} |                                                                 | 'orders:cancel' has the effect delete
            orders:refund: {ask: allways}                                             |                                                                          | unknown value 'allways' for ask; did you mean 'always'?
            orders:refund: {amount: {pinned: {else: deny}}}                           |                                                                          | unknown value 'deny' for else
            orders:refund: {amount: {all: [{else: ask, exact: 5}]}}                   |                                                                          | a constraint has one of
            orders:refund: {}                                                         | rules: [{bounded: orders:refund, at-most: 1, on-violation: throttle}]    | throttle is for limit only
            orders:refund: {}                                                         | rules: [{bounded: orders:refund, at-most: 1, on-violation: asks}]        | unknown value 'asks' for on-violation
            orders:refund: {}                                                         | rules: [{bounded: orders:refund, at-most: 1, on-violation: ask, observe: true}] | a rule with observe: true refuses nothing
            """)
    void template_thatAsksWrongly_isAFaultWithTheFix(String allow, String more, String told) throws IOException {
        assertThat(play(allow, more == null ? "" : more, "", "- {call: orders:read}"))
                .isEqualTo(1);
        assertThat(out.toString()).contains(told);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            orders:refund: {amount: {wildcard: true}, ask: {unless: {amount: {exact: 5}}}} |
            orders:refund: {amount: {pinned: {else: ask}}}                                 |
            orders:refund: {}                                                              | rules: [{bounded: orders:refund, at-most: 1, on-violation: ask}]
            """)
    void template_thatAsksNobody_isAFault(String allow, String more) throws IOException {
        play(allow, more == null ? "" : more, "", "- {call: orders:read}");
        String text = Files.readString(directory.resolve("tasks/refund.yaml"));
        write("tasks/refund.yaml", text.replaceAll("(?m)^ask: .*\n", ""));
        out.getBuffer().setLength(0);
        Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute("test", directory.toString());
        assertThat(out.toString()).contains("nobody may approve: the template needs the key 'ask'");
    }
}
