package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fault at one place makes nothing else of the configuration look wrong. */
class FaultAloneTest {
    private static final String APPLICATION = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: staging
                  uri: http://127.0.0.1:8200
                  predicates: [Path=/staging/**]
                  filters: [StripPrefix=1, "OperationMapping=tickets,as=staging"]
            errand:
              issuer: https://gateway.example.org
              mode: observe
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
                anchors: [{issuer: "https://as.example.org", jwks: "https://as.example.org/jwks", templates: [triage]}]
            """;
    private static final String CATALOGUE = """
            catalogue: tickets
            resolver: template
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
              - {id: ticket.close, match: {method: DELETE, path: "/v1/tickets/{id}"}, effect: delete, resource: "{id}"}
            """;
    private static final String TEMPLATE = """
            template: triage
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            allow:
              staging:ticket.read: {resource: {exact: "17"}}
              tickets:ticket.close: {}
            sequence: [staging:ticket.read, tickets:ticket.close]
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        write("application.yaml", APPLICATION);
        write("operations/tickets.yaml", CATALOGUE);
        write("tasks/triage.yaml", TEMPLATE);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private List<String> faults() {
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    @Test
    void good_hasNoFault() {
        assertThat(faults()).isEmpty();
    }

    @Test
    void prefixThatARouteGives_isKnownToTemplates_alsoBesideAFault() throws IOException {
        write("application.yaml", APPLICATION.replace("observe", "watch"));
        assertThat(faults())
                .containsExactly("application.yaml:10:9: 'errand.mode' must be one of enforce, observe, found 'watch'");
    }

    @Test
    void operationWithAFault_isKnownToTemplates() throws IOException {
        write("operations/tickets.yaml", CATALOGUE.replace("effect: read", "effect: reed"));
        assertThat(faults()).containsExactly("operations/tickets.yaml:4:79: 'reed' is no effect; did you mean 'read'?");
    }

    @Test
    void operationsOfADocumentThatIsNotThere_areKnownToTemplates() throws IOException {
        write(
                "operations/tickets.yaml",
                "catalogue: tickets\nresolver: template\nimport: [{openapi: none.json}]\n"
                        + "effects: {ticket.read: read}\nrecord: {ticket.close: [resource]}\n");
        assertThat(faults())
                .containsExactly("operations/tickets.yaml:3:11: "
                        + directory
                                .resolve("operations/none.json")
                                .toAbsolutePath()
                                .normalize()
                        + " does not exist or cannot be read: save the document there");
    }

    private static final String DOCUMENT = """
            openapi: 3.0.3
            info: {title: tickets, version: "1"}
            paths:
              /v1/tickets/{id}:
                get: {operationId: ticket.read, responses: {"200": {description: ok}}}
                delete: {operationId: ticket.close, responses: {"204": {description: gone}}}
            """;

    /** A document in YAML has the ending of a catalogue, and may lie beside the one that imports it. */
    @Test
    void documentBesideItsCatalogue_isNoCatalogue() throws IOException {
        String imports = "catalogue: tickets\nresolver: template\nimport: [{openapi: document.yaml}]\n"
                + "effects: {ticket.read: read, ticket.close: delete}\n";
        write("operations/tickets.yaml", imports);
        write("operations/document.yaml", DOCUMENT);
        assertThat(faults()).isEmpty();
        write("operations/document.yaml", DOCUMENT.replace("paths:", "paths: ["));
        assertThat(faults())
                .allMatch(fault -> fault.startsWith("document.yaml:"))
                .hasSize(1);

        write("operations/document.yaml", DOCUMENT);
        write("operations/tickets.yaml", CATALOGUE);
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith(
                        "operations/document.yaml:1:1: an OpenAPI document that no catalogue imports: name the file in");
    }

    @Test
    void catalogueThatIsNoYaml_isKnownToTemplatesAndRoutes() throws IOException {
        write("operations/tickets.yaml", CATALOGUE + "  - [\n");
        assertThat(faults()).singleElement().asString().startsWith("operations/tickets.yaml:7:");
    }

    @Test
    void operationOfAnotherCatalogue_isTold_besideAFaultyCatalogue() throws IOException {
        write("operations/tickets.yaml", CATALOGUE.replace("effect: read", "effect: reed"));
        write("operations/mail.yaml", CATALOGUE.replace("tickets", "mail"));
        write("tasks/triage.yaml", TEMPLATE.replace("tickets:ticket.close", "mail:ticket.cloze"));
        assertThat(faults())
                .contains("tasks/triage.yaml:7:3: unknown operation 'mail:ticket.cloze'; did you mean"
                        + " 'mail:ticket.close'?");
    }

    @Test
    void templateWithAFault_isKnownToTheAnchorsThatItCaps() throws IOException {
        write("tasks/triage.yaml", TEMPLATE.replace("15m", "15x"));
        assertThat(faults())
                .containsExactly(
                        "tasks/triage.yaml:4:11: expected a duration 1s..31d such as 10s, 15m or 1h, found '15x'");
    }

    @Test
    void templateThatIsNotThere_isToldOfAnAnchor() throws IOException {
        write("application.yaml", APPLICATION.replace("[triage]", "[triag]"));
        assertThat(faults())
                .containsExactly(
                        "application.yaml:14:87: there is no template 'triag' in tasks/; did you mean 'triage'?");
    }
}
