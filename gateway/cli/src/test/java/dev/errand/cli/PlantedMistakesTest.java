package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Twenty mistakes in a configuration that is made from an OpenAPI document: one run tells each of them, with its place and what to write. */
class PlantedMistakesTest {
    private static final Map<String, String> FILES = Map.of(
            "application.yaml",
            """
            server: {address: 127.0.0.1, port: 8080}
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: orders
                  uri: http://127.0.0.1:3000
                  predicates: [Path=/orders/**]
                  filters: [StripPrefix=1, OperationMapping=order]
            errand:
              issuer: http://127.0.0.1:8080
              mod: enforce
              state: {timeout: 2seconds}
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "file:idp.jwks", audience: errand}]
                workloads: [{trust-domain: dev.invalid, bundle: "https://spire.example.org/bundle"}]
            """,
            "operations/orders-api.yaml",
            """
            openapi: 3.0.3
            info: {title: orders, version: "1"}
            paths:
              /orders/{order}:
                get: {operationId: getOrder}
                delete: {operationId: removeOrder}
              /orders/{order}/refund:
                post: {operationId: refund}
              /orders:
                get: {operationId: listOrders}
            """,
            "operations/orders.yaml",
            """
            catalogue: orders
            resolver: template
            import: [{openapi: orders-api.yaml}]
            effects: {getOrder: reed, removeOrder: delete, refund: write, listOrder: list}
            resources: {getOrder: "{order}"}
            normalize: {query: open}
            operations:
              - {id: cancel, match: {method: POST, path: "orders/{order}/cancel"}, effect: write, resource: "{order}"}
            """,
            "operations/billing.yaml",
            """
            catalogue: billing
            resolver: template
            import: [{openapi: bill.json}]
            """,
            "tasks/refund.yaml",
            """
            template: refund
            agents: ["refund-bot"]
            humans: {claim: groups}
            lifetime: 15minutes
            parameters: {order: "[0-9]{1,10}"}
            allow:
              orders:getOrder: {resource: {exact: "{ordre}"}}
              orders:refund: {resource: {exact: "{order}"}, amount: {range: {maximum: 500}}, ask: {unless: {resource: {exact: "1"}}}}
            limits: {task: [{capacity: 20, every: 10s}], calls: -1}
            sequence: [{orders:getOrder: "1..*"}, orders:refund]
            rules:
              - {bound: orders:refund, max: 2}
            on-violation: {sequence: denied}
            """);

    private static final List<String> TOLD = List.of(
            "application.yaml:8:32: route 'orders' OperationMapping=order: there is no catalogue 'order' in operations/; did you mean 'orders'?",
            "application.yaml:11:3: unknown key 'mod' under 'errand'; did you mean 'mode'?",
            "application.yaml:12:20: 'errand.state.timeout' must be a duration such as 50ms, 30s or 1h, found '2seconds'",
            "application.yaml:14:14: idp.jwks does not exist or cannot be read: put the public keys there",
            "operations/billing.yaml:3:11: ",
            "operations/orders.yaml:4:21: 'reed' is no effect; did you mean 'read'?",
            "operations/orders.yaml:4:63: 'listOrder' is no operation of this catalogue: `errand check --operations` lists them",
            "operations/orders.yaml:5:1: unknown key 'resources'",
            "operations/orders.yaml:6:1: unknown key 'normalize'; did you mean 'normalise'?",
            "operations/orders.yaml:8:46: not a path template: a path template begins with /",
            "tasks/refund.yaml:2:9: 'refund-bot' is not a SPIFFE ID with a path, '*' only within one path segment, such as",
            "tasks/refund.yaml:3:9: claim and any must both be there",
            "tasks/refund.yaml:4:11: expected a duration 1s..31d such as 10s, 15m or 1h, found '15minutes'",
            "tasks/refund.yaml:7:39: unknown parameter 'ordre'; did you mean 'order'?",
            "tasks/refund.yaml:8:66: unknown key 'maximum'; known are max, max_inclusive, min, min_inclusive",
            "tasks/refund.yaml:8:82: nobody may approve: the template needs the key 'ask', whose 'by' says who",
            "tasks/refund.yaml:9:32: unknown key 'every'; known are capacity, observe, per",
            "tasks/refund.yaml:9:53: expected an integer 1..9007199254740991, found the number -1",
            "tasks/refund.yaml:12:5: a rule is one of absence, ",
            "tasks/refund.yaml:13:26: unknown value 'denied' for sequence; known are ask, deny, interrupt, throttle");

    @TempDir
    private Path directory;

    @Test
    void eachOfTwentyMistakes_isToldInOneRun() throws IOException {
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        List<String> faults = ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .toList();
        List<String> missing = new ArrayList<>(TOLD);
        missing.removeIf(told -> faults.stream().anyMatch(fault -> fault.startsWith(told)));
        assertThat(missing).as(String.join("\n", faults)).isEmpty();
        assertThat(TOLD).hasSize(20);
        assertThat(faults)
                .anyMatch(
                        fault -> fault.endsWith("bill.json does not exist or cannot be read: save the document there"));
        // Each of them has a fix: no fault is a mere complaint.
        assertThat(faults).allMatch(fault -> fault.matches("[a-z/.-]+:[0-9]+:[0-9]+: .*"));
    }
}
