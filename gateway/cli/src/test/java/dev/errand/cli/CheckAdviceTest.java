package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What loads and is not likely to be meant: each is told with its place and the fix, all at once. */
class CheckAdviceTest {
    private static final String APPLICATION = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: tickets
                  uri: http://127.0.0.1:8200
                  predicates: [Path=/tickets/**]
                  filters: [StripPrefix=1, OperationMapping=tickets, UpstreamCredential=tickets]
            errand:
              issuer: https://gateway.example.org
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
              upstreams:
                tickets: {bearer: {file: "file:token"}}
            server: {address: 127.0.0.1}
            """;

    private static final String CATALOGUE = """
            catalogue: tickets
            resolver: template
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
              - {id: ticket.comment, match: {method: POST, path: "/v1/tickets/{id}/comments"}, effect: write, resource: "{id}"}
              - {id: ticket.close, match: {method: DELETE, path: "/v1/tickets/{id}"}, effect: delete, resource: "{id}"}
            """;

    private static final String TEMPLATE = """
            template: triage
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            allow:
              tickets:ticket.read: {}
              tickets:ticket.comment: {}
            sequence: [{tickets:ticket.read: "1..*"}, tickets:ticket.comment]
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
        write("token", "secret");
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private static String lines(List<Fault> list) {
        return list.stream().map(Fault::toString).collect(Collectors.joining("\n"));
    }

    private String warnings() {
        ConfigurationCheck.Result result = ConfigurationCheck.check(directory, Map.of());
        assertThat(result.faults()).isEmpty();
        return lines(result.warnings());
    }

    private String faults() {
        return lines(ConfigurationCheck.check(directory, Map.of()).faults());
    }

    @Test
    void good_hasNeitherFaultNorWarning() {
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            ~, tickets:ticket.comment]~ | ~, tickets:ticket.close, tickets:ticket.comment]~ | ~tasks/triage.yaml:8:43: the plan names 'tickets:ticket.close', which `allow` does not grant, so that every such call is refused: grant it under `allow`, or take it out here~
            ~, tickets:ticket.comment]~ | ~, {any: [tickets:ticket.comment, {repeat: [tickets:ticket.close], times: 2}]}]~ | ~tasks/triage.yaml:8:84: the plan names 'tickets:ticket.close', which~
            ~sequence:~ | ~interleave: [tickets:ticket.close]\\nsequence:~ | ~tasks/triage.yaml:8:14: `interleave` names 'tickets:ticket.close', which~
            ~sequence:~ | ~rules: [{bounded: tickets:ticket.close, at-most: 1}]\\nsequence:~ | ~tasks/triage.yaml:8:19: the rule names 'tickets:ticket.close', which~
            ~sequence:~ | ~rules: [{bounded: tickets:ticket.read, at-most: 1, within: 1h}]\\nsequence:~ | ~tasks/triage.yaml:8:60: the rule looks back over 1h, longer than the 900s that a task of this template lives: write a shorter `within`, or leave it out for the whole task~
            ~  tickets:ticket.comment: {}~ | ~  tickets:ticket.comment: {}\\n  tickets:ticket.close: {}~ | ~tasks/triage.yaml:8:3: 'tickets:ticket.close' grants tickets:ticket.close, which neither the plan nor `interleave` permits at any time: add a step, write it under `interleave`, or take the grant out~
            ~  tickets:ticket.comment: {}~ | ~  "tickets:*": {effects: [write, delete]}~ | ~tasks/triage.yaml:7:3: 'tickets:*' grants tickets:ticket.close, which neither~
            ~lifetime: 15m~ | ~lifetime: 2h~ | ~tasks/triage.yaml:4:1: a task of this template is to live 2h, and errand.trust.max-lifetime cuts it to 1h: write `lifetime: 1h` here, or a longer max-lifetime~
            ~example.org/agent~ | ~exmple.org/agent~ | ~tasks/triage.yaml:2:10: 'spiffe://exmple.org/agent/triage' is of the trust domain 'exmple.org', which errand.trust.workloads does not name, so that no such agent can prove who it is: add {trust-domain: exmple.org, bundle: …} there; did you mean 'example.org'?~
            ~lifetime: 15m~ | ~lifetime: 15m\\nflow: enforce~ | ~tasks/triage.yaml:5:1: `flow: enforce` without `consent`: what the agent says~
            """)
    void template_thatDoesNotFit_isWarnedOf(String good, String bad, String warning) throws IOException {
        assertThat(TEMPLATE).contains(good);
        write("tasks/triage.yaml", TEMPLATE.replace(good, bad.replace("\\n", "\n")));
        assertThat(warnings()).startsWith(warning);
        assertThat(warnings().lines()).hasSize(1);
    }

    @Test
    void flow_underConsent_isNotWarnedOf() throws IOException {
        write(
                "tasks/triage.yaml",
                TEMPLATE.replace("any: [support]", "any: [support], consent: task") + "flow: enforce\n");
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"300, 0", "200, 8", "1500, 0"})
    void template_whoseRootIsLong_isWarnedOfOrRefused(int operations, int depth) throws IOException {
        StringBuilder catalogue = new StringBuilder(CATALOGUE);
        StringBuilder template = new StringBuilder(TEMPLATE.replaceFirst("(?s)allow:.*", "allow:\n"));
        for (int i = 0; i < operations; i++) {
            catalogue
                    .append("  - {id: op")
                    .append(i)
                    .append(", match: {method: GET, path: /v2/")
                    .append(i)
                    .append("}, effect: read}\n");
            template.append("  tickets:op").append(i).append(": {}\n");
        }
        write("operations/tickets.yaml", catalogue.toString());
        write("tasks/triage.yaml", template + "delegation: {max-depth: " + depth + "}\n");
        if (operations == 1500) {
            assertThat(faults())
                    .matches(
                            "tasks/triage.yaml:5:1: a root token of this template has at least [0-9]+ bytes, more than the"
                                    + " 16384 that chains may hold, so that no task of it can start: grant fewer operations or"
                                    + " shorter constraints, or make two templates of it");
        } else if (depth == 0) {
            assertThat(warnings())
                    .matches(
                            "tasks/triage.yaml:5:1: a root token of this template has at least [0-9]+ bytes, more than 6144"
                                    + ", and every call carries it: grant fewer operations .*");
        } else {
            assertThat(warnings()).matches("tasks/triage.yaml:5:1: .*");
        }
    }

    @Test
    void label_thatNoTemplateLooksAt_isWarnedOf() throws IOException {
        write("operations/tickets.yaml", CATALOGUE.replace("effect: read,", "effect: read, yields: untrusted,"));
        assertThat(warnings())
                .isEqualTo(
                        "operations/tickets.yaml:4:85: nobody looks at this label: 'tickets:ticket.read' yields untrusted"
                                + " content, and no template has `flow: observe` or `flow: enforce`: write one of them there, or take"
                                + " the label out");
        write("tasks/triage.yaml", TEMPLATE + "flow: observe\n");
        assertThat(warnings()).isEmpty();
        write("tasks/triage.yaml", TEMPLATE);
        write(
                "tasks/close.yaml",
                TEMPLATE.replace("template: triage", "template: close")
                        .replaceFirst("(?s)allow:.*", "allow: {tickets:ticket.close: {}}\nflow: observe\n"));
        assertThat(warnings())
                .contains("'tickets:ticket.read' yields untrusted content, and no template that grants it has");
    }

    @Test
    void label_thatAFaultyTemplateMayLookAt_isNotWarnedOf() throws IOException {
        write("operations/tickets.yaml", CATALOGUE.replace("effect: read,", "effect: read, yields: untrusted,"));
        write("tasks/triage.yaml", TEMPLATE + "flow: observe\nunheard-of: 1\n");
        ConfigurationCheck.Result result = ConfigurationCheck.check(directory, Map.of());
        assertThat(result.faults()).singleElement().asString().contains("unheard-of");
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void label_ofACatalogueThatNamesItsOperationsItself_isWarnedOf() throws IOException {
        write(
                "operations/k8s.yaml",
                "catalogue: k8s\nresolver: kubernetes\nyields: {untrusted: [pods/log.get]}\nneeds:\n  trusted: [pods.delete]\n");
        assertThat(warnings().lines())
                .hasSize(2)
                .anyMatch(line -> line.startsWith(
                        "operations/k8s.yaml:3:22: nobody looks at this label: 'k8s:pods/log.get' yields"))
                .anyMatch(line -> line.startsWith(
                        "operations/k8s.yaml:5:13: nobody looks at this label: 'k8s:pods.delete' needs"));
    }

    @ParameterizedTest
    @CsvSource({"'{exact: 1, optional: true}', 1", "'{exact: 1}', 0", "'{exact: 1, optional: false}', 0"})
    void argumentThatNeedsTrust_andMayBeAbsent_isWarnedOf(String constraint, int warned) throws IOException {
        write(
                "operations/tickets.yaml",
                CATALOGUE.replace(
                        "effect: write,",
                        "effect: write, params: {urgent: \"body:/urgent\"}, needs: {trusted: [urgent]}, record: [urgent],"));
        write(
                "tasks/triage.yaml",
                TEMPLATE.replace("ticket.comment: {}", "ticket.comment: {urgent: " + constraint + "}")
                                .replace("any: [support]", "any: [support], consent: task")
                        + "flow: enforce\n");
        assertThat(warnings()
                        .lines()
                        .filter(line -> line.startsWith("tasks/triage.yaml:7:47: the catalogue says that"
                                + " 'tickets:ticket.comment' needs a trusted 'urgent'")))
                .hasSize(warned);
    }

    @Test
    void directory_thatHoldsNothing_isWarnedOf() throws IOException {
        Files.delete(directory.resolve("tasks/triage.yaml"));
        Files.delete(directory.resolve("operations/tickets.yaml"));
        write("application.yaml", APPLICATION.replaceFirst("(?s)spring.*?errand:", "errand:"));
        assertThat(warnings().lines().map(line -> line.replaceFirst(" was read.*", "")))
                .containsExactly(
                        "application.yaml:1:1: no route",
                        "application.yaml:1:1: no catalogue",
                        "application.yaml:1:1: no template");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `  routes:`  | `  httpclient: {response-timout: 5s}\\n  routes:` | `application.yaml:3:16: unknown key 'response-timout'; did you mean 'response-timeout'?`
            `  routes:`  | `  httpclient: {pool: {max-conections: 5}}\\n  routes:` | `application.yaml:3:23: unknown key 'max-conections'; did you mean 'max-connections'?`
            `  routes:`  | `  unheard-of: 5\\n  routes:` | `application.yaml:3:3: unknown key 'unheard-of': Spring knows no such key under 'spring.cloud.gateway.server.webflux'; take it out`
            `spring.cloud.gateway.server.webflux:` | `spring.cloud.gateway.httpclient.response-timeout: 5s\\nspring.cloud.gateway.server.webflux:` | `application.yaml:1:1: unknown key 'httpclient': it stands under spring.cloud.gateway.server.webflux now`
            `uri: http://127.0.0.1:8200` | `uri: lb://tickets` | `application.yaml:4:7: route 'tickets' has a 'uri' of the scheme 'lb', which nothing here sends: write http://host:port or https://host:port`
            """)
    void application_thatNobodyReads_isAFault(String good, String bad, String fault) throws IOException {
        assertThat(APPLICATION).contains(good);
        write("application.yaml", APPLICATION.replace(good, bad.replace("\\n", "\n")));
        assertThat(faults()).isEqualTo(fault);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "httpclient: {responseTimeout: 5s, pool: {max_connections: 5}, ssl: {trusted-x509-certificates: [a.pem]}}",
                "globalcors: {cors-configurations: {\"[/**]\": {allowed-origins: \"*\"}}}",
                "filter: {token-relay: {enabled: false}, secure-headers: {disable: [x-frame-options]}}",
                "metrics: {tags: {a: b}, enabled: true}"
            })
    void application_withKeysThatSpringKnows_hasNoFault(String key) throws IOException {
        write("application.yaml", APPLICATION.replace("  routes:", "  " + key + "\n  routes:"));
        assertThat(faults()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `bundle: "https://spire.example.org/bundle"` | `bundle: "file:empty.json"` | `{"keys": []}` | `application.yaml:12:17: file:empty.json holds no authority, so that no agent of 'example.org' can prove who it is`
            `jwks: "https://idp.example.org/jwks"`       | `jwks: "file:empty.json"`   | `{"keys": []}` | `application.yaml:11:14: empty.json: the JWK Set has no public signature key`
            `file: "file:token"`                         | `file: "file:empty.json"`   | ` `            | `application.yaml:14:5: empty.json is empty: put the credential there`
            """)
    void document_thatIsEmpty_isAFault(String good, String bad, String content, String fault) throws IOException {
        write("application.yaml", APPLICATION.replace(good, bad));
        write("empty.json", content);
        assertThat(faults()).startsWith(fault);
        assertThat(faults().lines()).hasSize(1);
    }

    @Test
    void nineFaults_areToldAtOnce() throws IOException {
        write(
                "application.yaml",
                APPLICATION
                        .replaceFirst("(?s)  routes:.*?errand:", "  unheard-of: 5\nerrand:")
                        .replace("https://spire.example.org/bundle", "file:empty.json")
                        .replace("trust-domain: example.org", "trust-domain: example.com"));
        write("empty.json", "{\"keys\": []}");
        String operations = IntStream.range(0, 1500)
                .mapToObj(i ->
                        "  - {id: op" + i + ", match: {method: GET, path: /v2/" + i + "}, effect: read, resource: x}\n")
                .collect(Collectors.joining());
        write(
                "operations/tickets.yaml",
                CATALOGUE.replace("effect: delete,", "effect: delete, needs: trusted,") + operations);
        write(
                "tasks/triage.yaml",
                TEMPLATE.replace("15m", "3h").replace(", tickets:ticket.comment]", ", tickets:ticket.close]"));
        write(
                "tasks/long.yaml",
                "template: long\nagents: [\"spiffe://example.com/agent/a\"]\nhumans: {issuer: i}\nallow:\n"
                        + IntStream.range(0, 1500)
                                .mapToObj(i -> "  tickets:op" + i + ": {}\n")
                                .collect(Collectors.joining()));
        ConfigurationCheck.Result result = ConfigurationCheck.check(directory, Map.of());
        assertThat(result.faults().stream().map(Fault::toString))
                .hasSize(3)
                .anyMatch(line -> line.matches("application.yaml:\\d+:\\d+: unknown key 'unheard-of'.*"))
                .anyMatch(line -> line.matches("application.yaml:\\d+:\\d+: file:empty.json holds no authority.*"))
                .anyMatch(line -> line.matches("tasks/long.yaml:4:1: a root token of this template has at least.*"));
        assertThat(result.warnings().stream().map(Fault::toString))
                .hasSize(6)
                .anyMatch(line ->
                        line.matches("tasks/triage.yaml:8:\\d+: the plan names 'tickets:ticket.close', which.*"))
                .anyMatch(line -> line.matches("tasks/triage.yaml:7:3: 'tickets:ticket.comment' grants.*"))
                .anyMatch(line -> line.matches("tasks/triage.yaml:4:1: a task of this template is to live 3h.*"))
                .anyMatch(line -> line.matches("tasks/triage.yaml:2:\\d+: 'spiffe://example.org/agent/triage' is of.*"))
                .anyMatch(line -> line.matches("application.yaml:1:1: no route was read.*"))
                .anyMatch(line -> line.matches("operations/tickets.yaml:6:\\d+: nobody looks at this label.*"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            200 | `{"issuer": "@", "jwks_uri": "@/jwks", "subject_types_supported": ["public", "pairwise"]}` | `` | ``
            200 | `{"issuer": "@", "jwks_uri": "@/jwks"}`           | `` | ``
            200 | `{"issuer": "@", "jwks_uri": "@/jwks", "subject_types_supported": ["pairwise"]}` | `(pairwise), so that records of two clients name the same human differently` | ``
            200 | `{"issuer": "@", "jwks_uri": "@/jwks", "subject_types_supported": ["pairwise"]}` | `` | `subject: oid, `
            200 | `{"issuer": "@", "jwks_uri": "@/jwks", "subject_types_supported": ["pairwise"]}` | `(pairwise)` | `subject: sub, `
            200 | `{"issuer": "https://other", "jwks_uri": "@/jwks"}` | `names another issuer than` | ``
            200 | `<html>`                                          | `is no JSON object` | ``
            500 | `{}`                                              | `does not answer (answered 500)` | ``
            """)
    void provider_isAskedForWhatItSaysOfItself(int status, String document, String warning, String more)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        String issuer = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/.well-known/openid-configuration", exchange -> {
            byte[] body = document.replace("@", issuer).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            write(
                    "application.yaml",
                    APPLICATION.replace(
                            "{issuer: \"https://idp.example.org\", jwks: \"https://idp.example.org/jwks\", ",
                            "{issuer: \"" + issuer + "\", discovery: true, " + more));
            ConfigurationCheck.Result result = ConfigurationCheck.checkAndAsk(directory, Map.of());
            assertThat(result.faults()).isEmpty();
            String told = lines(result.warnings());
            if (warning == null || warning.isEmpty()) {
                assertThat(told).isEmpty();
            } else {
                assertThat(told).startsWith("application.yaml:11:14: ").contains(warning, issuer);
            }
        } finally {
            server.stop(0);
        }
    }

    @Test
    void provider_thatIsAway_isAWarning() throws IOException {
        write(
                "application.yaml",
                APPLICATION.replace(
                        "{issuer: \"https://idp.example.org\", jwks: \"https://idp.example.org/jwks\", ",
                        "{issuer: \"http://127.0.0.1:1\", discovery: true, "));
        ConfigurationCheck.Result result = ConfigurationCheck.checkAndAsk(directory, Map.of());
        assertThat(result.faults()).isEmpty();
        assertThat(lines(result.warnings()))
                .contains(
                        "application.yaml:11:14: http://127.0.0.1:1/.well-known/openid-configuration does not answer");
    }
}
