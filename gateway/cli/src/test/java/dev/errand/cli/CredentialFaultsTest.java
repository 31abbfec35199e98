package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.NewKeyFile;
import dev.errand.token.KeyUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code errand check} says of credentials that live with tasks: each fault and its place. */
class CredentialFaultsTest {
    private static final String HEAD = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: one
                  uri: http://one.example.org
                  predicates: [Path=/one/**]
                  filters: [StripPrefix=1, OperationMapping=tickets, UpstreamCredential=one]
                - id: two
                  uri: http://two.example.org
                  predicates: [Path=/two/**]
                  filters: [StripPrefix=1, "OperationMapping=tickets,as=second", UpstreamCredential=two]
                - id: k8s
                  uri: http://three.example.org
                  predicates: [Path=/k8s/**]
                  filters: [StripPrefix=1, OperationMapping=k8s, UpstreamCredential=k8s]
            errand:
              issuer: https://gateway.example.org
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
              credential-keys: file:credential.jwks
              upstreams:
            """;
    private static final String ONE = "{task-jwt: {audience: one}}";
    private static final String TWO = "{task-jwt: {audience: two}}";
    private static final String K8S = "{impersonate: {bearer: {file: \"file:token\"}, groups: [agents]}}";

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws Exception {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        Files.writeString(directory.resolve("token"), "secret");
        NewKeyFile.ofCredentials().write(directory.resolve("credential.jwks"));
        Files.writeString(directory.resolve("operations/tickets.yaml"), """
                catalogue: tickets
                resolver: template
                operations:
                  - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
                """);
        Files.writeString(directory.resolve("operations/k8s.yaml"), "catalogue: k8s\nresolver: kubernetes\n");
        Files.writeString(directory.resolve("tasks/triage.yaml"), """
                template: triage
                agents: ["spiffe://example.org/agent/triage"]
                humans: {claim: groups, any: [support]}
                lifetime: 15m
                allow:
                  tickets:ticket.read: {resource: {wildcard: true}}
                """);
        write(ONE, TWO, K8S);
    }

    private void write(String one, String two, String k8s) throws IOException {
        Files.writeString(
                directory.resolve("application.yaml"),
                HEAD + "    one: " + one + "\n    two: " + two + "\n    k8s: " + k8s + "\n");
    }

    private List<String> faults() {
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    private List<String> warnings() {
        return ConfigurationCheck.check(directory, Map.of("server.address", "127.0.0.1")).warnings().stream()
                .map(Fault::toString)
                .toList();
    }

    @Test
    void good_hasNoFaultAndNoWarning() {
        assertThat(faults()).isEmpty();
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {task-jwt: {audience: one, claims: {act: x}}}                                  | application.yaml:23:46: 'act' is a claim that the gateway writes itself: rename it, or leave it out
            {task-jwt: {audience: one, claims: {errand: x}}}                               | 'errand' is a claim that the gateway writes itself
            {task-jwt: {audience: one, "claims.role": [x]}}                                | task-jwt.claims.role' must be a string, found a list
            {task-jwt: {audience: one, "claims.team": {name: a}}}                          | task-jwt.claims.team' must be a string, found a mapping
            {task-jwt: {audience: one, claims: {"a[b": y}}}                                | 'a[b' under 'errand.upstreams.one.task-jwt.claims' must be without [ and ]
            {task-jwt: {audience: one, claims: {"a]b": y}}}                                | 'a]b' under 'errand.upstreams.one.task-jwt.claims' must be without [ and ]
            {task-jwt: {audience: ""}}                                                     | 'task-jwt.audience' is empty: name whom the JWT is for
            {task-jwt: {audience: one, lifetime: 5s}}                                      | 'task-jwt.lifetime' must be 10s or more
            {task-jwt: {audience: one, header: "a b"}}                                     | 'a b' is not the name of a header
            {task-jwt: {audience: one, header: Connection}}                                | 'Connection' carries no credential
            {task-jwt: {audience: one, header: txn-token}}                                 | 'txn-token' carries no credential
            {task-jwt: {audience: one, header: Errand_Decision}}                           | 'Errand_Decision' carries no credential
            {task-jwt: {audience: one, header: Delegation-Chain}}                          | 'Delegation-Chain' carries no credential
            {task-jwt: {audience: one, header: DPoP}}                                      | 'DPoP' carries no credential
            {header: {name: Transfer-Encoding, file: "file:token"}}                        | 'Transfer-Encoding' carries no credential
            {header: {name: Content-Length, file: "file:token"}}                           | 'Content-Length' carries no credential
            {header: {name: HOST, file: "file:token"}}                                     | 'HOST' carries no credential
            {header: {name: Signature-Input, file: "file:token"}}                          | 'Signature-Input' carries no credential
            {header: {name: X-HTTP-Method-Override, file: "file:token"}}                   | 'X-HTTP-Method-Override' carries no credential
            {header: {name: "X Token", file: "file:token"}}                                | 'X Token' is not the name of a header
            {task-jwt: {audience: one, subject: robot}}                                    | must be one of human, agent
            {task-jwt: {audience: one, when: step}}                                        | 'when: step' of 'one' needs a plan, and the template 'triage' grants operations of it without a 'sequence'
            {task-jwt: {audience: two}}                                                    | 'two' and 'one' have the audience 'two' and different hosts (two.example.org; one.example.org)
            {vault-login: {url: "http://v", role: r, per: task}}                           | missing key 'audience' under 'vault-login'
            {vault-login: {url: "http://v", role: r}}                                      | missing key 'jwt-file' under 'vault-login'
            {vault-login: {url: "http://v", role: r, per: task, audience: v, jwt-file: x}} | leave 'jwt-file' out
            {vault-login: {url: "http://v", role: r, per: human, audience: v}}             | must be one of task
            {token-exchange: {endpoint: "http://as", client: {id: c}}}                     | needs exactly one of 'secret-file: file:…' and 'key: credential'
            {token-exchange: {endpoint: "http://as", client: {id: c, key: other}}}         | 'other' is no key: the only value is 'credential'
            {token-exchange: {endpoint: "nowhere", client: {id: c, key: credential}}}      | nowhere
            {sts: {endpoint: "nowhere", region: r, service: s3}}                           | nowhere
            {github-app: {app-id: "a b", key-file: "file:token", installation: 1}}         | 'a b' is no id of an App
            {github-app: {app-id: 1, key-file: "file:token", installation: acme}}          | 'acme' is no id of an installation
            {github-app: {app-id: 1, key-file: "file:token", installation: 1, api: nowhere}} | nowhere
            {github-app: {app-id: 1, installation: 1}}                                     | key-file
            {github-app: {app-id: 1, key-file: "file:none", installation: 1}}              | does not exist or cannot be read
            {impersonate: {bearer: {file: "file:token"}}}                                  | a client could add an Impersonate-* header of its own; use the resolver kubernetes
            """)
    void faults_areToldAtTheirPlace(String one, String fault) throws IOException {
        write(one, TWO, K8S);
        assertThat(faults()).anySatisfy(told -> assertThat(told).contains(fault).startsWith("application.yaml:2"));
    }

    /** A template that grants no exact repository, in a catalogue whose operations need permissions. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            issues:read | wildcard: true                       | grants tickets:ticket.read without naming its repositories
            issues:read | path_containment: acme               | grants tickets:ticket.read without naming its repositories
            issues:read | one_of: [acme/app, other/app]        | grants repositories of several owners (acme, other)
            none        | exact: acme/app                      | grants no operation that needs a permission
            issues:read | exact: acme/app                      |
            issues:read | path_containment: "acme/{repo}/docs" |
            issues:read | one_of: [acme/app, acme/lib]         |
            """)
    void githubApp_warnsOfTemplatesWithoutExactRepositories(String permission, String constraint, String why)
            throws IOException {
        Path catalogue = directory.resolve("operations/tickets.yaml");
        Files.writeString(
                catalogue,
                Files.readString(catalogue)
                        .replace("effect: read", "effect: read, permission: \"" + permission + "\""));
        Path template = directory.resolve("tasks/triage.yaml");
        Files.writeString(
                template,
                Files.readString(template)
                        .replace("wildcard: true", constraint)
                        .replace("allow:", "parameters: {repo: \"[a-z]+\"}\nallow:"));
        write("{github-app: {app-id: 1, key-file: \"file:token\", installation: 1}}", TWO, K8S);
        List<String> told = warnings().stream()
                .filter(warning -> warning.contains("installation token"))
                .toList();
        if (why == null) {
            assertThat(told).isEmpty();
        } else {
            assertThat(told)
                    .singleElement()
                    .asString()
                    .contains("tasks of the template 'triage' get no installation token of 'one': it " + why);
        }
        assertThat(faults()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization",
                "Proxy-Authorization",
                "Cookie",
                "X-Vault-Token",
                "X-Forwarded-User",
                "Remote-User",
                "Sudo",
                "X-Api-Key"
            })
    void headersThatUpstreamsReadACredentialFrom_areGood(String name) throws IOException {
        write("{header: {name: " + name + ", file: \"file:token\"}}", TWO, K8S);
        assertThat(faults()).isEmpty();
        write("{task-jwt: {audience: one, header: " + name + "}}", TWO, K8S);
        assertThat(faults()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            groups: ["system:masters"]           | application.yaml:25:64: 'system:masters' begins with 'system:', which is for Kubernetes itself: name a group of your own
            groups: [masters], prefix: "system:" | 'system:' begins with 'system:', which is for Kubernetes itself: choose another prefix
            groups: ["em:masters"], prefix: syst | 'em:masters' begins with 'system:'
            groups: ["a b"]                      | a group must be visible ASCII, and not empty
            """)
    void systemGroups_areFaults(String keys, String fault) throws IOException {
        write(ONE, TWO, "{impersonate: {bearer: {file: \"file:token\"}, " + keys + "}}");
        assertThat(faults()).anySatisfy(told -> assertThat(told).contains(fault));
    }

    /** What one server got, the other would take. */
    @Test
    void namesOfClaims_areTakenAsTheyAreWritten() throws IOException {
        write(
                "{task-jwt: {audience: one, claims: {\"https://example.org/role\": deployer, team_name: a, x/y: b, Level: 5}}}",
                TWO,
                K8S);

        assertThat(faults()).isEmpty();
        assertThat(ConfigurationCheck.properties(directory, Map.of())
                        .upstreams()
                        .get("one")
                        .taskJwt()
                        .claims())
                .isEqualTo(Map.of("https://example.org/role", "deployer", "team_name", "a", "x/y", "b", "Level", "5"));
    }

    @Test
    void claimThatIsAMapping_isAFault() throws IOException {
        write("{task-jwt: {audience: one, claims: {team: {name: a}}}}", TWO, K8S);

        assertThat(faults())
                .singleElement()
                .asString()
                .contains("task-jwt.claims.team' must be a string, found a mapping");
    }

    @Test
    void oneEntry_ofTwoHosts_isAFault() throws IOException {
        write(ONE, TWO, K8S);
        Path file = directory.resolve("application.yaml");
        Files.writeString(file, Files.readString(file).replace("UpstreamCredential=two", "UpstreamCredential=one"));
        assertThat(faults())
                .containsExactly("application.yaml:23:5: 'one' is used by routes to different hosts (one.example.org,"
                        + " two.example.org) with the audience 'one': each could use the other's credentials; write an entry"
                        + " with an audience of its own for each host");
        Files.writeString(file, Files.readString(file).replace("http://two.example", "http://one.example"));
        assertThat(faults()).isEmpty();
    }

    @Test
    void oneAudience_ofStsUpstreams_isNoFault() throws IOException {
        String sts = "{sts: {endpoint: \"http://%s.example.org\", region: r, service: s3}}";
        write(sts.formatted("one"), sts.formatted("two"), K8S);
        assertThat(faults()).isEmpty();
    }

    @Test
    void withoutKeys_eachUpstreamThatNeedsThem_isAFault() throws IOException {
        Path file = directory.resolve("application.yaml");
        Files.writeString(file, Files.readString(file).replace("  credential-keys: file:credential.jwks\n", ""));
        assertThat(faults())
                .containsExactly(
                        "application.yaml:22:5: 'errand.upstreams.one' needs a key of its own: make one with: errand keys new"
                                + " FILE --credential, and name it under 'errand.credential-keys'",
                        "application.yaml:23:5: 'errand.upstreams.two' needs a key of its own: make one with: errand keys new"
                                + " FILE --credential, and name it under 'errand.credential-keys'");
    }

    @Test
    void keysOfTheGatewayItself_areAFault() throws Exception {
        Path own = directory.resolve("data/keys.jwks");
        Files.delete(directory.resolve("credential.jwks"));
        NewKeyFile.of(EnumSet.of(KeyUse.TXN, KeyUse.MESSAGE, KeyUse.LOG), KeyAlgorithm.ES256)
                .write(own);
        Files.copy(own, directory.resolve("credential.jwks"));
        assertThat(faults())
                .anySatisfy(told -> assertThat(told)
                        .startsWith("application.yaml:21:3: the key ")
                        .contains(" is one of errand.keys too"));
    }

    @Test
    void missingKeyFile_isAFault() throws IOException {
        Files.delete(directory.resolve("credential.jwks"));
        assertThat(faults()).anySatisfy(told -> assertThat(told).contains("credential.jwks:1:1: no such file"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gateway",
                "https://static.example.org/",
                "https://static.example.org?a=b",
                "https://static example.org"
            })
    void credentialIssuer_isTheNameOfAnIssuer(String issuer) throws IOException {
        Path file = directory.resolve("application.yaml");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("  credential-keys", "  credential-issuer: \"" + issuer + "\"\n  credential-keys"));
        assertThat(faults()).singleElement().asString().contains(": '" + issuer + "' is not the name of an issuer");
    }

    @Test
    void ed25519AndHttp_areWarnings() throws Exception {
        Files.delete(directory.resolve("credential.jwks"));
        NewKeyFile.of(EnumSet.of(KeyUse.LOG), KeyAlgorithm.ED25519).write(directory.resolve("credential.jwks"));
        Path file = directory.resolve("application.yaml");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "  credential-keys",
                                "  credential-issuer: http://static.example.org\n  credential-keys"));
        assertThat(faults()).isEmpty();
        assertThat(warnings())
                .anySatisfy(told -> assertThat(told).contains("are signed by an Ed25519 key"))
                .anySatisfy(told -> assertThat(told).contains("'http://static.example.org' is http"));
    }
}
