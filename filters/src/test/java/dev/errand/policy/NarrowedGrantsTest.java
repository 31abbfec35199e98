package dev.errand.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.task.template.SequencePlans;
import dev.errand.task.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grants of a configuration of the build before, which this build reads more narrowly. */
class NarrowedGrantsTest {
    private static final String OF_THE_BUILD_BEFORE = """
            catalogue: vault
            resolver: template
            base-path: /v1
            operations:
              - {id: kv.read, match: {method: GET, path: "/secret/data/{path+}"}, effect: read, resource: "secret/{path}"}
              - {id: token.lookup-self, match: {method: GET, path: /auth/token/lookup-self}, effect: read, resource: self}
              - {id: document, match: {method: GET, path: /sys/internal/specs/openapi}, effect: list, resource: document}
              - {id: snapshot, match: {method: GET, path: /sys/storage/raft/snapshot}, effect: list, answer: large}
            """;

    @TempDir
    private Path directory;

    private List<String> warnings(String catalogue, String allow) throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        Files.writeString(directory.resolve("operations/vault.yaml"), catalogue);
        Files.writeString(directory.resolve("tasks/work.yaml"), """
                template: work
                agents: ["spiffe://example.org/agent/a"]
                humans: {claim: groups, any: [g]}
                lifetime: 15m
                allow:
                """ + allow + "limits: {calls: 1}\n");
        Faults faults = new Faults();
        new PolicyFiles(
                        directory,
                        Map.of("bao", "vault"),
                        new TemplateParser(new SequencePlans(SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT)))
                .load(faults);
        assertThat(faults.list()).isEmpty();
        return faults.warnings().stream().map(Fault::toString).toList();
    }

    @Test
    void grantThatShowsTheGatewaysToken_isNamed() throws IOException {
        assertThat(warnings(OF_THE_BUILD_BEFORE, "  vault:token.lookup-self: {}\n"))
                .singleElement()
                .asString()
                .startsWith("tasks/work.yaml:6:3: ")
                .contains("since this build the answer of vault:token.lookup-self is withheld (502)");
        assertThat(warnings(OF_THE_BUILD_BEFORE, "  \"vault:*\": {effects: [read]}\n"))
                .singleElement()
                .asString()
                .contains("vault:token.lookup-self");
        assertThat(warnings(OF_THE_BUILD_BEFORE, "  bao:token.lookup-self: {}\n"))
                .singleElement()
                .asString()
                .contains("bao:token.lookup-self");
    }

    @Test
    void grantOfALargeAnswer_isNamed_unlessTheCatalogueSaysLarge() throws IOException {
        assertThat(warnings(OF_THE_BUILD_BEFORE, "  vault:document: {}\n  vault:snapshot: {}\n"))
                .singleElement()
                .asString()
                .contains("vault:document")
                .contains("answer: large");
    }

    @Test
    void otherGrants_areNot() throws IOException {
        assertThat(warnings(OF_THE_BUILD_BEFORE, "  vault:kv.read: {}\n")).isEmpty();
        String other = OF_THE_BUILD_BEFORE.replace("catalogue: vault", "catalogue: other");
        assertThat(warnings(other, "  other:token.lookup-self: {}\n")).isEmpty();
    }
}
