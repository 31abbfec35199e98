package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.autoconfigure.ConfigurationCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code errand check} says of headers that pass, of filters that write some, and of CORS. */
class ConfigurationHeadersTest {
    private static final String APPLICATION = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: tickets
                  uri: http://127.0.0.1:8200
                  predicates: [Path=/tickets/**]
                  filters:
                    - OperationMapping=tickets
                    - UpstreamCredential=tickets
            errand:
              issuer: https://gateway.example.org
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
              upstreams:
                tickets: {header: {name: X-Remote-User, file: "file:token"}}
            server: {address: 127.0.0.1}
            """;
    private static final String CATALOGUE = """
            catalogue: tickets
            resolver: template
            headers: {}
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        write("application.yaml", APPLICATION);
        write("token", "secret");
        write("operations/tickets.yaml", CATALOGUE);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private void headers(String headers) throws IOException {
        write("operations/tickets.yaml", CATALOGUE.replace("headers: {}", "headers: " + headers));
    }

    private List<String> faults() {
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Object::toString)
                .toList();
    }

    private List<String> warnings() {
        ConfigurationCheck.Result result = ConfigurationCheck.check(directory, Map.of());
        assertThat(result.faults()).isEmpty();
        return result.warnings().stream()
                .map(Object::toString)
                .filter(warning -> !warning.contains("no template was read"))
                .toList();
    }

    @Test
    void aCatalogue_thatLetsNothingPass_hasNoWarning() throws IOException {
        headers("{unlisted: refuse, refuse: [\"X-Own-*\"]}");
        assertThat(warnings()).isEmpty();
    }

    @Test
    void pass_isAWarningAtItsPlace() throws IOException {
        headers("{pass: [X-Scope-OrgID, Sudo]}");
        assertThat(warnings())
                .containsExactly(
                        "operations/tickets.yaml:3:18: the agent chooses the value of 'X-Scope-OrgID', and the upstream"
                                + " gets it unchanged: without this line it is removed, since servers believe it about the caller",
                        "operations/tickets.yaml:3:33: the agent chooses the value of 'Sudo', and the upstream gets it unchanged:"
                                + " without this line a request with it is malformed, since it changes what the server"
                                + " does");
    }

    @Test
    void pass_ofAPrefix_andOfAllThatNoListHas_isAWarning() throws IOException {
        headers("{pass: [\"X-Acme-*\", DNT, X-Tenant-Id], unlisted: pass}");
        assertThat(warnings())
                .containsExactly(
                        "operations/tickets.yaml:3:18: the agent chooses the value of 'X-Acme-*', and the upstream gets it"
                                + " unchanged: so it does with every header of these names",
                        "operations/tickets.yaml:3:30: the agent chooses the value of 'DNT', and the upstream gets it"
                                + " unchanged: without this line it is removed, since no server needs it",
                        "operations/tickets.yaml:3:35: the agent chooses the value of 'X-Tenant-Id', and the upstream gets it"
                                + " unchanged: see that it names no user, tenant or other resource there",
                        "operations/tickets.yaml:3:49: the upstream gets every header of the agent that no list removes or"
                                + " refuses: name those that its clients need under 'pass', and delete this key");
    }

    @Test
    void pass_ofWhatTheCredentialWrites_isAFault() throws IOException {
        headers("{pass: [x_remote_user]}");
        assertThat(faults())
                .containsExactly(
                        "operations/tickets.yaml:3:18: 'x_remote_user' cannot pass: UpstreamCredential=tickets of"
                                + " route 'tickets' writes it; remove it here");
    }

    @Test
    void filter_thatWritesWhatDoesNotPass_isAWarningAtTheFilter() throws IOException {
        write(
                "application.yaml",
                APPLICATION.replace(
                        "        - UpstreamCredential=tickets\n",
                        "        - SetRequestHeader=X-Consumer-Username, errand\n"
                                + "        - AddRequestHeader=Sudo, root\n        - AddRequestHeadersIfNotPresent=X-Own:fine\n"));
        assertThat(warnings())
                .containsExactly(
                        "application.yaml:9:11: route 'tickets' SetRequestHeader writes X-Consumer-Username, which is"
                                + " removed before the call is sent: give the upstream a header of yours by"
                                + " UpstreamCredential (kind header), or let the agent's pass too by headers: {pass:"
                                + " [X-Consumer-Username]} in the catalogue",
                        "application.yaml:10:11: route 'tickets' AddRequestHeader writes Sudo, with which every call is"
                                + " malformed: give the upstream a header of yours by UpstreamCredential (kind header), or"
                                + " let the agent's pass too by headers: {pass: [Sudo]} in the catalogue");
        headers("{pass: [Sudo, X-Consumer-Username]}");
        assertThat(warnings()).hasSize(2).allMatch(warning -> warning.startsWith("operations/tickets.yaml:3:"));
    }

    @Test
    void parameter_fromAHeaderThatDoesNotPass_isAWarning() throws IOException {
        write(
                "operations/tickets.yaml",
                CATALOGUE.replace("resource: \"{id}\"", "resource: \"{id}\", params: {as: \"header:Sudo\"}"));
        assertThat(warnings())
                .singleElement()
                .asString()
                .startsWith("operations/tickets.yaml:5:")
                .endsWith("the header Sudo is refused, so no call has the argument 'as': let it pass by headers: {pass:"
                        + " [Sudo]}");
    }

    @Test
    void lists_arePrinted_withWhatTheClientsOfEachCatalogueNeed() throws IOException {
        headers("{pass: [X-Tenant-Id], refuse: [\"X-Own-*\"], unlisted: refuse}");
        write(
                "operations/tickets.yaml",
                Files.readString(directory.resolve("operations/tickets.yaml"))
                        .replace("resource: \"{id}\"", "resource: \"{id}\", params: {tag: \"header:X-Tag\"}"));
        assertThat(lists(directory))
                .contains(
                        "every API:",
                        "tickets:",
                        "  passes X-Tenant-Id: the catalogue says so at operations/tickets.yaml:3:18",
                        "  passes X-Tag: an argument of an operation, and only of this operation",
                        "  refuses X-Own-*: the catalogue says so",
                        "  a request with another header is refused")
                .anyMatch(line -> line.startsWith("  pass: Accept, Accept-*, Content-*, If-*, "))
                .anyMatch(line -> line.startsWith("  removed, since they change nothing: ") && line.contains("DNT"))
                .anyMatch(line -> line.startsWith("  removed, since they say who calls: Remote-*, "))
                .anyMatch(
                        line -> line.startsWith("  refused, since they change what a server does: X-Vault-Namespace, "))
                .anyMatch(line -> line.startsWith("  end at the gateway: Authorization, "));

        assertThat(lists(Checkout.path("config")))
                .contains(
                        "git (git):",
                        "  passes Git-Protocol: needed by git, to ask for version 2 of its protocol",
                        "k8s (kubernetes):",
                        "registry (oci):",
                        "s3 (s3):",
                        "tools (jsonrpc):",
                        "vault (vault):",
                        "  passes X-Vault-Request: needed by vault, bao and their libraries, on every call",
                        "  other headers are removed where the operation reads or lists, and refused elsewhere");
    }

    private static List<String> lists(Path config) {
        StringWriter out = new StringWriter();
        assertThat(Errand.commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(new StringWriter()))
                        .execute("check", "--config", config.toString(), "--headers"))
                .isZero();
        return out.toString().lines().toList();
    }

    @Test
    void cors_isAWarning() throws IOException {
        write(
                "application.yaml",
                APPLICATION
                        .replace(
                                "  routes:\n",
                                "  globalcors: {cors-configurations: {\"[/**]\": {allowed-origins: \"*\"}}}\n  routes:\n")
                        .replace(
                                "      filters:\n",
                                "      metadata: {cors: {allowed-origins: \"*\"}}\n      filters:\n"));
        assertThat(warnings())
                .hasSize(2)
                .anyMatch(warning -> warning.startsWith("application.yaml:3:3: 'globalcors': a browser's preflight"))
                .anyMatch(
                        warning -> warning.startsWith("application.yaml:5:7: route 'tickets' metadata: {cors: …}: a"));
    }
}
