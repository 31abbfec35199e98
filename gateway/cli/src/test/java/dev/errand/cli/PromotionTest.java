package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What {@code errand check} and {@code errand promote} say of candidates, and what a promotion does to the files. */
class PromotionTest {
    private static final String TEMPLATE = """
            template: triage
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            allow:
              tickets:ticket.read: {resource: {wildcard: true}}
            """;

    private static final String CANDIDATE = """
            # What triage may do, and no more than 20 times.
            template: triage
            candidate: true # until July
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            allow:
              tickets:ticket.read: {resource: {wildcard: true}}
            rules:
              - {bounded: tickets:ticket.read, at-most: 20}
            """;

    private static final String LOGIN = """
              approvals: {audience: "api://approvals"}
              console: {login: {issuer: "https://idp.example.org", client-id: errand-approvals, secret-file: "file:login"}}
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        write("application.yaml", """
                spring.cloud.gateway.server.webflux:
                  default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
                  routes:
                    - id: tickets
                      uri: http://127.0.0.1:8200
                      predicates: [Path=/tickets/**]
                      filters: [StripPrefix=1, OperationMapping=tickets]
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
                """);
        write("tasks/triage.yaml", TEMPLATE);
        write("tasks/triage.candidate.yaml", CANDIDATE);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    private record Run(int code, String out, String err) {}

    private Run run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Errand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = command.execute(Stream.concat(Stream.of(words), Stream.of("--config", directory.toString()))
                .toArray(String[]::new));
        return new Run(code, out.toString(), err.toString());
    }

    @Test
    void promotion_putsTheCandidateInPlace_andKeepsTheTemplateBefore() throws IOException {
        Files.setPosixFilePermissions(
                directory.resolve("tasks/triage.yaml"), PosixFilePermissions.fromString("rw-r-----"));
        Run promoted = run("promote", "triage");
        assertThat(promoted.err).isEmpty();
        assertThat(promoted.code).isZero();
        assertThat(promoted.out).contains("to go back: mv ");
        assertThat(read("tasks/triage.yaml")).isEqualTo(CANDIDATE.replace("candidate: true # until July\n", ""));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("tasks/triage.yaml"))))
                .isEqualTo("rw-r-----");
        assertThat(read("tasks/triage.yaml.before")).isEqualTo(TEMPLATE);
        assertThat(Files.list(directory.resolve("tasks")).map(Path::getFileName).map(Path::toString))
                .containsExactlyInAnyOrder("triage.yaml", "triage.yaml.before");
        assertThat(run("check").code).isZero();
        Run again = run("promote", "triage");
        assertThat(again.code).isEqualTo(1);
        assertThat(again.err).contains("there is no candidate of a template 'triage'");
    }

    /** Who approves may sign in at the console: then no template names a client for it. */
    @Test
    void promotion_ofACandidateThatAsksAtTheConsole_isDone() throws IOException {
        write("login", "secret");
        write(
                "application.yaml",
                read("application.yaml")
                        .replace("  trust:", LOGIN + "  trust:")
                        .replace("audience: errand}", "audience: errand, clients: [chat]}"));
        write(
                "tasks/triage.candidate.yaml",
                CANDIDATE + "on-violation: {rule: ask}\nask: {by: {issuer: \"https://idp.example.org\"}}\n");
        assertThat(run("check").err).doesNotContain("candidate.yaml:1").doesNotContain("'clients'");
        Run promoted = run("promote", "triage");
        assertThat(promoted.err).isEmpty();
        assertThat(promoted.code).isZero();
        assertThat(read("tasks/triage.yaml")).contains("ask: {by:");
    }

    @Test
    void check_showsTheCandidate() {
        Run check = run("check");
        assertThat(check.code).as(check.err).isZero();
        assertThat(check.out).containsPattern("candidates:\n  triage \\(sha-256:[^)]*\\)\n    any order");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "candidate: true # until July | candidate: false | tasks/triage.candidate.yaml:3:12: `candidate` is true, or is left out",
                "candidate: true # until July | '' | tasks/triage.candidate.yaml:2:1: a file named *.candidate.yaml holds a candidate: write `candidate: true`, or rename the file",
                "template: triage | template: triaje | tasks/triage.candidate.yaml:2:11: a candidate is judged beside a template of the same name, and there is no template 'triaje'; did you mean 'triage'?",
                "at-most: 20 | at-most: many | tasks/triage.candidate.yaml:10:45: expected an integer 1..9007199254740992, found 'many'",
            })
    void faultsOfACandidate_standAtTheirPlace_andNothingIsPromoted(String old, String fresh, String fault)
            throws IOException {
        write("tasks/triage.candidate.yaml", CANDIDATE.replace(old, fresh));
        Run check = run("check");
        assertThat(check.code).isEqualTo(1);
        assertThat(check.err).contains(fault);
        Run promoted = run("promote", "triage");
        assertThat(promoted.code).isEqualTo(1);
        assertThat(promoted.err).contains(fault, "nothing was promoted");
        assertThat(read("tasks/triage.yaml")).isEqualTo(TEMPLATE);
        assertThat(directory.resolve("tasks/triage.candidate.yaml")).exists();
        assertThat(directory.resolve("tasks/triage.yaml.before")).doesNotExist();
    }

