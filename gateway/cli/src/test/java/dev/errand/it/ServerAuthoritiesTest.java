package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.autoconfigure.CredentialTrial;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** An STS or an authorization server whose certificate another authority signs than that of the upstream. */
class ServerAuthoritiesTest {
    private static final String CONFIGURATION = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: one
                  uri: https://one.example.org
                  predicates: [Path=/one/**]
                  filters: [StripPrefix=1, OperationMapping=tickets, UpstreamCredential=one]
            errand:
              issuer: https://gateway.example.org
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
              credential-keys: file:credential.jwks
              upstreams:
                one: %s
            """;

    @TempDir
    private Path directory;

    private DisposableServer server;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
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
                allow: {tickets:ticket.read: {resource: {wildcard: true}}}
                """);
        CredentialKeysFile.in(directory);
        TestTls own = new TestTls(directory);
        Path certificate = own.certificate(directory.resolve("server.pem"));
        Path key = own.key(directory.resolve("server.key"));
        new TestTls(Files.createDirectories(directory.resolve("other"))).certificate(directory.resolve("other.pem"));
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .secure(spec -> {
                    try {
                        spec.sslContext(SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                                .build());
                    } catch (javax.net.ssl.SSLException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .route(routes -> routes.post(
                                "/sts",
                                (request, response) -> response.sendString(
                                        Mono.just(
                                                "<a><AccessKeyId>AKIA1</AccessKeyId>"
                                                        + "<SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken></a>")))
                        .post(
                                "/token",
                                (request, response) -> response.sendString(Mono.just(
                                        "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\",\"expires_in\":300}")))
                        .post("/revoke", (request, response) -> response.send()))
                .bindNow();
    }

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    private String uri(String path) {
        return "\"https://127.0.0.1:" + server.port() + path + '"';
    }

    private void write(String one) throws Exception {
        Files.writeString(directory.resolve("application.yaml"), CONFIGURATION.formatted(one));
    }

    private CredentialTrial.Tried tried(String one) throws Exception {
        write(one);
        assertThat(ConfigurationCheck.check(directory, Map.of()).faults()).isEmpty();
        List<CredentialTrial.Tried> tried = CredentialTrial.run(directory, Map.of());
        assertThat(tried).hasSize(1);
        return tried.get(0);
    }

    private String sts(String authorities) {
        return "{sts: {endpoint: " + uri("/sts") + ", region: eu-central-1, service: s3" + authorities + "}";
    }

    private String exchange(String authorities) {
        return "{token-exchange: {endpoint: " + uri("/token") + ", revocation-endpoint: " + uri("/revoke")
                + ", client: {id: errand, key: credential}" + authorities + "}";
    }

    @Test
    void server_isBelievedByItsOwnAuthorities_andByNoOthers() throws Exception {
        String own = ", authorities: \"file:server.pem\"";
        String other = ", authorities: \"file:other.pem\"";
        for (boolean sts : List.of(true, false)) {
            String name = sts ? "sts" : "token-exchange";
            CredentialTrial.Tried good = tried((sts ? sts(own) : exchange(own)) + other + "}");
            assertThat(good.good())
                    .as(name + " beside authorities of the upstream: " + good.text())
                    .isTrue();
            assertThat(tried((sts ? sts(own) : exchange(own)) + "}").good())
                    .as(name)
                    .isTrue();
            assertThat(tried((sts ? sts(other) : exchange(other)) + own + "}").good())
                    .as(name + " signed by the upstream's authority alone")
                    .isFalse();
            assertThat(tried((sts ? sts("") : exchange("")) + own + "}").good())
                    .as(name + " without authorities of its own")
                    .isTrue();
            assertThat(tried((sts ? sts("") : exchange("")) + "}").good())
                    .as(name + " by those of Java")
                    .isFalse();
        }
    }

    @Test
    void authorities_thatAreNone_areAFaultAtTheirKey() throws Exception {
        Files.writeString(directory.resolve("none.pem"), "no certificate");
        for (String value : List.of("file:none.pem", "file:absent.pem", "server.pem")) {
            for (String one : List.of(
                    sts(", authorities: \"" + value + '"') + "}", exchange(", authorities: \"" + value + '"') + "}")) {
                write(one);
                assertThat(ConfigurationCheck.check(directory, Map.of()).faults())
                        .as(one)
                        .singleElement()
                        .asString()
                        .startsWith("application.yaml:15:")
                        .contains("PEM");
            }
        }
    }
}
