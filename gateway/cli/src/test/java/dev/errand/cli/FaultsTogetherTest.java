package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults under {@code errand} and faults of routes are told at once. */
class FaultsTogetherTest {
    private static final String UNKNOWN_CATALOGUE =
            "application.yaml:7:32: route 'staging' OperationMapping=ticket: there is no catalogue 'ticket' in operations/; did"
                    + " you mean 'tickets'?";
    private static final String UNKNOWN_CREDENTIAL =
            "application.yaml:7:57: route 'staging' UpstreamCredential=ticket: there is no 'ticket' under errand.upstreams; did"
                    + " you mean 'tickets'?";

    @TempDir
    private Path directory;

    private void write(String filters, String errand) throws IOException {
        Files.writeString(directory.resolve("application.yaml"), """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: staging
                  uri: http://127.0.0.1:8200
                  predicates: [Path=/staging/**]
                  filters: [%s]
            errand:
              issuer: https://gateway.example.org
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
              upstreams: {tickets: {header: {name: X-Token, file: "file:token"}}}
              %s
            """.formatted(filters, errand));
        Files.writeString(directory.resolve("token"), "secret");
        Files.createDirectories(directory.resolve("operations"));
        Files.writeString(directory.resolve("operations/tickets.yaml"), """
            catalogue: tickets
            resolver: template
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
            """);
        Files.createDirectories(directory.resolve("tasks"));
    }

    private List<String> faults() {
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    /** A route's faults do not wait until those of {@code errand} are mended. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            mode: watch   | application.yaml:14:9: 'errand.mode' must be one of enforce, observe, found 'watch'
            mood: observe | application.yaml:14:3: unknown key 'mood' under 'errand'
            mode: enforce | -
            """)
    void routesFaults_areToldBesideThoseOfErrand(String errand, @Nullable String told) throws IOException {
        write("StripPrefix=1, OperationMapping=ticket, UpstreamCredential=ticket", errand);
        List<String> expected = new ArrayList<>(List.of(UNKNOWN_CREDENTIAL, UNKNOWN_CATALOGUE));
        if (told != null) {
            expected.add(0, told);
        }
        assertThat(faults()).containsExactlyElementsOf(expected);
        write("StripPrefix=1, OperationMapping=tickets, UpstreamCredential=tickets", errand);
        assertThat(faults()).containsExactlyElementsOf(told == null ? List.of() : List.of(told));
    }

    /** A value that cannot be read, or an unknown key, hides nothing of what the rest of {@code errand} says. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            state: {timeout: x}                                    | application.yaml:14:20: 'errand.state.timeout' must be a duration
            provenance: {durability: tape}                         | application.yaml:14:28: 'errand.provenance.durability' must be one of
            weather: fine                                          | application.yaml:14:3: unknown key 'weather' under 'errand'
            """)
    void restOfErrand_isToldBesideAValueThatCannotBeRead(String errand, String told) throws IOException {
        write("StripPrefix=1, OperationMapping=tickets, UpstreamCredential=tickets", errand + "\n  drain: 1h");
        Files.writeString(directory.resolve("token"), "");

        assertThat(faults())
                .hasSize(3)
                .anyMatch(fault -> fault.startsWith(told))
                .anyMatch(fault -> fault.contains("token is empty: put the credential there"))
                .anyMatch(fault -> fault.startsWith("application.yaml:15:3: 'errand.drain' must be at most 10m"));
    }

    /** What follows from a mistake is no mistake: a pattern that cannot be read, or a catalogue with a fault, is told once. */
    @Test
    void consequences_areNotTold_andANameThatIsTakenIs() throws IOException {
        write("StripPrefix=1, OperationMapping=tickets, UpstreamCredential=tickets", "");
        String template = """
            template: triage
            agents: ["spiffe://example.org/agent/triage"]
            humans: {claim: groups, any: [support]}
            parameters: {ticket: "%s"}
            allow: {"tickets:ticket.read": {resource: {exact: "{ticket}"}}}
            sequence: ["tickets:ticket.read"]
            """;
        Files.writeString(directory.resolve("tasks/a.yaml"), template.formatted("[0-9"));
        Files.writeString(directory.resolve("tasks/b.yaml"), template.formatted("[0-9]"));
        Files.writeString(directory.resolve("operations/tickets.yaml"), """
            catalogue: tickets
            resolver: template
            operations:
              - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: reed, resource: "{id}"}
            """);
        ConfigurationCheck.Result result = ConfigurationCheck.check(directory, Map.of());
        assertThat(result.faults().stream().map(Fault::toString))
                .satisfiesExactly(
                        fault -> assertThat(fault).startsWith("operations/tickets.yaml:4:"),
                        fault -> assertThat(fault).startsWith("tasks/a.yaml:4:22: not a pattern of linear time"),
                        fault -> assertThat(fault)
                                .isEqualTo("tasks/b.yaml:1:1: template 'triage' is already in tasks/a.yaml"));
        assertThat(result.warnings()).noneMatch(warning -> warning.toString().contains("does not grant"));
    }

    /** A key that no property can have, and the rest beside it. */
    @ParameterizedTest
    @ValueSource(strings = {"_", "$$", "", "[", "\u043a\u043b\u044e\u0447"})
    void unknownKey_ofOddCharacters_isToldBesideTheRest(String key) throws IOException {
        write("StripPrefix=1, OperationMapping=tickets, UpstreamCredential=tickets", "drain: 1h\n  \"" + key + "\": x");
        assertThat(faults())
                .hasSize(2)
                .anyMatch(fault -> fault.contains("unknown key '" + key + "' under 'errand'"))
                .anyMatch(fault -> fault.contains("'errand.drain' must be at most 10m"));
    }

    /** Others depend on these keys, and would seem to have faults of their own. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            provenance: {retain: 90x, archive: a}               | errand.provenance.retain' must be
            provenance: {retian: 90d, archive: a}               | unknown key 'retian
            credential-keys: [x]                                | errand.credential-keys' must be
            """)
    void keyThatOthersDependOn_isToldAlone(String errand, String told) throws IOException {
        write("StripPrefix=1, OperationMapping=tickets, UpstreamCredential=tickets", errand);
        assertThat(faults()).singleElement().asString().contains(told);
    }

    @Test
    void workloadWithoutABundle_isTold() throws IOException {
        write("StripPrefix=1, OperationMapping=tickets, UpstreamCredential=tickets", "mode: enforce");
        Path file = directory.resolve("application.yaml");
        Files.writeString(file, Files.readString(file).replaceAll(", bundle: [^}]*", ""));
        assertThat(faults()).singleElement().asString().contains("missing key 'bundle'");
    }

    /** An upstream with a fault of its own is no unknown one to the routes. */
    @Test
    void otherUpstreams_areToldBesideOneThatCannotBeRead() throws IOException {
        write("StripPrefix=1, OperationMapping=tickets, UpstreamCredential=second", "drain: 1h");
        Path file = directory.resolve("application.yaml");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceAll(
                                "upstreams: \\{",
                                "upstreams: {second: {sts: {endpoint: \"https://s\", region: r, tags: [x]}}, "));
        Files.writeString(directory.resolve("token"), "");

        assertThat(faults())
                .hasSize(4)
                .anyMatch(fault -> fault.contains("missing key 'service' under 'errand.upstreams.second.sts'"))
                .anyMatch(fault -> fault.contains("'errand.upstreams.second.sts.tags[0]' must be one of"))
                .anyMatch(fault -> fault.contains("token is empty: put the credential there"))
                .anyMatch(fault -> fault.contains("'errand.drain' must be at most 10m"));
    }