    @Test
    void candidateOfATemplateThatIsNotThere_isNamedBesideOtherFaults() throws IOException {
        write("tasks/other.candidate.yaml", CANDIDATE.replace("template: triage", "template: triagee"));
        write("tasks/triage.yaml", TEMPLATE.replace("template: triage", "template: triage\nlimitz: 3"));
        String err = run("check").err;
        assertThat(err)
                .contains("unknown key 'limitz'")
                .contains("tasks/other.candidate.yaml:2:11: a candidate is judged beside a template of the same name,"
                        + " and there is no template 'triagee'")
                .doesNotContain("no template 'triage'");
    }

    @Test
    void candidateInATemplatesFile_andASecondCandidate_areFaults() throws IOException {
        write("tasks/other.yaml", CANDIDATE);
        assertThat(run("check").err)
                .contains("tasks/other.yaml:3:1: a candidate stands in a file of its own, named NAME.candidate.yaml");
        Files.delete(directory.resolve("tasks/other.yaml"));
        write("tasks/other.candidate.yaml", CANDIDATE);
        assertThat(run("check").err)
                .contains("a candidate of template 'triage' is already in tasks/other.candidate.yaml");
    }

    @Test
    void candidateThatCanJudgeNoTask_isWarnedOf() throws IOException {
        write("tasks/triage.candidate.yaml", CANDIDATE.replace("rules:", "parameters: {team: \"[a-z]+\"}\nrules:"));
        Run check = run("check");
        assertThat(check.code).isZero();
        assertThat(check.err)
                .contains(
                        "warning: the candidate needs the parameter 'team', which no task of the template 'triage' has");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{template: triage, candidate: true, %s}\n",
                "{candidate: true, template: triage, %s}\n",
                "{template: triage, %s, \"candidate\": true}\n",
                "{template: triage, %s,\n 'candidate' : true }\n",
                "# a candidate: true, one might say\n{template: triage,\n candidate: true, %s}\n"
            })
    void candidateThatSharesItsLine_isPromoted(String text) throws IOException {
        String rest = "agents: [\"spiffe://example.org/agent/triage\"], humans: {claim: groups, any: [support]},"
                + " allow: {\"tickets:ticket.read\": {}}";
        write("tasks/triage.candidate.yaml", text.formatted(rest));
        Run run = run("promote", "triage");
        assertThat(run.code).as(run.err).isZero();
        assertThat(read("tasks/triage.yaml"))
                .contains(rest)
                .doesNotContain("candidate'", "candidate\"", "triage, candidate");
        assertThat(directory.resolve("tasks/triage.candidate.yaml")).doesNotExist();
    }

    @Test
    void candidateWrittenInAnotherWay_andALinkedFile_areRefused() throws IOException {
        write("tasks/triage.candidate.yaml", CANDIDATE.replace("candidate: true", "candidate:\n  true"));
        Run other = run("promote", "triage");
        assertThat(other.code).isEqualTo(1);
        assertThat(other.err).contains("write `candidate: true` on a line of its own");

        write("tasks/triage.candidate.yaml", CANDIDATE);
        Path mounted = Files.writeString(directory.resolve("mounted"), TEMPLATE);
        Files.delete(directory.resolve("tasks/triage.yaml"));
        Files.createSymbolicLink(directory.resolve("tasks/triage.yaml"), mounted);
        Run linked = run("promote", "triage");
        assertThat(linked.code).isEqualTo(1);
        assertThat(linked.err).contains("is a symbolic link");
        assertThat(Files.readString(mounted)).isEqualTo(TEMPLATE);
    }
}
