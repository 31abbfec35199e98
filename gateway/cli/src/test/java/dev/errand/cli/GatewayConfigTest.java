package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.NewKeyFile;
import dev.errand.jose.TestCertificate;
import dev.errand.jose.TestKeys;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of routes about which other gateways ask, before anything runs. */
class GatewayConfigTest {
    private static final String APPLICATION = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: tickets
                  uri: http://127.0.0.1:8200
                  metadata: {errand-cluster: tickets}
                  predicates: [Path=/v1/**]
                  filters: [OperationMapping=tickets]
            errand:
              issuer: https://gateway.example.org
              decision-service: {listen: "unix:/run/errand/decide.sock"}
              trust:
                humans:
                  - issuer: https://idp.example.org
                    jwks: https://idp.example.org/jwks
                    audience: errand
                    events: {receiver: /ssf/idp, audience: errand}
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
            """;
    private static final String CATALOGUE = """
            catalogue: tickets
            resolver: template
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
              - {id: ticket.close, match: {method: DELETE, path: "/v1/tickets/{id}"}, effect: delete, resource: "{id}"}
              - {id: ticket.events, match: {method: GET, path: "/v1/events/{id}"}, effect: connect, resource: "{id}"}
            """;
    private static final String TEMPLATE = """
            template: triage
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            lifetime: 15m
            allow: {tickets:ticket.read: {resource: {exact: "17"}}, tickets:ticket.close: {resource: {exact: "17"}}}
            """;
    private static final String ASK = "ask: {by: {claim: groups, any: [support], clients: [approve]}}\n";

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

    private void metadata(String more) throws IOException {
        write("application.yaml", APPLICATION.replace("errand-cluster: tickets", "errand-cluster: tickets, " + more));
    }

    private List<String> faults() {
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    private String printed(String... arguments) {
        StringWriter out = new StringWriter();
        Errand.commandLine().setOut(new PrintWriter(out)).execute(arguments);
        return out.toString();
    }

    private String check() {
        return printed("check", "--config", directory.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            errand-body: whole  | errand-body: whole} means nothing; the only value is 'stream'
            errand-door: yes    | errand-door: true} means nothing; the only value is 'authz'
            errand-door: proc   | errand-door: proc} means nothing; the only value is 'authz'
            """)
    void unknownValue_isAFault(String metadata, String fault) throws IOException {
        metadata(metadata);
        assertThat(faults()).singleElement().asString().contains("application.yaml:4:", fault);
    }

    @Test
    void authz_withAFilterThatChangesThePath_isAFault() throws IOException {
        write(
                "application.yaml",
                APPLICATION
                        .replace("errand-cluster: tickets", "errand-cluster: tickets, errand-door: authz")
                        .replace("[OperationMapping", "[StripPrefix=0, OperationMapping"));
        assertThat(faults()).singleElement().asString().contains("StripPrefix", "ext_authz cannot change the path");
    }

    @Test
    void stream_whereBodiesNameOperations_isAFault() throws IOException {
        metadata("errand-body: stream");
        assertThat(faults()).isEmpty();
        write(
                "operations/tickets.yaml",
                CATALOGUE
                        + "  - {id: ticket.write, match: {method: PUT, path: \"/v1/tickets/{id}\"}, effect: write,"
                        + " resource: \"{id}\", params: {state: \"body:/state\"}}\n");
        assertThat(faults()).singleElement().asString().contains("names operations by bodies");
    }

    @Test
    void stream_whereHumansAreAsked_isAFault_andIsNotProposed() throws IOException {
        write("tasks/triage.yaml", TEMPLATE + ASK);
        assertThat(faults()).isEmpty();
        assertThat(check()).doesNotContain("bodies could stream");
        metadata("errand-body: stream");
        assertThat(faults()).singleElement().asString().contains("the template triage asks humans");
    }

    @ParameterizedTest
    @CsvSource({
        "/oauth2/**",
        "/oauth2",
        "/approvals/{id}",
        "/.well-known/**",
        "/start",
        "/errands/**",
        "/problems/**",
        "/ssf/idp",
        "/ssf/idp/**"
    })
    void pathThatStaysOnTheTrafficPort_isAFault(String path) throws IOException {
        write("application.yaml", APPLICATION.replace("Path=/v1/**", "\"Path=" + path + '"'));
        assertThat(faults())
                .singleElement()
                .asString()
                .containsAnyOf("stays on the traffic port", "the gateway answers itself");
    }

    @Test
    void check_saysWhatCouldStream_andWhatExtAuthzIsRefused() throws IOException {
        assertThat(check()).contains("bodies could stream, by metadata: {errand-body: stream}: tickets");
        metadata("errand-door: authz, errand-body: stream");
        assertThat(check())
                .doesNotContain("bodies could stream")
                .contains("refused by ext_authz on route tickets: tickets:ticket.events; answers that last")
                .doesNotContain("tasks of triage");
        write("tasks/triage.yaml", TEMPLATE + "sequence: [tickets:ticket.read, tickets:ticket.close]\n");
        assertThat(check()).contains("every call of tasks of triage; tickets:ticket.events");
        write("tasks/triage.yaml", TEMPLATE + "sequence: [{tickets:ticket.read: {outcome: sent}}]\n");
        assertThat(faults()).isEmpty();
        assertThat(check()).doesNotContain("tasks of triage");
    }

    @Test
    void check_saysThatFlowFromNeedsAnswers() throws IOException {
        metadata("errand-door: authz");
        write(
                "operations/tickets.yaml",
                CATALOGUE
                        .replace(
                                "resource: \"{id}\"}\n  - {id: ticket.close",
                                "resource: \"{id}\", returns: {next: body:/next}}\n  - {id: ticket.close")
                        .replace("effect: delete, ", "effect: delete, needs: {trusted: [resource]}, "));
        String flow =
                TEMPLATE + "flow-from: {tickets:ticket.close: {resource: [\"tickets:ticket.read: next\"]}}\nflow: ";
        write("tasks/triage.yaml", flow + "enforce\n");
        assertThat(faults()).isEmpty();
        assertThat(check()).contains("every call of tasks of triage");
        write("tasks/triage.yaml", flow + "off\n");
        assertThat(check()).doesNotContain("tasks of triage");
    }

    @Test
    void envoysConfiguration_leadsTheTrafficPortsPathsThere_alsoWhereEventsAreReceived() {
        String config = printed("gateway-config", "envoy", "--config", directory.toString());
        for (String match : List.of(
                "prefix: \"/oauth2/\"",
                "prefix: \"/.well-known/\"",
                "prefix: \"/problems/\"",
                "path_separated_prefix: \"/approvals\"",
                "path_separated_prefix: \"/start\"",
                "path_separated_prefix: \"/errands\"",
                "path_separated_prefix: \"/ssf/idp\"")) {
            assertThat(config).contains("match: {" + match + "}");
            assertThat(config.indexOf(match)).isLessThan(config.indexOf("\"/v1\""));
        }
        assertThat(config).doesNotContain("/operator", "/actuator", "retry", "mirror");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            istio                     | is no gateway that this command knows
            envoy --listen 10000      | --listen is HOST:PORT
            envoy --certificate a.pem | --certificate and --key come together
            envoy --route other       | there is no route 'other'
            envoy --traffic 8080      | --traffic is a URL
            envoy --traffic ftp://a   | --traffic is a URL
            """)
    void wrongUse_isSaid(String arguments, String said) {
        StringWriter err = new StringWriter();
        int status = Errand.commandLine()
                .setErr(new PrintWriter(err))
                .execute(("gateway-config " + arguments + " --config " + directory).split(" "));
        assertThat(status).isNotZero();
        assertThat(err.toString()).contains(said);
    }

    /** What each kind of credential comes to on a route about which other gateways ask. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            header: {name: X-Key, file: "file:token"}                                             | '' | ''
            bearer: {file: "file:token"}                                                          | '' | ''
            vault-login: {url: "https://v.example", role: errand, jwt-file: "file:token"}         | '' | ''
            vault-login: {url: "https://v.example", role: errand, per: task, audience: v}         | '' | ''
            sigv4: {region: eu-central-1, service: s3, credentials-file: "file:token"}            | '' | ''
            sigv4: {region: eu-central-1, service: sqs, credentials-file: "file:token"}           | '' | signs bodies
            task-jwt: {audience: tickets}                                                         | '' | ''
            sts: {endpoint: "https://sts.example", region: eu-central-1, service: s3}             | '' | ''
            sts: {endpoint: "https://sts.example", region: eu-central-1, service: sqs}            | '' | signs bodies
            token-exchange: {endpoint: "https://as.example/t", client: {id: e, key: credential}, audience: t} | '' | ''
            client-certificate: {certificate: "file:token", key: "file:token"} | remove this filter | remove this filter
            """)
    void credential_worksByFieldsOfTheRequest_orIsAFault(String kind, String fault, String streaming) throws Exception {
        write("token", "secret");
        if (!Files.exists(directory.resolve("credential.jwks"))) {
            NewKeyFile.ofCredentials().write(directory.resolve("credential.jwks"));
        }
        for (String metadata : List.of("", ", errand-body: stream")) {
            write(
                    "application.yaml",
                    APPLICATION
                                    .replace("errand-cluster: tickets", "errand-cluster: tickets" + metadata)
                                    .replace(
                                            "[OperationMapping=tickets]",
                                            "[OperationMapping=tickets, UpstreamCredential=own]")
                            + "  credential-keys: file:credential.jwks\n  upstreams:\n    own:\n      " + kind + "\n");
            String expected = metadata.isEmpty() ? fault : streaming;
            if (expected.isEmpty()) {
                assertThat(faults()).as(kind).isEmpty();
            } else {
                assertThat(faults())
                        .as(kind)
                        .singleElement()
                        .asString()
                        .containsPattern("application.yaml:[0-9]+:[0-9]+: route 'tickets' ")
                        .contains("UpstreamCredential=own", expected);
            }
        }
    }

    private void tls(String more) throws IOException {
        write(
                "application.yaml",
                APPLICATION.replace(
                        "{listen: \"unix:/run/errand/decide.sock\"}",
                        "{listen: \"10.0.0.5:9443\", tls: {certificate: \"file:tls.pem\", key: \"file:tls.key\","
                                + " clients: \"file:clients.pem\", names: [\"spiffe://example.org/envoy\"]" + more
                                + "}}"));
    }

    private static String pem(X509Certificate certificate) throws GeneralSecurityException {
        return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    private String refused() {
        StringWriter err = new StringWriter();
        assertThat(Errand.commandLine()
                        .setErr(new PrintWriter(err))
                        .execute("gateway-config", "envoy", "--config", directory.toString()))
                .isEqualTo(1);
        return err.toString();
    }

    @Test
    void envoyTrustsTheAuthorityOfTheService_andItsNames_butNotItsCertificate() throws Exception {
        long now = System.currentTimeMillis();
        KeyPair own = TestKeys.of(JwsAlgorithm.ES256).pair();
        KeyPair signer = TestKeys.of(JwsAlgorithm.ES256).pair();
        KeyPair other = TestKeys.of(JwsAlgorithm.ES256).pair();
        TestCertificate named = new TestCertificate(now, signer.getPrivate(), "spiffe://example.org/errand");
        write("tls.pem", pem(named.address("10.0.0.5").address("2001:db8::1").leaf(own.getPublic())));
        write("tls.key", "");
        String authority = pem(new TestCertificate(now, signer.getPrivate()).ca(signer));
        write("clients.pem", authority);
        tls("");
        assertThat(printed("gateway-config", "envoy", "--config", directory.toString()))
                .doesNotContain("tls.pem")
                .contains(
                        "trusted_ca: {filename: \"" + directory.resolve("clients.pem") + "\"}",
                        "match_typed_subject_alt_names:"
                                + " [{san_type: URI, matcher: {exact: \"spiffe://example.org/errand\"}},"
                                + " {san_type: IP_ADDRESS, matcher: {exact: \"10.0.0.5\"}},"
                                + " {san_type: IP_ADDRESS, matcher: {exact: \"2001:db8::1\"}}]");

        // Any service of the authority may have these names.
        write(
                "tls.pem",
                pem(named.address("127.0.0.1")
                        .dns("localhost")
                        .dns("*.example.org")
                        .leaf(own.getPublic())));
        assertThat(printed("gateway-config", "envoy", "--config", directory.toString()))
                .contains("{exact: \"10.0.0.5\"}")
                .doesNotContain("exact: \"127.", "exact: \"localhost", "exact: \"*.");
        TestCertificate local = new TestCertificate(now, signer.getPrivate()).dns("localhost");
        write("tls.pem", pem(local.leaf(own.getPublic())));
        assertThat(printed("gateway-config", "envoy", "--config", directory.toString()))
                .contains("alt_names: [{san_type: DNS, matcher: {exact: \"localhost\"}}]");

        write("clients.pem", pem(new TestCertificate(now, other.getPrivate()).ca(other)));
        assertThat(refused())
                .contains("'errand.decision-service.tls.authorities' must name a file", "file:clients.pem has none");
        tls(", authorities: \"file:service-ca.pem\"");
        assertThat(faults()).singleElement().asString().contains("file:service-ca.pem, which cannot be read");
        write("service-ca.pem", "no certificate");
        assertThat(refused()).contains("service-ca.pem holds");
        write("service-ca.pem", authority);
        assertThat(printed("gateway-config", "envoy", "--config", directory.toString()))
                .contains("trusted_ca: {filename: \"" + directory.resolve("service-ca.pem") + "\"}");

        write("tls.pem", pem(new TestCertificate(now, signer.getPrivate()).leaf(own.getPublic())));
        assertThat(refused()).contains("a certificate without a DNS name, URI or address");
    }

    @Test
    void routeWithoutAnUpstream_needsItsName_andIsPrintedWithIt() throws IOException {
        write("application.yaml", APPLICATION.replace("uri: http://127.0.0.1:8200", "uri: no://op"));
        StringWriter err = new StringWriter();
        assertThat(Errand.commandLine()
                        .setErr(new PrintWriter(err))
                        .execute("gateway-config", "envoy", "--config", directory.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("errand-upstream");
        write(
                "application.yaml",
                APPLICATION
                        .replace("uri: http://127.0.0.1:8200", "uri: no://op")
                        .replace(
                                "errand-cluster: tickets",
                                "errand-cluster: tickets, errand-upstream: \"https://tickets.example.org\""));
        assertThat(printed("gateway-config", "envoy", "--config", directory.toString()))
                .contains("address: \"tickets.example.org\", port_value: 443", "sni: \"tickets.example.org\"");
    }
}