    @Test
    void catalogues_areToldBesideAFileThatIsNoYaml() throws IOException {
        write("StripPrefix=1, OperationMapping=tickets", "mode: enforce\n  mode: observe");
        Path catalogue = directory.resolve("operations/tickets.yaml");
        Files.writeString(catalogue, Files.readString(catalogue).replace("effect: read", "effect: raed"));
        assertThat(faults())
                .hasSize(2)
                .anyMatch(fault -> fault.startsWith("application.yaml:15:3: "))
                .anyMatch(fault -> fault.startsWith("operations/tickets.yaml:4:"));
    }

    @Test
    void upstreamsThatAreNoMapping_areToldWhereTheyStand() throws IOException {
        write("StripPrefix=1, OperationMapping=tickets", "mode: enforce");
        Path file = directory.resolve("application.yaml");
        Files.writeString(file, Files.readString(file).replaceAll("upstreams: .*", "upstreams: x"));
        assertThat(faults())
                .singleElement()
                .asString()
                .startsWith("application.yaml:")
                .contains("'errand.upstreams' cannot be read");
    }

    @Test
    void valuesUnderErrand_areToldBesideAFilterThatThereIsNot() throws IOException {
        write("StripPrefx=1, OperationMapping=tickets, UpstreamCredential=tickets", "drain: 1h");
        assertThat(faults())
                .containsExactly(
                        "application.yaml:7:17: there is no filter 'StripPrefx'; did you mean 'StripPrefix'?",
                        "application.yaml:14:3: 'errand.drain' must be at most 10m, or 0 for no drain");
    }

    /** A gateway that starts refuses these keys, too. */
    @Test
    void unknownKeys_areToldOfEverySource() throws IOException {
        write("StripPrefix=1, OperationMapping=tickets", "mode: enforce");
        Files.writeString(
                directory.resolve("application.properties"), "errand.proof.iat=1\nerrand.trust-domain=example.org\n");
        Files.writeString(
                directory.resolve("application-prod.yaml"), "errand:\n  upstreams: {second: {baerer: {file: x}}}\n");
        Files.writeString(directory.resolve("application-test.yaml"), "errand: {mood: x}");
        Map<String, Object> given = new HashMap<>(Map.of("spring.profiles.active", "prod", "errand.mod", "observe"));
        given.put("errand.trustDomain", "example.org");
        given.put("errand.upstreams.second.task-jwt.claims.https://example.org/a", "x");
        given.put("errand.upstreams.second.task-jwt.audience", "x");
        given.put("errand.issuer.name", "x");
        assertThat(ConfigurationCheck.check(directory, given).faults().stream().map(Fault::toString))
                .contains(
                        "application.yaml:8:1: --errand.mod: unknown key 'mod' under 'errand'; did you mean 'mode'?",
                        "application.yaml:8:1: --errand.issuer.name: unknown key 'name' under 'errand.issuer'",
                        "application-prod.yaml:2:39: unknown key 'baerer' under 'errand.upstreams.second'; did you mean 'bearer'?")
                .anyMatch(fault ->
                        fault.startsWith("application.properties:1:18: unknown key 'iat' under 'errand.proof'"))
                .filteredOn(fault -> fault.contains("unknown key"))
                .hasSize(4);
    }

