package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.jose.KeyRing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a check says of {@code errand.console.login} and of the pages of approvals. */
class LoginFaultsTest {
    private static final String GOOD = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: tickets
                  uri: http://127.0.0.1:8200
                  predicates: [Path=/tickets/**]
                  filters: [StripPrefix=1, OperationMapping=tickets]
                - id: status
                  uri: http://127.0.0.1:8300
                  predicates: [Path=/status, Host=status.example.org]
                  metadata: {errand: open}
            errand:
              issuer: https://gateway.example.org
              approvals: {audience: "api://approvals"}
              console: {login: {issuer: "https://idp.example.org", client-id: errand-approvals, secret-file: "file:login"}}
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand, clients: [chat]}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
            """;

    private static final String TEMPLATE = """
            template: triage
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            allow:
              tickets:ticket.read: {resource: {wildcard: true}, ask: always}
            ask: {by: {claim: groups, any: [leads]}}
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        write("application.yaml", GOOD);
        write("login", "secret");
        write("operations/tickets.yaml", """
                catalogue: tickets
                resolver: template
                operations:
                  - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
                """);
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
    void good_hasNoFault_andItsClientApproves() {
        ConfigurationCheck.Result result = ConfigurationCheck.check(directory, Map.of());
        assertThat(result.faults()).isEmpty();
        assertThat(result.policies()
                        .templates()
                        .get("triage")
                        .enforced()
                        .ask()
                        .by()
                        .clients())
                .containsExactly("errand-approvals");
    }

    @Test
    void withoutALogin_theTemplateMustNameClients() throws IOException {
        write("application.yaml", GOOD.replaceFirst("  console:.*\n", ""));
        assertThat(faults())
                .containsExactly(
                        "tasks/triage.yaml:7:11: by must name 'clients': the clients at which people sign in to"
                                + " approve, none of which starts tasks; or write 'errand.console.login', whose client is the"
                                + " default");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `login: {issuer: "https://idp.example.org"` | `login: {issuer: "https://other.example.org"` | `'https://other.example.org' is no issuer under errand.trust.humans, so nobody who signs in there may decide: write one of these issuers exactly as it is there`
            `client-id: errand-approvals`  | `client-id: chat`                | `'chat' is a client whose tokens start tasks (errand.trust.humans[].clients): register a client of its own for approvals`
            `"file:login"`                 | `"0123456789"`                   | `must be 'file:' and a path: no secret stands in the configuration`
            `"file:login"`                 | `"file:none"`                    | `none does not exist or cannot be read: put the client's secret there, mode 0600, or leave the key out for a public client`
            `"file:login"`                 | `"file:login", scope: " "`       | `must be words such as 'openid', with a space between two`
            `"file:login"`                 | `"file:login", resource: all`    | `'all' must be an absolute URI without a fragment (RFC 8707), or 'none' for a provider that learns the audience from the scope`
            `issuer: https://gateway.example.org` | `issuer: http://gateway.example.org` | `'http://gateway.example.org' must be https://… or, on this machine only, http://127.0.0.1…`
            `audience: "api://approvals"`  | `url: "https://gateway.example.org"` | `'https://gateway.example.org' is the host of errand.issuer: give the pages a host of their own, or leave the key out`
            `audience: "api://approvals"`  | `url: "https://a.example.org/x"` | `'https://a.example.org/x' must be https://host[:port], without a path`
            `audience: "api://approvals"`  | `url: "http://a.example.org"`    | `'http://a.example.org' must be https://… or, on this machine only, http://127.0.0.1…`
            `, Host=status.example.org`    | ``                               | `route 'status' is open, on the host of errand.issuer, where people sign in to approve: what it answers could approve in their name. Give the route a Host predicate for another host, or the pages a host of their own by errand.approvals.url`
            `Host=status.example.org`      | `Host=**.example.org`            | `route 'status' is open, on the host of errand.issuer, where people sign in to approve: what it answers could approve in their name. Give the route a Host predicate for another host, or the pages a host of their own by errand.approvals.url`
            """)
    void fault_isSaid(String from, String to, String message) throws IOException {
        String changed = GOOD.replace(from, to == null ? "" : to);
        assertThat(changed).isNotEqualTo(GOOD);
        write("application.yaml", changed);
        assertThat(faults()).singleElement().asString().endsWith(": " + message);
    }

    private List<String> warnings() {
        return ConfigurationCheck.check(directory, Map.of()).warnings().stream()
                .map(Fault::toString)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `issuer: https://gateway.example.org` | `issuer: http://127.0.0.1:8080`                   | the pages on which people approve are at 127.0.0.1, and every program of this machine can serve a port of it.
            `audience: "api://approvals"`         | `url: "http://localhost:8081"`                    | the pages on which people approve are at localhost, and every program of this machine can serve a port of it.
            `audience: "api://approvals"`         | `url: "https://[::1]:8443"`                       | the pages on which people approve are at [::1], and every program of this machine can serve a port of it.
            `audience: "api://approvals"`         | `url: "https://errand.localhost"`                 | the pages on which people approve are at errand.localhost, and every program of this machine can serve a port of it.
            `http://127.0.0.1:8200`               | `https://GATEWAY.example.org.:8443`               | the upstream of route 'tickets' is at gateway.example.org, the host of the pages on which people approve.
            `  approvals:`                        | `  operator: {console: "https://gateway.example.org:9090"}\n  approvals:`   | the operators' console is at gateway.example.org, the host of the pages on which people approve.
            `  approvals:`                        | `  operator: {advertise: "https://gateway.example.org:9090"}\n  approvals:` | the operators' console is at gateway.example.org, the host of the pages on which people approve.
            """)
    void hostThatAnAgentMayServe_isWarnedOf(String from, String to, String message) throws IOException {
        assertThat(warnings()).noneMatch(warning -> warning.contains("on which people approve"));
        write("application.yaml", GOOD.replace(from, to.replace("\\n", "\n")));
        assertThat(faults()).isEmpty();
        assertThat(warnings())
                .filteredOn(warning -> warning.contains("on which people approve"))
                .singleElement()
                .asString()
                .matches("application.yaml:[0-9]+:[0-9]+: (warning: )?" + Pattern.quote(message) + " Browsers send .*");
    }

    @Test
    void hostOfAFirstRun_isNotWarnedOf() throws IOException {
        write("idp.jwks", """
                {"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","errand_dev":true}]}
                """);
        write(
                "application.yaml",
                GOOD.replace("https://gateway.example.org", "http://127.0.0.1:8080")
                                .replace("\"https://idp.example.org/jwks\"", "\"file:idp.jwks\"")
                        + "server: {address: 127.0.0.1}\n");
        assertThat(faults()).isEmpty();
        assertThat(warnings()).noneMatch(warning -> warning.contains("on which people approve"));
    }

    @Test
    void hostOfPagesThatAreNotThere_isNotWarnedOf() throws IOException {
        write("application.yaml", GOOD.replaceFirst("  console:.*\n", "").replace("gateway.example.org", "localhost"));
        assertThat(warnings()).noneMatch(warning -> warning.contains("on which people approve"));
    }

    private static final String OPERATORS = GOOD.replaceFirst("  console:.*\n", "")
            .replace(
                    "  trust:",
                    "  operators: [{name: a, issuer: \"https://idp.example.org\", jwks: \"https://idp.example.org/jwks\","
                            + " audience: ops, claim: groups, any: [sre], role: view, login: {client-id: c}}]\n  trust:");

    private void operators(String from, String to) throws IOException {
        String changed = OPERATORS.replace(from, to);
        assertThat(changed).isNotEqualTo(OPERATORS);
        write("tasks/triage.yaml", TEMPLATE.replace("[leads]", "[leads], clients: [c]"));
        write("application.yaml", changed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: ops` | `issuer: "http://idp.example.org", jwks: "https://idp.example.org/jwks", audience: ops` | `'http://idp.example.org' must be https://… or, on this machine only, http://127.0.0.1…`
            `issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: ops` | `issuer: "our idp", jwks: "https://idp.example.org/jwks", audience: ops` | `'our idp' must be https://… or, on this machine only, http://127.0.0.1…`
            `client-id: c}` | `client-id: c, resource: ops}` | `'ops' must be an absolute URI without a fragment (RFC 8707), or 'none' for a provider that learns the audience from the scope`
            `client-id: c}` | `client-id: " "}`              | `missing 'client-id': the client at which operators sign in to the console`
            """)
    void faultOfAnOperatorsLogin_isSaid(String from, String to, String message) throws IOException {
        operators(from, to);
        assertThat(faults()).singleElement().asString().endsWith(": " + message);
    }

    @ParameterizedTest
    @CsvSource({"http://console.example.org", "https://console.example.org/x", "console"})
    void addressOfTheConsole_isOneThatABrowserKeepsCookiesOf(String address) throws IOException {
        operators("  trust:", "  operator: {console: '" + address + "'}\n  trust:");
        assertThat(faults())
                .singleElement()
                .asString()
                .endsWith("'" + address + "' must be https://host[:port], without a path; http on loopback alone");
    }

    @ParameterizedTest
    @CsvSource({"none", "urn:ops"})
    void resourceOfAnOperatorsLogin_isTaken(String resource) throws IOException {
        operators("client-id: c}", "client-id: c, resource: '" + resource + "'}");
        assertThat(faults()).isEmpty();
    }

    @Test
    void sharedStore_withoutAStateKey_letsNobodySignIn() throws Exception {
        KeyRing.createIfAbsent(directory.resolve("keys.jwks"));
        String shared = "  keys: file:keys.jwks\n  state: {redis: \"redis://127.0.0.1:6379\"}\n  trust:";
        write("application.yaml", GOOD.replace("  trust:", shared));
        assertThat(faults()).isEmpty();
        Path keys = directory.resolve("keys.jwks");
        Files.writeString(keys, Files.readString(keys).replaceAll(",?\\{[^{}]*\"oct\"[^{}]*}", ""));
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("application.yaml:15:13: ")
                .endsWith("keys.jwks has no key of use"
                        + " 'state', so whoever can write to the shared Redis could make a session for anybody: `errand keys new`"
                        + " makes such a key; put it into keys.jwks on all replicas");
        operators("  trust:", shared);
        assertThat(faults()).singleElement().asString().contains("has no key of use 'state'");
        write("application.yaml", GOOD.replaceFirst("  console:.*\n", "").replace("  trust:", shared));
        assertThat(faults()).isEmpty();
    }

    @Test
    void aHostOfItsOwn_letsOpenRoutesBe() throws IOException {
        String open = GOOD.replace(", Host=status.example.org", "");
        write(
                "application.yaml",
                open.replace("audience: \"api://approvals\"", "url: \"https://approve.example.org\""));
        assertThat(faults()).isEmpty();
        write("application.yaml", open.replaceFirst("  console:.*\n", ""));
        write("tasks/triage.yaml", TEMPLATE.replace("[leads]", "[leads], clients: [c]"));
        assertThat(faults()).isEmpty();
    }

    @Test
    void unknownKey_isSaid() throws IOException {
        write("application.yaml", GOOD.replace("client-id:", "client:"));
        assertThat(faults()).anySatisfy(fault -> assertThat(fault).contains("client"));
    }
}
