package dev.errand.offline.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
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
import org.junit.jupiter.params.provider.ValueSource;

/** {@code errand test}: a scenario is good, or what differed is told with the line that decided. */
class ScenarioTest {
    private static final String TEMPLATE = """
            template: triage
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            delegation: {max-depth: 1, max-children: 2}
            parameters: {ticket: "[0-9]{1,10}"}
            allow:
              tickets:ticket.read: {resource: {exact: "{ticket}"}}
              tickets:ticket.comment: {resource: {exact: "{ticket}"}, urgent: {exact: false, optional: true}}
              tickets:ticket.close: {}
            limits: {operations: {tickets:ticket.read: [{capacity: 4, per: 1m}]}, calls: 20}
            sequence: [{tickets:ticket.read: "1..*"}, tickets:ticket.comment, {tickets:ticket.close: {times: 1, same: resource}}]
            rules:
              - {bounded: tickets:ticket.comment, at-most: 1}
            """;

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void configuration() throws IOException {
        for (String folder : new String[] {"operations", "tasks", "tests"}) {
            Files.createDirectories(directory.resolve(folder));
        }
        write("application.yaml", """
                spring.cloud.gateway.server.webflux:
                  default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
                  routes:
                    - {id: tickets, uri: "http://127.0.0.1:8200", predicates: [Path=/tickets/**], filters: [StripPrefix=1, OperationMapping=tickets]}
                errand:
                  issuer: https://gateway.example.org
                  trust:
                    humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                    workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
                """);
        write("operations/tickets.yaml", """
                catalogue: tickets
                resolver: template
                operations:
                  - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
                  - {id: ticket.comment, match: {method: POST, path: "/v1/tickets/{id}/comments"}, effect: write, resource: "{id}", params: {urgent: "body:/urgent"}}
                  - {id: ticket.close, match: {method: DELETE, path: "/v1/tickets/{id}"}, effect: delete, resource: "{id}"}
                """);
        write("tasks/triage.yaml", TEMPLATE);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private int test(String... files) {
        String[] words = new String[files.length + 2];
        words[0] = "test";
        words[1] = directory.toString();
        System.arraycopy(files, 0, words, 2, files.length);
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }

    private int calls(String calls) throws IOException {
        write("tests/one.yaml", "template: triage\nparameters: {ticket: \"17\"}\ncalls:\n" + calls.indent(2));
        return test();
    }

    @Test
    void scenario_thatGoesAsExpected_isGood() throws IOException {
        int exit = calls("""
                - {call: tickets:ticket.read, resource: 17, answers: 404}
                - {call: tickets:ticket.comment, resource: 17, expect: sequence-violation}
                - {call: tickets:ticket.read, resource: 17, expect: task-ended}
                """);
        assertThat(exit).as(out.toString() + err).isZero();
        assertThat(out.toString()).isEqualTo("tests/one.yaml: good, 3 calls\n");
    }

    @Test
    void scenario_ofChildrenTimesAnswersAndArguments_isGood() throws IOException {
        int exit = calls("""
                - {call: tickets:ticket.read, resource: "17", by: child-1}
                - {call: tickets:ticket.read, resource: "17", by: child-2, answers: {status: 200, body: {id: 17}}}
                - {call: tickets:ticket.read, resource: "17", by: child-3, expect: budget-exhausted}
                - {call: tickets:ticket.comment, resource: "17", arguments: {urgent: true}, expect: constraint-violated}
                - {call: tickets:ticket.comment, resource: "17", arguments: {Urgent: false}, expect: constraint-violated}
                - {call: tickets:ticket.read, resource: "17"}
                - {call: tickets:ticket.read, resource: "17"}
                - {call: tickets:ticket.read, resource: "17", after: 1s, expect: rate-exceeded}
                - {call: tickets:ticket.read, resource: "17", after: 61s}
                - {call: tickets:ticket.comment, resource: "17", arguments: {urgent: false}}
                - {call: tickets:ticket.close, resource: "17", after: 15m, expect: invalid-token}
                """);
        assertThat(exit).as(out.toString() + err).isZero();
    }

    @Test
    void scenario_ofRequests_goesThroughRouteAndCatalogue() throws IOException {
        int exit = calls("""
                - {request: {method: GET, path: /tickets/v1/tickets/17}, operation: tickets:ticket.read}
                - {request: {method: HEAD, path: /tickets/v1/tickets/17, headers: {Accept: [a/b, c/d]}}, answers: 404}
                - {request: {method: POST, path: /tickets/v1/tickets/17/comments, body: {urgent: false, text: hello}}, operation: tickets:ticket.comment}
                - {request: {method: GET, path: /tickets/v1/tickets/17?secret=1}, expect: malformed-request}
                - {request: {method: GET, path: /tickets/v1//tickets/17}, expect: malformed-request}
                - {request: {method: PATCH, path: /tickets/v1/tickets/17}, expect: unknown-operation}
                - {request: {method: DELETE, path: /tickets/v1/tickets/17, headers: {Connection: Upgrade, Upgrade: h2c}}, expect: malformed-request}
                - {request: {method: DELETE, path: /tickets/v1/tickets/17}}
                """);
        assertThat(exit).as(out.toString() + err).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {request: {method: GET, path: /tickets/v1/tickets/18}}                                             | call 1, GET /tickets/v1/tickets/18 (tickets:ticket.read on 18): expected permit, was constraint-violated: granted only with another value of 'resource': tasks/triage.yaml:8:3
            {request: {method: PATCH, path: /tickets/v1/tickets/17}}                                           | call 1, PATCH /tickets/v1/tickets/17: expected permit, was unknown-operation: no operation of tickets has this method and path
            {request: {method: PATCH, path: /tickets/v1/tickets/17}, operation: tickets:ticket.read}           | PATCH /tickets/v1/tickets/17 is no operation: no operation of tickets has this method and path, expected tickets:ticket.read
            {request: {method: GET, path: /tickets/v1/tickets/17}, operation: tickets:ticket.close}            | GET /tickets/v1/tickets/17 is tickets:ticket.read, expected tickets:ticket.close
            {request: {method: GET, path: /elsewhere}, expect: unknown-operation}                              | no route of application.yaml takes GET /elsewhere; routes take /
            {request: {method: POST, path: /tickets/v1/tickets/17/comments, body: "{urgent: "}, expect: permit} | was malformed-request:
            """)
    void request_thatIsAnotherOrNoOperation_isTold(String call, String told) throws IOException {
        assertThat(calls("- " + call + "\n")).isEqualTo(1);
        assertThat(out.toString()).contains(told).endsWith("tests/one.yaml: differs in 1\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {request: {method: get, path: /a}}                      | tests/one.yaml:4:16: 'get' is no method
            {request: {method: GET, path: a}}                       | a path begins with a slash
            {request: {method: GET}}                                | missing key 'path'
            {request: {method: GET, path: /a, query: x}}            | unknown key 'query'
            {request: {method: GET, path: /a}, resource: x}         | beside request the catalogue says what is called
            {request: {method: GET, path: /a}, call: a:b}           | beside request the catalogue says what is called
            {request: {method: GET, path: /a, headers: {"a b": x}}} | 'a b' is no name of a header field
            {request: {method: GET, path: /a, body: {n: 1e999}}}    | a number of the body is not one that every JSON reader keeps
            {call: a:b, operation: a:b}                             | operation stands beside request
            {expect: permit}                                        | missing key 'call': write `call: CATALOGUE:ID`, or `request:
            """)
    void request_thatIsNone_isAFaultWithItsPlace(String call, String told) throws IOException {
        assertThat(calls("- " + call + "\n")).isEqualTo(1);
        assertThat(err.toString()).contains(told);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {call: tickets:ticket.read, resource: "18"}                                    | expected permit, was constraint-violated: granted only with another value of 'resource': tasks/triage.yaml:8:3: tickets:ticket.read: {resource: {exact: "{ticket}"}}
            {call: tickets:ticket.read, resource: "17", expect: not-granted}               | expected not-granted, was permit: tasks/triage.yaml:8:3: tickets:ticket.read: {resource: {exact: "{ticket}"}}, with the plan at 0
            {call: tickets:ticket.comment, resource: "17"}                                 | expected permit, was sequence-violation: `tickets:ticket.comment` does not follow the plan, which stands at state 0 of 4 (tasks/triage.yaml:12:12); it allows `tickets:ticket.read`; by this the task is over
            {call: tickets:ticket.comment, resource: "17"}                                 | tasks/triage.yaml:12:
            {call: tickets:ticket.read, resource: "17", by: child-1, expect: task-ended}   | expected task-ended, was permit
            """)
    void scenario_thatGoesOtherwise_tellsTheLineThatDecided(String call, String told) throws IOException {
        assertThat(calls("- " + call + "\n")).isEqualTo(1);
        assertThat(out.toString()).startsWith("tests/one.yaml:4:5: call 1, ").contains(told);
        assertThat(out.toString()).endsWith("tests/one.yaml: differs in 1\n");
    }

    @Test
    void scenario_againstARule_tellsTheRulesLine() throws IOException {
        write("tasks/triage.yaml", TEMPLATE.replaceFirst("sequence: .*\n", ""));
        int exit = calls("""
                - {call: tickets:ticket.comment, resource: "17"}
                - {call: tickets:ticket.comment, resource: "17"}
                """);
        assertThat(exit).isEqualTo(1);
        assertThat(out.toString()).contains("call 2, ", "was rule-violation: ", "tasks/triage.yaml:13:5");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            template: triag\\ncalls: [{call: a:b}]                                                        | tests/one.yaml:1:1: there is no template 'triag' in tasks/; did you mean 'triage'?
            template: triage\\ncalls: [{call: tickets:ticket.read}]                                       | tests/one.yaml:1:1: no such task can start: parameter 'ticket' is missing
            template: triage\\nparameters: {ticket: x}\\ncalls: [{call: tickets:ticket.read}]             | tests/one.yaml:2:1: no such task can start: parameter 'ticket' does not match its pattern
            template: triage\\nparameters: {ticket: 17}\\ncalls: [{call: tickets:ticket.rea}]             | tests/one.yaml:3:10: no catalogue has an operation 'tickets:ticket.rea'; did you mean 'tickets:ticket.read'?
            template: triage\\ncalls: []                                                                  | tests/one.yaml:2:8: a scenario has 1..10000 calls, found 0
            template: triage\\ncall: []                                                                   | tests/one.yaml:2:1: unknown key 'call'; did you mean 'calls'?
            template: triage\\ncalls: [{call: a:b, expect: permitted}]                                    | tests/one.yaml:2:21: 'permitted' is neither permit nor the code of a refusal; did you mean 'permit'?
            template: triage\\ncalls: [{call: a:b, answers: 99}]                                          | tests/one.yaml:2:30: expected an integer
            template: triage\\ncalls: [{call: a:b, by: child-0}]                                          | tests/one.yaml:2:21: a caller is written child-N
            template: triage\\ncalls: [{call: a:b, after: 5}]                                             | tests/one.yaml:2:28: expected a duration
            template: triage\\ncalls: [{resource: a}]                                                     | tests/one.yaml:2:9: missing key 'call'
            template: triage\\ncalls: [{call: a:b, resource: [a]}]                                        | tests/one.yaml:2:31: a resource is a text
            template: triage\\ninstruction: {source: human, ref: r, integrity: trusted}\\ncalls: [{call: a:b}]          | tests/one.yaml:2:38: trusted needs a digest
            template: triage\\ncalls: [{call: a:b, answers: {stat: 200}}]                                 | tests/one.yaml:2:31: unknown key 'stat'; did you mean 'status'?
            """)
    void scenario_thatIsNone_isToldWithItsPlace(String text, String told) throws IOException {
        write("tests/one.yaml", text.replace("\\n", "\n") + "\n");
        assertThat(test()).isEqualTo(1);
        assertThat(out.toString() + err).contains(told).doesNotContain("\tat ");
    }

    @Test
    void planThatIsFinished_isToldWithItsLine() throws IOException {
        String done = """
                - {call: tickets:ticket.read, resource: "17"}
                - {call: tickets:ticket.comment, resource: "17"}
                - {call: tickets:ticket.close, resource: "17"}
                - {call: tickets:ticket.close, resource: "17"}
                """;
        assertThat(calls(done)).isEqualTo(1);
        assertThat(out.toString()).contains("the plan, which is finished").contains("tasks/triage.yaml:12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tests/one.yaml", "one.yaml"})
    void file_mayBeNamedBelowTheDirectory(String file) throws IOException {
        assertThat(calls("- {call: tickets:ticket.read, resource: \"17\"}\n")).isZero();
        assertThat(test(file)).as(err.toString()).isZero();
        assertThat(test("none.yaml")).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("none.yaml: there is no such file, here, in " + directory + " or in "
                        + directory.resolve("tests") + "\n");
    }

    @Test
    void test_withoutAScenario_isNoSuccess() {
        assertThat(test()).isEqualTo(1);
        assertThat(err.toString()).contains("tests: there is no scenario");
        assertThat(test("nowhere.yaml")).isEqualTo(1);
        assertThat(err.toString()).contains("nowhere.yaml: there is no such file");
    }

    @Test
    void test_ofAFaultyConfiguration_tellsItsFaults() throws IOException {
        write("tasks/triage.yaml", TEMPLATE.replace("lifetime", "lifetimes"));
        assertThat(test()).isEqualTo(1);
        assertThat(err.toString()).contains("tasks/triage.yaml:4:1: unknown key 'lifetimes'");
        assertThat(Errand.commandLine().setErr(new PrintWriter(err, true)).execute("test", directory + "/none"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("is no directory");
    }

    @Test
    void template_thatRequiresAnInstruction_needsOneInTheScenario() throws IOException {
        write("tasks/triage.yaml", TEMPLATE + "instruction: {require: true}\n");
        assertThat(calls("- {call: tickets:ticket.read, resource: 17}\n")).isEqualTo(1);
        assertThat(out.toString()).contains("no such task can start: the template requires an instruction");
        write(
                "tests/one.yaml",
                "template: triage\nparameters: {ticket: 17}\ninstruction: {source: human, ref: \"https://t/1\"}\n"
                        + "calls: [{call: tickets:ticket.read, resource: 17}]\n");
        assertThat(test()).as(out.toString()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        ", trusted, permit",
        ", untrusted, flow-denied",
        ", , flow-denied",
        "agent, , permit",
        "agent, untrusted, flow-denied"
    })
    void flow_isDecidedByTheInstruction(String trust, String integrity, String expected) throws IOException {
        write(
                "tasks/triage.yaml",
                TEMPLATE.replaceFirst("sequence: .*\n", "") + "flow: enforce\n"
                        + (trust == null ? "" : "instruction: {trust: " + trust + "}\n"));
        Path catalogue = directory.resolve("operations/tickets.yaml");
        Files.writeString(
                catalogue, Files.readString(catalogue).replace("effect: delete,", "effect: delete, needs: trusted,"));
        write(
                "tests/one.yaml",
                "template: triage\nparameters: {ticket: 17}\n"
                        + "instruction: {source: human, digest: \"sha-256:x\""
                        + (integrity == null ? "" : ", integrity: " + integrity) + "}\n"
                        + "calls: [{call: tickets:ticket.close, resource: 17, expect: " + expected + "}]\n");
        assertThat(test()).as(out.toString() + err).isZero();
    }

    /** A call may leave an optional argument out, so that content which came later would choose whether it stands there. */
    @ParameterizedTest
    @CsvSource({"'', permit", "', optional: true', flow-denied"})
    void flow_anArgumentThatMayBeAbsent_isNotFixed(String optional, String expected) throws IOException {
        Path catalogue = directory.resolve("operations/tickets.yaml");
        Files.writeString(
                catalogue,
                Files.readString(catalogue)
                        .replace("effect: write,", "effect: write, needs: {trusted: [urgent]}, record: [urgent],"));
        write(
                "tasks/triage.yaml",
                TEMPLATE.replaceFirst("sequence: .*\n", "")
                                .replaceFirst(
                                        "tickets:ticket.comment: .*\n",
                                        "tickets:ticket.comment: {resource: {exact: \"{ticket}\"}, urgent: {exact: true"
                                                + optional + "}}\n")
                        + "flow: enforce\n");
        int exit = calls("- {call: tickets:ticket.comment, resource: 17, arguments: {urgent: true}, expect: " + expected
                + "}\n");
        assertThat(exit).as(out.toString() + err).isZero();
    }

    /** What the record or the flow rule looks at is no less looked at than a constrained argument. */
    @ParameterizedTest
    @ValueSource(strings = {"record: {pay: [amount]}", "needs: {trusted: [{pay: [amount]}]}"})
    void argumentThatTheCatalogueNames_inAnotherLetterCase_isMalformed(String names) throws IOException {
        write("operations/tools.yaml", "catalogue: tools\nresolver: jsonrpc\npath: /mcp\n" + names + "\n");
        write("tasks/pay.yaml", """
                template: pay
                agents: ["spiffe://example.org/agent/triage"]
                humans: {claim: groups, any: [support]}
                lifetime: 15m
                allow:
                  tools:tools.call/pay: {}
                """);
        write("tests/one.yaml", """
                template: pay
                calls:
                  - {call: tools:tools.call/pay, arguments: {amount: 5}}
                  - {call: tools:tools.call/pay, arguments: {Amount: 5}, expect: malformed-request}
                  - {call: tools:tools.call/pay, arguments: {amount: 5, AMOUNT: 6}, expect: malformed-request}
                """);
        assertThat(test()).as(out.toString() + err).isZero();
    }

    /** A server that folds names would act on a value by which nobody was asked. */
    @ParameterizedTest
    @ValueSource(strings = {"unless: {amount: {range: {max: 50}}}", "offer: {calls: 5, fixed: [amount]}"})
    void argumentByWhichPeopleAreAsked_inAnotherLetterCase_isMalformed(String ask) throws IOException {
        write("operations/tools.yaml", "catalogue: tools\nresolver: jsonrpc\npath: /mcp\neffects: {pay: write}\n");
        write("tasks/pay.yaml", """
                template: pay
                agents: ["spiffe://example.org/agent/triage"]
                humans: {claim: groups, any: [support]}
                lifetime: 15m
                allow:
                  tools:tools.call/pay: {ask: {%s}}
                ask: {by: {claim: groups, any: [support], clients: [pages]}}
                """.formatted(ask));
        write("tests/one.yaml", """
                template: pay
                calls:
                  - {call: tools:tools.call/pay, arguments: {amount: 60}, expect: approval-required}
                  - {call: tools:tools.call/pay, arguments: {amount: 5, Amount: 5000}, expect: malformed-request}
                """);
        assertThat(test()).as(out.toString() + err).isZero();
    }

    /** A server that folds names is asked by any spelling, and the scenario judges as a live call does. */
    @Test
    void resources_areFoldedWhereTheServerFolds() throws IOException {
        write("operations/git.yaml", """
                catalogue: git
                resolver: template
                normalise: {resource-case: fold, empty-segments: fold}
                operations:
                  - {id: read, match: {method: GET, path: "/r/{repo+}"}, effect: read, resource: "{repo}"}
                  - {id: write, match: {method: POST, path: "/w/{repo+}"}, effect: write, resource: "{repo}"}
                """);
        write("tasks/fold.yaml", """
                template: fold
                agents: ["spiffe://example.org/agent/triage"]
                humans: {claim: groups, any: [support]}
                lifetime: 15m
                limits: {calls: 20}
                allow:
                  git:read: {resource: {not_one_of: [acme/Secret]}}
                  git:write: {resource: {path_containment: ACME}}
                rules:
                  - {precedence: git:read, before: git:write, same: [resource]}
                """);
        write("tests/one.yaml", """
                template: fold
                calls:
                  - {call: git:read, resource: ACME//SECRET, expect: constraint-violated}
                  - {call: git:read, resource: Acme/App}
                  - {call: git:write, resource: acme//APP}
                  - {call: git:read, resource: "acme/secre\u0165", expect: malformed-request}
                """);
        int exit = test();
        assertThat(exit).as(out.toString() + err).isZero();
    }

    /** Only a server of MCP may fold the names of arguments. */
    @Test
    void argumentThatLooksLikeAnother_isMalformedForMcpAlone() throws IOException {
        write(
                "tasks/triage.yaml",
                TEMPLATE.replace("optional: true}}", "optional: true}, \"*\": {wildcard: true}}")
                        .replaceFirst("sequence: .*\n", "")
                        .replace("  tickets:ticket.close: {}\n", """
                                  tickets:ticket.close: {}
                                  tools:tools.call/echo: {message: {exact: a}, "*": {wildcard: true}}
                                """.indent(0)));
        write("operations/tools.yaml", "catalogue: tools\nresolver: jsonrpc\npath: /mcp\n");
        int exit = calls("""
                - {call: tickets:ticket.comment, resource: "17", arguments: {Urgent: true}}
                - {call: tools:tools.call/echo, arguments: {message: a, Message: b}, expect: malformed-request}
                """);
        assertThat(exit).as(out.toString() + err).isZero();
    }

    @Test
    void shippedScenarios_areGood() {
        Path config = Checkout.path("config");
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute("test", config.toString());
        assertThat(exit).as(out.toString() + err).isZero();
        for (String template : new String[] {"release", "research", "cluster"}) {
            assertThat(out.toString()).contains("tests/" + template + ".yaml: good");
        }
    }
}