    @Test
    void missingKeys_areToldOfTheCommandLineToo() throws IOException {
        write("StripPrefix=1, OperationMapping=tickets", "mode: enforce");
        Map<String, Object> given =
                Map.of("errand.upstreams.x.task-jwt.lifetime", "5m", "errand.upstreams.y.vault-login.role", "r");
        assertThat(ConfigurationCheck.check(directory, given).faults().stream().map(Fault::message))
                .contains(
                        "missing key 'audience' under 'errand.upstreams.x.task-jwt'",
                        "missing key 'url' under 'errand.upstreams.y.vault-login'");
    }

    /** A filter that there is not may be what its own route lacks, but not what another one does. */
    @Test
    void faultsOfOtherRoutes_areToldBesideAFilterThatThereIsNot() throws IOException {
        write("StripPrefix=1, OperationMaping=tickets", "mode: enforce");
        Path file = directory.resolve("application.yaml");
        Files.writeString(file, Files.readString(file).replace("errand:\n", """
                    - {id: second, uri: "http://127.0.0.1:8201", predicates: [Path=/second/**], filters: [StripPrefix=one]}
                    - {id: third, uri: "http://127.0.0.1:8202", predicates: [Path=/start], metadata: {errand: open}, filters: [TaskIdentity]}
                errand:
                """));
        assertThat(faults())
                .containsExactly(
                        "application.yaml:7:32: there is no filter 'OperationMaping'; did you mean 'OperationMapping'?",
                        "application.yaml:8:7: route 'second' lacks OperationMapping: add it, or say metadata: {errand: open} if"
                                + " nobody is to be asked who calls",
                        "application.yaml:9:7: route 'third' is open and lacks OperationMapping, which its other stages need: add"
                                + " them, or name no stage",
                        "application.yaml:9:7: route 'third' takes /start, which the gateway answers itself: choose another path",
                        "application.yaml:8:91: route 'second' StripPrefix cannot be made: For input string: \"one\"");
    }

    /** Each key is judged by itself, also in an operation or a grant that has another fault. */
    @Test
    void twentyMistakes_areToldInOneRun_eachAtItsPlace() throws IOException {
        write("StripPrefx=1, OperationMapping=tickets, UpstreamCredential=ticket", "drain: 1h\n  mood: fine");
        Files.writeString(directory.resolve("token"), "");
        Files.writeString(directory.resolve("operations/tickets.yaml"), """
                catalogue: tickets
                resolver: template
                normalise: {query: opne}
                headers: {remove: [X-A], pass: ["X-*"], unlisted: keep}
                operations:
                  - {id: "1x", match: {method: get, path: "/a/{x"}, effect: raed, params: {a: qeury}, neds: trusted}
                  - {id: b, match: {method: GET, path: "/b/{x}"}, effect: reed, resource: "{z}", yields: untrustd}
                """);
        Files.writeString(directory.resolve("tasks/t.yaml"), """
                template: t
                agents: ["spiffe://example.org/agent/*"]
                humans: {claim: groups, any: [support]}
                lifetime: 15x
                allow:
                  tickets:b: {resource: {exakt: "17"}}
                  tickets:c: {amount: {range: {max: x}}}
                limits: {calls: -1}
                on-violation: {rule: sometimes}
                """);
        assertThat(faults().stream().map(fault -> fault.replaceAll(": .*", "")).toList())
                .contains(
                        "application.yaml:7:17",
                        "application.yaml:7:57",
                        "application.yaml:15:3",
                        "operations/tickets.yaml:3:20",
                        "operations/tickets.yaml:4:11",
                        "operations/tickets.yaml:4:33",
                        "operations/tickets.yaml:4:51",
                        "operations/tickets.yaml:6:10",
                        "operations/tickets.yaml:6:24",
                        "operations/tickets.yaml:6:43",
                        "operations/tickets.yaml:6:61",
                        "operations/tickets.yaml:6:79",
                        "operations/tickets.yaml:6:87",
                        "operations/tickets.yaml:7:59",
                        "operations/tickets.yaml:7:75",
                        "operations/tickets.yaml:7:90",
                        "tasks/t.yaml:4:11",
                        "tasks/t.yaml:6:26",
                        "tasks/t.yaml:7:37",
                        "tasks/t.yaml:8:17",
                        "tasks/t.yaml:9:22");
    }
}
