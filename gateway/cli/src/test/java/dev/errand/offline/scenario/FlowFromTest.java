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

/** {@code flow-from}: after untrusted content an argument may be what a trusted answer gave. */
class FlowFromTest {
    private static final String CATALOGUE = """
            catalogue: bank
            resolver: template
            operations:
              - {id: payee, match: {method: GET, path: /payee}, effect: read, resource: all, returns: {iban: "body:/ibans/*"}}
              - {id: home, match: {method: GET, path: /home}, effect: read, resource: all, yields: untrusted, returns: {iban: {at: "body:/iban", authority: true}, other: {at: "body:/other", authority: true}}}
              - {id: mail, match: {method: GET, path: /mail}, effect: read, resource: all, yields: untrusted, returns: {iban: "body:/iban"}}
              - {id: transfer, match: {method: POST, path: /transfer}, effect: write, resource: all, params: {account: "body:/account", text: "body:/text"}, needs: {trusted: [account]}}
            """;
    private static final String TEMPLATE = """
            template: pay
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [g]}
            instruction: {trust: agent}
            allow: {bank:*: {effects: [read, write]}}
            on-violation: {repeated: {denials: 1000, within: 1s, then: interrupt}}
            flow: enforce
            """;
    private static final String SOURCES =
            "flow-from: {bank:transfer: {account: [\"bank:payee: iban\", \"bank:mail: iban\", \"bank:home: iban\"]}}\n";
    private static final String BEGIN = "template: pay\ninstruction: {source: human, ref: x}\ncalls:\n";

    @TempDir
    private Path directory;

    @BeforeEach
    void write() throws IOException {
        for (String folder : new String[] {"operations", "tasks", "tests"}) {
            Files.createDirectories(directory.resolve(folder));
        }
        Files.writeString(directory.resolve("application.yaml"), """
                spring.cloud.gateway.server.webflux:
                  default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
                  routes:
                    - {id: bank, uri: "http://127.0.0.1:8200", predicates: [Path=/bank/**], filters: [StripPrefix=1, OperationMapping=bank]}
                errand:
                  issuer: https://gateway.example.org
                  trust:
                    humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                    workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
                """);
        Files.writeString(directory.resolve("operations/bank.yaml"), CATALOGUE);
        Files.writeString(directory.resolve("tasks/pay.yaml"), TEMPLATE + SOURCES);
    }

    private String errand(String command, int expected) {
        StringWriter out = new StringWriter();
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(
                        command.equals("check")
                                ? new String[] {"check", "--config", directory.toString()}
                                : new String[] {command, directory.toString()});
        assertThat(exit).as(out.toString()).isEqualTo(expected);
        return out.toString();
    }

    private void plays(String begin, String calls) throws IOException {
        Files.writeString(directory.resolve("tests/run.yaml"), begin + calls);
        errand("test", 0);
    }

    @Test
    void valueOfATrustedAnswer_passesAfterUntrustedContent_andNoOtherDoes() throws IOException {
        plays(BEGIN, """
                  - {call: bank:payee, resource: all, answers: {status: 200, body: {ibans: [DE1, DE2]}}}
                  - {call: bank:mail, resource: all, answers: {status: 200, body: {iban: XX1}}}
                  - {call: bank:transfer, resource: all, arguments: {account: DE1}}
                  - {call: bank:transfer, resource: all, arguments: {account: [DE2, DE1], text: any}}
                  - {call: bank:transfer, resource: all, arguments: {account: XX1}, expect: flow-denied}
                  - {call: bank:transfer, resource: all, arguments: {account: [DE1, XX1]}, expect: flow-denied}
                  - {call: bank:transfer, resource: all, arguments: {text: DE1}, expect: flow-denied}
                  - {call: bank:payee, resource: all, answers: {status: 200, body: {ibans: [DE3]}}}
                  - {call: bank:transfer, resource: all, arguments: {account: DE3}, expect: flow-denied}
                """);
    }

    @Test
    void valueOfAnAuthority_counts_whenverItCame_ifTheTemplateNamesIt() throws IOException {
        plays(BEGIN, """
                  - {call: bank:mail, resource: all, answers: {status: 200, body: {iban: XX1}}}
                  - {call: bank:home, resource: all, answers: {status: 200, body: {iban: DE1, other: DE2}}}
                  - {call: bank:transfer, resource: all, arguments: {account: DE1}}
                  - {call: bank:transfer, resource: all, arguments: {account: DE2}, expect: flow-denied}
                """);
    }

    @Test
    void valueThatCameToAnUntrustedInstruction_fixesNothing() throws IOException {
        plays("template: pay\ninstruction: {source: document, ref: x, integrity: untrusted}\ncalls:\n", """
                  - {call: bank:payee, resource: all, answers: {status: 200, body: {ibans: [DE1]}}}
                  - {call: bank:transfer, resource: all, arguments: {account: DE1}, expect: flow-denied}
                  - {call: bank:home, resource: all, answers: {status: 200, body: {iban: DE1}}}
                  - {call: bank:transfer, resource: all, arguments: {account: DE1}}
                """);
    }

    @Test
    void faultsAndWarnings_haveTheirPlace() throws IOException {
        assertThat(errand("check", 0))
                .containsOnlyOnce("authority: true")
                .contains("bank.yaml:5:134: warning: values with `authority: true`");
        Files.writeString(directory.resolve("tasks/pay.yaml"), TEMPLATE + """
                flow-from:
                  bank:pay: {account: ["bank:payee: iban"]}
                  bank:transfer: {acount: ["bank:payee: ibn"], text: ["bank:payee: iban"], account: [payee]}
                """);
        assertThat(errand("check", 1))
                .contains("pay.yaml:9:3: unknown operation 'bank:pay'")
                .contains("pay.yaml:10:19: unknown argument 'acount' of 'bank:transfer'; did you mean 'account'?")
                .contains("pay.yaml:10:27: 'bank:payee' returns no 'ibn'; did you mean 'iban'?")
                .contains("pay.yaml:10:85: 'payee' is no source");
        Files.writeString(directory.resolve("tasks/pay.yaml"), TEMPLATE.replace("flow: enforce\n", "") + SOURCES);
        assertThat(errand("check", 0)).contains("warning: without `flow: enforce` nothing looks at flow-from");
    }
}
