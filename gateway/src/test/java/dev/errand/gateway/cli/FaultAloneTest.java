package dev.errand.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fault under {@code errand} makes nothing else of the configuration look wrong. */
class FaultAloneTest {
    @TempDir
    private Path directory;

    @Test
    void prefixThatARouteGives_isKnownToTemplates_alsoBesideAFault() throws Exception {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        Files.writeString(directory.resolve("application.yaml"), """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: staging
                  uri: http://127.0.0.1:8200
                  predicates: [Path=/staging/**]
                  filters: [StripPrefix=1, "OperationMapping=tickets,as=staging"]
            errand:
              issuer: https://gateway.example.org
              mode: watch
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
            """);
        Files.writeString(directory.resolve("operations/tickets.yaml"), """
            catalogue: tickets
            resolver: template
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
            """);
        Files.writeString(directory.resolve("tasks/triage.yaml"), """
            template: triage
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            allow:
              staging:ticket.read: {}
            """);
        List<Fault> faults = ConfigurationCheck.check(directory, Map.of()).faults();
        assertThat(faults)
                .singleElement()
                .asString()
                .isEqualTo("application.yaml:10:9: 'errand.mode' must be one of enforce, observe, found 'watch'");
    }
}
