package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.jose.NewKeyFile;
import dev.errand.token.KeyUse;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code errand check}, a start and a reload say of a bad configuration: each fault exactly, and where it is. */
class ConfigurationFaultsTest {
    static final String GOOD = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: tickets
                  uri: http://127.0.0.1:8200
                  predicates: [Path=/tickets/**]
                  filters: [StripPrefix=1, OperationMapping=tickets, UpstreamCredential=tickets]
                - id: status
                  uri: http://127.0.0.1:8300
                  predicates: [Path=/status]
                  metadata: {errand: open}
            errand:
              issuer: https://gateway.example.org
              trust:
                humans: [{issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand}]
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
                anchors: [{issuer: "https://as.example.org", jwks: "https://as.example.org/jwks", templates: [triage], humans: ["https://idp.example.org"]}]
              upstreams:
                tickets: {bearer: {file: "file:token"}}
            server: {address: 127.0.0.1}
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws IOException {
        writeGood(directory);
    }

    /** A configuration without a fault. */
    static void writeGood(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        Files.writeString(directory.resolve("application.yaml"), GOOD);
        Files.writeString(directory.resolve("token"), "secret");
        Files.writeString(directory.resolve("empty.jwks"), "{\"keys\":[]}");
        Files.writeString(directory.resolve("zstd.properties"), "compression.type=zstd\n");
        Files.writeString(directory.resolve("acks.properties"), "acks=1\n");
        Files.writeString(directory.resolve("typo.properties"), "lingr.ms=5\n");
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
                  tickets:ticket.read: {resource: {wildcard: true}}
                """);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private List<String> faults(Map<String, Object> overrides) {
        return ConfigurationCheck.check(directory, overrides).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    @Test
    void good_hasNoFault() {
        assertThat(faults(Map.of())).isEmpty();
    }

    @Test
    void good_hasNoWarning() {
        assertThat(ConfigurationCheck.check(directory, Map.of()).warnings()).isEmpty();
    }

    @Test
    void check_aWarning_isToldWithItsPlaceAndRefusesNothing() throws IOException {
        write("application.yaml", GOOD.replace("  trust:\n", "  mode: observe\n  trust:\n"));
        StringWriter err = new StringWriter();
        assertThat(check(err)).as(err.toString()).isZero();
        assertThat(err.toString())
                .isEqualTo("application.yaml:14:3: warning: observe mode: limits, budgets, sequence, rules and flow are"
                        + " decided and recorded, not enforced; write 'mode: enforce' to enforce them\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bodies: {deadline: 40s}                            | application.yaml:14:12: warning: 'errand.bodies.deadline' (40000ms) should be shorter than 'errand.server.progress' (30000ms)
            bodies: {deadline: 2s}\\n  server: {progress: 2s}  | application.yaml:14:12: warning: 'errand.bodies.deadline' (2000ms) should be shorter than 'errand.server.progress' (2000ms)
            bodies: {deadline: 2s}\\n  server: {progress: 3s}  |
            bodies: {deadline: 40s}\\n  server: {progress: 0}  |
            """)
    void check_aBodysDeadlineNotBelowItsProgress_isToldWhichWins(String keys, String told) throws IOException {
        write("application.yaml", GOOD.replace("  trust:\n", "  " + keys.replace("\\n", "\n") + "\n  trust:\n"));
        StringWriter err = new StringWriter();
        assertThat(check(err)).as(err.toString()).isZero();
        assertThat(err.toString())
                .isEqualTo(
                        told == null
                                ? ""
                                : told
                                        + ": else a body that stops is cut without the answer 400. Write a shorter"
                                        + " deadline, or a longer progress\n");
    }

    @Test
    void check_anAnchorUnderATemplateThatDemandsConsent_isToldThatAllItsRootsAreRefused() throws IOException {
        String template = Files.readString(directory.resolve("tasks/triage.yaml"));
        write("tasks/triage.yaml", template.replace("any: [support]}", "any: [support], consent: task}"));
        StringWriter err = new StringWriter();
        assertThat(check(err)).as(err.toString()).isZero();
        assertThat(err.toString())
                .isEqualTo("application.yaml:17:87: warning: the template 'triage' refuses every root of"
                        + " 'https://as.example.org', as it has 'consent': cap the anchor by a template without"
                        + " it\n");
    }

    @Test
    void check_anUpstreamWhoseAnswersAreNotSearched_isToldWithItsPlace() throws IOException {
        write("application.yaml", GOOD.replace("tickets: {bearer:", "tickets: {echo: off, bearer:"));
        StringWriter err = new StringWriter();
        assertThat(check(err)).as(err.toString()).isZero();
        assertThat(err.toString())
                .matches(
                        "application.yaml:19:\\d+: warning: echo: off: an answer that repeats the gateway's credential gives"
                                + " it to the agent; write 'headers' if only bodies cannot be searched\n");
        write("application.yaml", GOOD.replace("tickets: {bearer:", "tickets: {echo: headers, bearer:"));
        assertThat(ConfigurationCheck.check(directory, Map.of()).warnings()).isEmpty();
    }

    @Test
    void check_aWarningUnderStrict_isAFault() throws IOException {
        write("application.yaml", GOOD.replace("  trust:\n", "  mode: observe\n  trust:\n"));
        StringWriter err = new StringWriter();
        assertThat(check(err, "--strict")).isEqualTo(1);
        assertThat(err.toString()).startsWith("application.yaml:14:3: observe mode:");
    }

    @Test
    void check_keysThatLackAUse_areNamedWithTheirPlace() throws Exception {
        Path keys = directory.resolve("edge.jwks");
        NewKeyFile.of(EnumSet.of(KeyUse.ISSUE, KeyUse.TXN, KeyUse.LOG), KeyAlgorithm.ED25519)
                .write(keys);
        write("application.yaml", GOOD.replace("  trust:\n", "  keys: \"file:edge.jwks\"\n  trust:\n"));
        StringWriter err = new StringWriter();
        assertThat(check(err)).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo(
                        "edge.jwks:1:1: no private key of use \"message\", which signs requests to upstreams; add one:"
                                + " errand keys new FILE --use message makes it\n");
    }

    private int check(StringWriter err, String... options) {
        CommandLine command = new CommandLine(new CheckCommand())
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true));
        List<String> words = new ArrayList<>(List.of("--config", directory.toString()));
        words.addAll(List.of(options));
        return command.execute(words.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `issuer: https://gateway.example.org` | `isuer: https://gateway.example.org` | `application.yaml:13:3: unknown key 'isuer' under 'errand'; did you mean 'issuer'?\\napplication.yaml:12:1: missing key 'issuer' under 'errand'`
            `issuer: https://gateway.example.org` | `issuer: gateway`                | `application.yaml:13:3: 'gateway' is not the name of an issuer: write https://host[:port][/path], without query, fragment or final slash`
            `issuer: https://gateway.example.org` | `issuer: https://gateway.example.org/` | `application.yaml:13:3: 'https://gateway.example.org/' is not the name of an issuer: write https://host[:port][/path], without query, fragment or final slash`
            `issuer: https://gateway.example.org` | `issuer: "https://gateway.example.org#a"` | `application.yaml:13:3: 'https://gateway.example.org#a' is not the name of an issuer: write https://host[:port][/path], without query, fragment or final slash`
            `  trust:`                     | `  mode: enforced\\n  trust:`           | `application.yaml:14:9: 'errand.mode' must be one of enforce, observe, found 'enforced'`
            `  trust:`                     | `  mod: enforce\\n  trust:`             | `application.yaml:14:3: unknown key 'mod' under 'errand'; did you mean 'mode'?`
            `  trust:`                     | `  proof: {window: 30}\\n  trust:`      | `application.yaml:14:19: 'errand.proof.window' must be a duration such as 50ms, 30s or 1h, found the number 30`
            `  trust:`                     | `  proof: {window: soon}\\n  trust:`    | `application.yaml:14:19: 'errand.proof.window' must be a duration such as 50ms, 30s or 1h, found 'soon'`
            `  trust:`                     | `  proof: {window: 0s}\\n  trust:`      | `application.yaml:14:19: 'errand.proof.window' must be a duration such as 50ms, 30s or 1h, and longer than 0, found '0s'`
            `  trust:`                     | `  server: {header: -1s}\n  trust:`  | `application.yaml:14:20: 'errand.server.header' must be a duration such as 50ms, 30s or 1h, and longer than 0, found '-1s'`
            `  trust:`                     | `  server: {idle: 75}\n  trust:`  | `application.yaml:14:18: 'errand.server.idle' must be a duration such as 50ms, 30s or 1h, found the number 75`
            `  trust:`                     | `  drain: 11m\n  trust:`  | `application.yaml:14:3: 'errand.drain' must be at most 10m, or 0 for no drain`
            `  trust:`                     | `  drain: 5\n  trust:`  | `application.yaml:14:10: 'errand.drain' must be a duration such as 50ms, 30s or 1h, found the number 5`
            `  trust:`                     | `  server: {progress: 400d}\n  trust:`  | `application.yaml:14:12: 'errand.server.progress' must be 10ms to 1d, or 0 for no bound`
            `  trust:`                     | `  server: {connections: -1}\n  trust:`  | `application.yaml:14:12: 'errand.server.connections' must be 1 to 10000000, or 0 for no bound`
            `  trust:`                     | `  server: {connections: many}\n  trust:`  | `application.yaml:14:25: 'errand.server.connections' must be a whole number, found 'many'`
            `  trust:`                     | `  server: {connections-per-address: 99999999}\n  trust:`  | `application.yaml:14:12: 'errand.server.connections-per-address' must be 1 to 10000000, or 0 for no bound`
            `  trust:`                     | `  server: {head: 1s}\n  trust:`  | `application.yaml:14:12: unknown key 'head' under 'errand.server'; did you mean 'header'?`
            `  trust:`                     | `  state: {format: 2}\n  trust:`  | `application.yaml:14:11: 'errand.state.format' must be 1, was 2`
            `  trust:`                     | `  state: {format: new}\n  trust:`  | `application.yaml:14:19: 'errand.state.format' must be a whole number, found 'new'`
            `  trust:`                     | `  state: {timeout: -50ms}\\n  trust:`  | `application.yaml:14:20: 'errand.state.timeout' must be a duration such as 50ms, 30s or 1h, and longer than 0, found '-50ms'`
            `  trust:`                     | `  proof: {nonce: maybe}\\n  trust:`    | `application.yaml:14:18: 'errand.proof.nonce' must be true or false, found 'maybe'`
            `  trust:`                     | `  provenance: {durability: tape}\\n  trust:` | `application.yaml:14:28: 'errand.provenance.durability' must be one of os, disk, found 'tape'`
            `  trust:`                     | `  provenance: {sinks: [{kafk: {topic: t}}]}\\n  trust:` | `application.yaml:14:25: unknown key 'kafk' under 'errand.provenance.sinks[0]'; did you mean 'kafka'?`
            `  trust:`                     | `  provenance: {sinks: [{name: x}]}\\n  trust:` | `application.yaml:14:24: needs exactly one of redis-stream, kafka, otlp`
            `  trust:`                     | `  provenance: {sinks: [{otlp: {endpoint: "https://c/v1/logs"}, redis-stream: {uri: "redis://r"}}]}\\n  trust:` | `application.yaml:14:24: needs exactly one of redis-stream, kafka, otlp`
            `  trust:`                     | `  provenance: {sinks: [{redis-stream: {uri: "redis://:s3cret@r:6379"}}]}\\n  trust:` | `application.yaml:14:24: uri must be redis[s]://host:port; a password stands in a file, 'password: file:...'`
            `  trust:`                     | `  provenance: {sinks: [{redis-stream: {uri: "redis://r", password: s3cret}}]}\\n  trust:` | `application.yaml:14:24: password must be 'file:' and a path: no secret stands in the configuration`
            `  trust:`                     | `  provenance: {sinks: [{redis-stream: {uri: "redis://r", username: u}}]}\\n  trust:` | `application.yaml:14:24: username needs a password: file:...`
            `  trust:`                     | `  provenance: {sinks: [{redis-stream: {uri: "redis://r", max-length: many}}]}\\n  trust:` | `application.yaml:14:70: 'errand.provenance.sinks[0].redis-stream.max-length' must be a whole number, found 'many'`
            `  trust:`                     | `  provenance: {sinks: [{redis-stream: {uri: "redis://r", max-length: 0}}]}\\n  trust:` | `application.yaml:14:24: max-length must be at least 1, was 0`
            `  trust:`                     | `  provenance: {sinks: [{kafka: {topic: t}}]}\\n  trust:` | `application.yaml:14:25: missing key 'bootstrap-servers' under 'errand.provenance.sinks[0].kafka'`
            `  trust:`                     | `  provenance: {sinks: [{kafka: {bootstrap-servers: k, topic: t}}]}\\n  trust:` | `application.yaml:14:24: bootstrap-servers must be host:port[,host:port...]`
            `  trust:`                     | `  provenance: {sinks: [{kafka: {bootstrap-servers: "k:9092", topic: "a b"}}]}\\n  trust:` | `application.yaml:14:24: topic must be 1 to 249 letters, digits, '.', '_' and '-'`
            `  trust:`                     | `  provenance: {sinks: [{kafka: {bootstrap-servers: "k:9092", topic: t, properties-file: "file:zstd.properties"}}]}\\n  trust:` | `application.yaml:14:24: zstd.properties: the library for compression.type=zstd is not there: use lz4 or gzip`
            `  trust:`                     | `  provenance: {sinks: [{kafka: {bootstrap-servers: "k:9092", topic: t, properties-file: "file:acks.properties"}}]}\\n  trust:` | `application.yaml:14:24: acks.properties: 'acks' is set by the gateway: leave it out`
            `  trust:`                     | `  provenance: {sinks: [{kafka: {bootstrap-servers: "k:9092", topic: t, properties-file: "file:typo.properties"}}]}\\n  trust:` | `application.yaml:14:24: typo.properties: 'lingr.ms' is no setting of a Kafka producer; did you mean 'linger.ms'?`
            `  trust:`                     | `  provenance: {sinks: [{kafka: {bootstrap-servers: "k:9092", topic: t, properties-file: "file:none"}}]}\\n  trust:` | `application.yaml:14:24: properties-file: none does not exist or cannot be read`
            `  trust:`                     | `  provenance: {sinks: [{otlp: {endpoint: "http://collector:4318/v1/logs"}}]}\\n  trust:` | `application.yaml:14:24: endpoint: 'http://collector:4318/v1/logs' must be https://… or, on this machine only, http://127.0.0.1…`
            `  trust:`                     | `  provenance: {sinks: [{from: yesterday, otlp: {endpoint: "https://c/v1/logs"}}]}\\n  trust:` | `application.yaml:14:31: 'errand.provenance.sinks[0].from' must be one of start, now, found 'yesterday'`
            `  trust:`                     | `  provenance: {sinks: [{name: A, otlp: {endpoint: "https://c/v1/logs"}}]}\\n  trust:` | `application.yaml:14:24: name must be 1 to 40 of a-z, 0-9 and '-', was 'A'`
            `  trust:`                     | `  provenance: {sinks: [{name: events-soc, otlp: {endpoint: "https://c/v1/logs"}}]}\\n  trust:` | `application.yaml:14:24: the name 'events-soc' begins with 'events-', as those of the receivers of events do: choose another`
            `  trust:`                     | `  provenance: {sinks: [{otlp: {endpoint: "https://c/v1/logs"}}, {otlp: {endpoint: "https://d/v1/logs"}}]}\\n  trust:` | `application.yaml:14:16: two are named 'otlp': give one of them another 'name'`
            `  trust:`                     | `  events: {receivers: [{url: "https://soc.example.org/events"}]}\\n  trust:` | `application.yaml:14:24: missing key 'audience' under 'errand.events.receivers[0]'`
            `  trust:`                     | `  events: {receivers: [{url: "http://soc.example.org/events", audience: soc}]}\\n  trust:` | `application.yaml:14:24: url: 'http://soc.example.org/events' must be https://… or, on this machine only, http://127.0.0.1…`
            `  trust:`                     | `  events: {receivers: [{url: "https://u:secret@soc.example.org/events", audience: soc}]}\\n  trust:` | `application.yaml:14:24: url: the address holds a user or password: take it out`
            `  trust:`                     | `  events: {receivers: [{url: "https://soc.example.org/events", audience: soc, bearer: s3cret}]}\\n  trust:` | `application.yaml:14:24: bearer must be 'file:' and a path: no secret stands in the configuration`
            `  trust:`                     | `  events: {receivers: [{url: "https://soc/a", audience: a}, {url: "https://soc/b", audience: b}]}\\n  trust:` | `application.yaml:14:12: two are named 'soc': give one of them another 'name'`
            `  trust:`                     | `  events: {give-up-after: 24}\\n  trust:` | `application.yaml:14:27: 'errand.events.give-up-after' must be a duration such as 50ms, 30s or 1h, found the number 24`
            `  trust:`                     | `  bodies: {at-once: 0}\\n  trust:`     | `application.yaml:14:12: at-once must be 1..100000, was 0`
            `  trust:`                     | `  bodies: {per-task: -1, per-human: 0}\\n  trust:` | `application.yaml:14:12: per-task must be 1..100000, was -1\\napplication.yaml:14:26: per-human must be 1..100000, was 0`
            `  trust:`                     | `  bodies: {per-task: many}\\n  trust:` | `application.yaml:14:22: 'errand.bodies.per-task' must be a whole number, found 'many'`
            `  trust:`                     | `  bodies: {deadline: 11m}\\n  trust:`  | `application.yaml:14:12: deadline must be 1ms..10m, was 660000ms`
            `  trust:`                     | `  provenance: {retain: 0d}\\n  trust:` | `application.yaml:14:24: 'errand.provenance.retain' must be a duration such as 50ms, 30s or 1h, and longer than 0, found '0d'`
            `  trust:`                     | `  provenance: {witnesses: {quorum: 2, list: [{name: one, url: 'https://w.example.org', key: w+d41461e9+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f}]}}\\n  trust:` | `application.yaml:14:28: the quorum must be 1..1, was 2`
            `  trust:`                     | `  provenance: {witnesses: {list: [{name: one, url: 'https://w.example.org', key: w+c2f47ce3+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f}]}}\\n  trust:` | `application.yaml:14:35: key: a vkey of type 0x01: a witness has one of type 0x04 (Ed25519 cosignatures), other types do not count`
            `  trust:`                     | `  provenance: {witnesses: {list: [{name: one, url: 'https://w.example.org', key: v+d41461e9+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f}]}}\\n  trust:` | `application.yaml:14:35: key: its key id is not that of its name and key`
            `  trust:`                     | `  provenance: {witnesses: {interval: 2h}}\\n  trust:` | `application.yaml:14:28: 'errand.provenance.witnesses.interval' must be 1s to 1h`
            `  trust:`                     | `  provenance: {archive: none}\\n  trust:` | `application.yaml:14:16: 'errand.provenance.archive' gets the segments that 'errand.provenance.retain' removes: write retain, such as 90d`
            `  trust:`                     | `  provenance: {retain: 90d, archive: none}\\n  trust:` | `application.yaml:14:29: 'errand.provenance.archive' is none, which is not a directory that the gateway can write: make it, or mount it`
            `  trust:`                     | `  provenance: {retain: 90d, archive: data/provenance/old}\\n  trust:` | `application.yaml:14:29: 'errand.provenance.archive' is within the log: name a directory beside it`
            `  trust:`                     | `  bodies: {at-one: 3}\\n  trust:`      | `application.yaml:14:12: unknown key 'at-one' under 'errand.bodies'; did you mean 'at-once'?`
            `  trust:`                     | `  state: {redis: "http://x"}\\n  trust:` | `data/keys.jwks:1:1: no such file; make one with: errand keys new FILE, or copy that of another replica, mode 0600\\napplication.yaml:14:11: state.redis must be 'embedded', a redis:// or rediss:// address, or a list of them`
            `  trust:`                     | `  state: {redis: "redis://127.0.0.1:6379"}\\n  trust:` | `data/keys.jwks:1:1: no such file; make one with: errand keys new FILE, or copy that of another replica, mode 0600`
            `  trust:`                     | `  keys: "file:none.jwks"\\n  state: {redis: "redis://127.0.0.1:6379"}\\n  trust:` | `none.jwks:1:1: no such file; make one with: errand keys new FILE, or copy that of another replica, mode 0600`
            `humans: ["https://idp.example.org"]}]` | `humans: []}]` | `application.yaml:17:15: humans names no identity provider: name those whose humans the anchor may speak for, or leave it out for 'https://as.example.org' alone`
            `humans: ["https://idp.example.org"]}]` | `register-within: 0s}]` | `application.yaml:17:125: 'errand.trust.anchors[0].register-within' must be a duration such as 50ms, 30s or 1h, and longer than 0, found '0s'`
            `humans: ["https://idp.example.org"]}]` | `humns: [a]}]` | `application.yaml:17:108: unknown key 'humns' under 'errand.trust.anchors[0]'; did you mean 'humans'?`
            `audience: errand}`            | `audience: errand, types: [JWT, logout+jwt]}` | `application.yaml:15:14: https://idp.example.org: types: a token of type 'logout+jwt' is not about a human`
            `audience: errand}`            | `audience: errand, types: []}`            | `application.yaml:15:14: https://idp.example.org: types: name at least one, or leave it out for none, JWT and at+jwt`
            `audience: errand}`            | `audience: errand, clients: []}`          | `application.yaml:15:14: https://idp.example.org: clients is empty: name the clients whose tokens start tasks, or leave the key out for every client`
            `audience: errand}`            | `audience: errand, max-age: 0s}`          | `application.yaml:15:115: 'errand.trust.humans[0].max-age' must be a duration such as 50ms, 30s or 1h, and longer than 0, found '0s'`
            `Path=/tickets/**`             | `Path=/oauth2/**`                       | `application.yaml:4:7: route 'tickets' takes /oauth2/, which the gateway answers itself: choose another path`
            `Path=/tickets/**`             | `"Path=/tickets/**,/.well-known/acme"`  | `application.yaml:4:7: route 'tickets' takes /.well-known/, which the gateway answers itself: choose another path`
            `Path=/tickets/**`             | `"Path=/problems/{code}"`               | `application.yaml:4:7: route 'tickets' takes /problems/, which the gateway answers itself: choose another path`
            `Path=/tickets/**`             | `"Path=/approvals/{id}"`                | `application.yaml:4:7: route 'tickets' takes /approvals, which the gateway answers itself: choose another path`
            `audience: errand}`            | `audience: errand, events: {receiver: ssf, audience: a}}` | `application.yaml:15:14: https://idp.example.org: events.receiver must be a path of this gateway that nothing else has, such as /ssf/idp`
            `audience: errand}`            | `audience: errand, events: {receiver: /oauth2/x, audience: a}}` | `application.yaml:15:14: https://idp.example.org: events.receiver must be a path of this gateway that nothing else has, such as /ssf/idp`
            `audience: errand}`            | `audience: errand, events: {receiver: /ssf}}` | `application.yaml:15:14: https://idp.example.org: events.audience is missing: it is what the provider writes into aud of its events`
            `audience: errand}`            | `audience: errand, subject: oid, events: {receiver: /ssf, audience: a}}` | `application.yaml:15:14: https://idp.example.org: events name a human by sub, but subject is 'oid': leave events out, or let sub name the human`
            `audience: errand}`            | `audience: errand, events: {receiver: /ssf, audience: a, ends: {session-revoked: [all]}}}` | `application.yaml:15:14: https://idp.example.org: events.ends.session-revoked has 'all': write tasks, standing, or both`
            `audience: errand}`            | `audience: errand, events: {receiver: /ssf, audience: a, ends: {account-purged: [tasks]}}}` | `application.yaml:15:14: https://idp.example.org: events.ends has 'account-purged': the only name is session-revoked`
            `audience: errand}`            | `audience: errand, subject: ""}`          | `application.yaml:15:14: https://idp.example.org: subject: name the claim that names the human, such as sub or oid`
            `, audience: errand`           | ``                                      | `application.yaml:15:14: missing key 'audience' under 'errand.trust.humans[0]'`
            `, audience: errand`           | `, audience: errand, algorithms: [HS256]` | `application.yaml:15:14: https://idp.example.org: 'HS256' is no signature algorithm that we verify`
            `jwks: "https://idp.example.org/jwks"` | `jwks: "file:none.jwks"`        | `application.yaml:15:14: none.jwks does not exist or cannot be read: put the public keys there`
            `jwks: "https://idp.example.org/jwks"` | `jwks: "file:token"`            | `application.yaml:15:14: token: not a JWK Set: not JSON, a duplicate member, or too deep`
            `jwks: "https://idp.example.org/jwks"` | `jwks: "file:empty.jwks"`       | `application.yaml:15:14: empty.jwks: the JWK Set has no public signature key that is usable here: put the keys there that its owner publishes at its jwks_uri`
            `jwks: "https://idp.example.org/jwks"` | `jwks: "http://idp.example.org/jwks"` | `application.yaml:15:14: 'http://idp.example.org/jwks' must be file:…, https://… or, on this machine only, http://127.0.0.1…`
            `jwks: "https://idp.example.org/jwks"` | `jwks: "https://u:secret@idp.example.org/jwks"` | `application.yaml:15:14: the address holds a user or password: take it out`
            `jwks: "https://idp.example.org/jwks"` | `jwks: "https://i", discovery: true`  | `application.yaml:15:14: https://idp.example.org needs either 'jwks: file:… or https://…' or 'discovery: true'`
            `workloads: [`                 | `workloads: [{trust-domain: example.org, bundle: "https://b"}, ` | `application.yaml:12:1: name it, since there are 2 entries under errand.trust.workloads\\napplication.yaml:16:67: 'example.org' has an entry already: remove one`
            `trust-domain: example.org`    | `trust-domain: Example_Org!`            | `application.yaml:16:17: 'Example_Org!' is not the name of a trust domain`
            `issuer: "https://as.example.org"` | `issuer: "https://gateway.example.org"` | `application.yaml:17:15: 'https://gateway.example.org' is errand.issuer: our own roots are trusted by errand.keys; remove it`
            `templates: [triage]`          | `templates: [triag]`                    | `application.yaml:17:87: there is no template 'triag' in tasks/; did you mean 'triage'?`
            `tickets: {bearer: {file: "file:token"}}` | `tickets: {bearer: {file: "file:none"}}` | `application.yaml:19:5: none does not exist or cannot be read: put the credential there`
            `tickets: {bearer: {file: "file:token"}}` | `tickets: {baerer: {file: "file:token"}}` | `application.yaml:19:15: unknown key 'baerer' under 'errand.upstreams.tickets'; did you mean 'bearer'?`
            `tickets: {bearer: {file: "file:token"}}` | `tickets: {}`                | `application.yaml:7:58: route 'tickets' UpstreamCredential=tickets: there is no 'tickets' under errand.upstreams`
            `tickets: {bearer: {file: "file:token"}}` | `tickets: {bearer: {file: "file:token"}, header: {name: X, file: "file:token"}}` | `application.yaml:19:5: needs exactly one of header, bearer, vault-login, sigv4, client-certificate, task-jwt, sts, impersonate, token-exchange, github-app`
            `tickets: {bearer: {file: "file:token"}}` | `tickets: {vault-login: {url: "bao.example.org:8200", role: r, jwt-file: "file:token", mount: jwt}}` | `application.yaml:19:5: vault-login.url: 'bao.example.org:8200' must be https://host[:port][/path] or http://host[:port][/path]`
            `tickets: {bearer: {file: "file:token"}}` | `tickets: {vault-login: {url: "https://bao/v1/", role: r, jwt-file: "file:token", mount: jwt}}` | `application.yaml:19:5: vault-login.url: 'https://bao/v1/' ends in /v1: leave it out`
            `tickets: {bearer: {file: "file:token"}}` | `tickets: {vault-login: {url: "https://u:s3cret@bao.example.org", role: r, jwt-file: "file:token", mount: jwt}}` | `application.yaml:19:5: vault-login.url: the address holds a user or password: take it out`
            `id: tickets`                  | `idd: tickets`                          | `application.yaml:4:7: unknown key 'idd'; did you mean 'id'?\\napplication.yaml:4:7: missing key 'id'`
            `id: tickets`                  | `id: status`                            | `application.yaml:8:7: route 'status' has the id of another route: rename one`
            `uri: http://127.0.0.1:8200`   | `uri: http://127.0.0.1:9090`            | `application.yaml:4:7: route 'tickets' leads to our own management port 9090`
            `uri: http://127.0.0.1:8200`   | `uri: "http://[bad"`                    | `application.yaml:5:12: 'http://[bad' is no address: write http://host:port`
            `uri: http://127.0.0.1:8200`   | `uri: "HTTP://my_service:8200"` | `application.yaml:5:12: the address names no host: write http://host:port, a host of letters, digits, '-' and '.', whose last part begins with a letter`
            `uri: http://127.0.0.1:8200`   | `uri: "https://:8200"` | `application.yaml:5:12: the address names no host: write http://host:port, a host of letters, digits, '-' and '.', whose last part begins with a letter`
            `uri: http://127.0.0.1:8200`   | `uri: "http://u:s3 cret@tickets"`      | `application.yaml:5:12: this is no address: write http://host:port`
            `uri: http://127.0.0.1:8200`   | `uri: "ws:tickets"` | `application.yaml:5:12: the address names no host: write http://host:port, a host of letters, digits, '-' and '.', whose last part begins with a letter`
            `uri: http://127.0.0.1:8200`   | `uri: 127.0.0.1/tickets`                | `application.yaml:5:12: '127.0.0.1/tickets' is no address: write http://host:port`
            `Path=/tickets/**`             | `Path=/errands/**`                      | `application.yaml:4:7: route 'tickets' takes /errands, which the gateway answers itself: choose another path`
            `Path=/tickets/**`             | `"Path=/tickets/**,/start"`             | `application.yaml:4:7: route 'tickets' takes /start, which the gateway answers itself: choose another path`
            `audience: errand}`            | `audience: errand, events: {receiver: /tickets/idp, audience: a}}` | `application.yaml:4:7: route 'tickets' takes /tickets/idp, which the gateway answers itself: choose another path`
            `Path=/tickets/**`             | `Pth=/tickets/**`                       | `application.yaml:6:20: there is no predicate 'Pth'; did you mean 'Path'?`
            `StripPrefix=1`                | `StripPrefix=one`                       | `application.yaml:7:17: route 'tickets' StripPrefix cannot be made: For input string: "one"`
            `StripPrefix=1`                | `StripPrefix=1, TaskIdentity=requird`   | `application.yaml:7:32: route 'tickets' TaskIdentity cannot be made: TaskIdentity is 'optional' or 'required', was 'requird'`
            `StripPrefix=1`                | `StripPrefix=1, Provenance=lg`          | `application.yaml:7:32: route 'tickets' Provenance cannot be made: Provenance is 'send' or 'log', was 'lg'`
            `StripPrefix=1`                | `StripPrefix=1, TaskLimits=5`           | `application.yaml:7:32: route 'tickets' TaskLimits: takes no value`
            `StripPrefix=1`                | `{name: StripPrefix, args: {part: 1}}`  | `application.yaml:7:17: route 'tickets' StripPrefix: unknown key 'part'; did you mean 'parts'?`
            `StripPrefix=1`                | `StripPrefix=1, "RewritePath=/(, /a"`   | `application.yaml:7:32: route 'tickets' RewritePath cannot be made: Unclosed group near index 2`
            `StripPrefix=1`                | `StripPrefix=1, RequestHeaderToRequestUri=X-To` | `application.yaml:7:32: route 'tickets' has RequestHeaderToRequestUri: the upstream is the one that 'uri' says; remove it, or make one route for each upstream`
            `OperationMapping=tickets`     | `{name: OperationMapping, args: {catalogue: tickets, ass: b}}` | `application.yaml:7:32: route 'tickets' OperationMapping: unknown key 'ass'; did you mean 'as'?`
            `OperationMapping=tickets`     | `"OperationMapping=tickets,as=b,c"`     | `application.yaml:7:32: route 'tickets' OperationMapping: takes at most 2 values, found 3`
            `OperationMapping=tickets`     | `"OperationMapping=tickets,b"`          | `application.yaml:7:32: route 'tickets' OperationMapping=tickets,b: the second value must be a prefix, as=PREFIX: write as=b, or remove it`
            `OperationMapping=tickets`     | `"OperationMapping=tickets,as=T 2"`     | `application.yaml:7:32: route 'tickets' OperationMapping=tickets,as=T 2: a prefix is lower-case letters, digits and -, and begins with a letter`
            `Path=/tickets/**`             | `"Path=/#{1}"`                          | `application.yaml:6:20: route 'tickets' Path has a SpEL expression (#{…}): write its value`
            `StripPrefix=1`                | `StripPrefx=1`                          | `application.yaml:7:17: there is no filter 'StripPrefx'; did you mean 'StripPrefix'?`
            `StripPrefix=1`                | `StripPrefix=1, Retry=3`                | `application.yaml:7:32: route 'tickets' has Retry: the gateway sends a call once; remove it`
            `StripPrefix=1`                | `StripPrefix=1, "AddRequestHeader=X, #{T(java.lang.Runtime)}"` | `application.yaml:7:32: route 'tickets' AddRequestHeader has a SpEL expression (#{…}): write its value`
            `StripPrefix=1`                | `StripPrefix=1, PreserveHostHeader`     | `application.yaml:7:32: route 'tickets' has PreserveHostHeader: the upstream is addressed as 'uri' says, never as the client does`
            `OperationMapping=tickets`     | `OperationMapping=ticket`               | `application.yaml:7:32: route 'tickets' OperationMapping=ticket: there is no catalogue 'ticket' in operations/; did you mean 'tickets'?`
            `OperationMapping=tickets, `   | ``                                      | `application.yaml:4:7: route 'tickets' lacks OperationMapping: add it, or say metadata: {errand: open} if nobody is to be asked who calls`
            `TaskLimits, TaskSequence, `   | ``                                      | `application.yaml:4:7: route 'tickets' lacks TaskLimits, TaskSequence: add them, or say metadata: {errand: open} if nobody is to be asked who calls`
            `UpstreamCredential=tickets`   | `UpstreamCredential=ticket`             | `application.yaml:7:58: route 'tickets' UpstreamCredential=ticket: there is no 'ticket' under errand.upstreams; did you mean 'tickets'?`
            `metadata: {errand: open}`     | `metadata: {errand: open}\\n      filters: [UpstreamCredential=tickets]` | `application.yaml:8:7: route 'status' is open and has UpstreamCredential: an open route may hold no credential`
            `metadata: {errand: open}`     | `metadata: {errand: opened}`            | `application.yaml:8:7: route 'status' metadata: {errand: opened} means nothing; the only value is 'open'\\napplication.yaml:8:7: route 'status' lacks OperationMapping: add it, or say metadata: {errand: open} if nobody is to be asked who calls`
            `metadata: {errand: open}`     | `metadata: {errand: open}\\n      filters: [Provenance=log]` | `application.yaml:8:7: route 'status' is open and lacks OperationMapping, which its other stages need: add them, or name no stage`
            `metadata: {errand: open}`     | `filters: [OperationMapping=tickets]`   | `application.yaml:8:7: route 'status' the catalogue 'tickets' already names the operations of http://127.0.0.1:8200: give this upstream another prefix, OperationMapping=tickets,as=tickets-2`
            `metadata: {errand: open}`     | `metadata: {errand: open}\\n      filter: []` | `application.yaml:12:7: unknown key 'filter'; did you mean 'filters'?`
            `predicates: [Path=/status]`   | `predicates: Path=/status`              | `application.yaml:10:7: 'predicates' must be a list`
            `  routes:`                    | `  route: []\\n  routes:`               | `application.yaml:3:3: unknown key 'route'; did you mean 'routes'?`
            `spring.cloud.gateway.server.webflux:` | `spring.cloud.gateway.routes: []\\nspring.cloud.gateway.server.webflux:` | `application.yaml:1:1: routes stand under spring.cloud.gateway.server.webflux.routes`
            `errand:\\n`                   | `management.server.address: 0.0.0.0\\nerrand:\\n` | `application.yaml:12:1: the operator port listens on 0.0.0.0, beyond this machine, and data/operator-token does not exist: put at least 32 random characters there (mode 0600) and name it in errand.operator.token, or name operators under errand.operators`
            `errand:\\n`                   | `management.server.ssl: {enabled: false, bundle: operators}\\nerrand:\\n` | `application.yaml:12:1: management.server.ssl names a certificate, and its 'enabled' is false, so that the operator port would speak http: remove one of the two (the chart writes 'enabled' by operators.tls)`
            `errand:\\n`                   | `management.server.port: 8080\\nerrand:\\n` | `application.yaml:12:1: the operator port is the traffic port: give management.server.port another`
            `  trust:`                     | `  operator: {token: 0123456789012345678901234567890123456789}\\n  trust:` | `application.yaml:14:14: must be 'file:' and a path: no secret stands in the configuration`
            `  trust:`                     | `  operators: [{name: operator, token-file: "file:token", role: view}]\\n  trust:` | `application.yaml:14:16: 'operator' is the name of the operator with errand.operator.token: choose another name`
            `  trust:`                     | `  operators: [{name: a b, token-file: "file:token", role: view}]\\n  trust:` | `application.yaml:14:16: a name is 1 to 64 letters, digits, '.', '-', '_' and '@'`
            `  trust:`                     | `  operators: [{name: a, token-file: "file:none", role: view}]\\n  trust:` | `application.yaml:14:25: none does not exist or cannot be read: put at least 32 random characters there, mode 0600`
            `  trust:`                     | `  operators: [{name: a, token-file: "file:token", audience: x, role: view}]\\n  trust:` | `application.yaml:14:25: an operator has either token-file, or issuer, jwks, audience, claim and any: write two entries`
            `  trust:`                     | `  operators: [{name: a, issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", audience: errand, claim: groups, any: [sre], role: view}]\\n  trust:` | `application.yaml:14:98: 'errand' is an audience of errand.trust.humans, whose tokens start tasks: register an audience of its own for operators`
            `  trust:`                     | `  operators: [{name: a, issuer: "https://idp.example.org", jwks: "https://idp.example.org/jwks", claim: groups, any: [sre], role: view}]\\n  trust:` | `application.yaml:14:15: missing 'audience': an operator has either token-file, or issuer, jwks, audience, claim and any`
            `  trust:`                     | `  operators: [{name: a, token-file: "file:token"}]\\n  trust:` | `application.yaml:14:15: missing key 'role' under 'errand.operators[0]'`
            `  trust:`                     | `  operators: [{name: a, token-file: "file:token", role: admin}]\\n  trust:` | `application.yaml:14:57: 'errand.operators[0].role' must be one of view, operate, found 'admin'`
            `  trust:`                     | `  operator: {advertise: "http://errand.example.org:9090"}\\n  trust:` | `application.yaml:14:14: 'http://errand.example.org:9090' must be https://host[:port], without a path; http on loopback alone`
            `uri: http://127.0.0.1:8200`   | `uri: "http://[::ffff:127.0.0.1]:9090"` | `application.yaml:4:7: route 'tickets' leads to our own management port 9090`
            `uri: http://127.0.0.1:8200`   | `uri: http://localhost.:9090`           | `application.yaml:4:7: route 'tickets' leads to our own management port 9090`
            `metadata: {errand: open}`     | `metadata: {errand: open, a: "#{1}"}`   | `application.yaml:8:7: route 'status' metadata has a SpEL expression (#{…}): write its value`
            `errand:\\n`                   | `errand: &a\\n`                         | `application.yaml:12:9: anchors (&) are not allowed: write the value where it is used`
            `errand:\\n`                   | `errand: {}\\nerrand:\\n`               | `application.yaml:13:1: duplicate key 'errand'`
            """)
    void check_aBadApplication_saysWhereAndWhat(String good, String bad, String fault) throws IOException {
        String from = good.replace("\\n", "\n");
        assertThat(GOOD).contains(from);
        write("application.yaml", GOOD.replace(from, bad == null ? "" : bad.replace("\\n", "\n")));
        assertThat(String.join("\n", faults(Map.of()))).isEqualTo(fault.replace("\\n", "\n"));
    }

    @Test
    void check_aPrefixThatIsAnotherCatalogue_isRefused() throws IOException {
        write("operations/wiki.yaml", """
                catalogue: wiki
                resolver: template
                operations:
                  - {id: page.read, match: {method: GET, path: "/p/{id}"}, effect: read, resource: "{id}"}
                """);
        write(
                "application.yaml",
                GOOD.replace("OperationMapping=tickets", "\"OperationMapping=tickets,as=wiki\"")
                        .replace("templates: [triage]", "templates: []"));
        Files.delete(directory.resolve("tasks/triage.yaml"));
        assertThat(faults(Map.of()))
                .containsExactly(
                        "application.yaml:7:32: route 'tickets' OperationMapping=tickets,as=wiki: 'wiki' already"
                                + " names the operations of another catalogue: choose another prefix");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `allow: {tickets:ticket.read: {resorce: {wildcard: true}}}` | `tasks/triage.yaml:5:31: unknown argument 'resorce' of 'tickets:ticket.read'; did you mean 'resource'?`
            `allow: {"tickets:*": {effects: [read], resorce: {wildcard: true}}}` | `tasks/triage.yaml:5:40: unknown argument 'resorce' of 'tickets:*'; did you mean 'resource'?`
            `allow: {tickets:ticket.read: {}}\\nsequence: [{tickets:ticket.read: {same: [id]}}]` | `tasks/triage.yaml:6:35: unknown argument 'id' of 'tickets:ticket.read'; known are resource; arguments of a query or body are those under 'params' of the operation in its catalogue`
            `allow: {tickets:ticket.read: {}}\\nrules: [{bounded: tickets:ticket.read, at-most: 2, same: id}]` | `tasks/triage.yaml:6:52: unknown argument 'id' of 'tickets:ticket.read'; known are resource; arguments of a query or body are those under 'params' of the operation in its catalogue`
            """)
    void check_anArgumentThatNoCallHas_isRefused(String rest, String fault) throws IOException {
        write("tasks/triage.yaml", """
                template: triage
                agents: ["spiffe://example.org/agent/triage"]
                humans: {claim: groups, any: [support]}
                lifetime: 15m
                """ + rest.replace("\\n", "\n") + "\n");
        write("application.yaml", GOOD.replace("templates: [triage]", "templates: []"));
        assertThat(faults(Map.of())).containsExactly(fault);
    }

    @Test
    void check_anArgumentThatMayBeAbsent_isGood() throws IOException {
        write("tasks/triage.yaml", """
                template: triage
                agents: ["spiffe://example.org/agent/triage"]
                humans: {claim: groups, any: [support]}
                allow: {tickets:ticket.read: {resource: {wildcard: true}, version: {range: {min: 1}, optional: true}}}
                """);
        assertThat(faults(Map.of())).isEmpty();
    }

    @Test
    void check_faultsOfAllFiles_areTold() throws IOException {
        write("application.yaml", GOOD.replace("StripPrefix=1", "StripPrefx=1"));
        write("operations/tickets.yaml", "catalogue: tickets\nresolver: templat\n");
        write("tasks/triage.yaml", "templte: triage\n");
        assertThat(faults(Map.of()))
                .extracting(fault -> fault.substring(0, fault.indexOf(':')))
                .contains("application.yaml", "operations/tickets.yaml", "tasks/triage.yaml");
    }

    @Test
    void check_keysThatOthersMayRead_areRefused() throws IOException {
        Files.createDirectories(directory.resolve("data"));
        write("data/keys.jwks", "{\"keys\":[]}");
        Files.setPosixFilePermissions(
                directory.resolve("data/keys.jwks"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(faults(Map.of()))
                .containsExactly("data/keys.jwks:1:1: private keys that others may touch (rw-r--r--); run: chmod 600 "
                        + "data/keys.jwks");
    }

    @Test
    void check_theOperatorBeyondLoopback_needsAToken() throws IOException {
        Map<String, Object> beyond = Map.of("management.server.address", "0.0.0.0");
        assertThat(faults(beyond)).singleElement().asString().contains("data/operator-token does not exist");
        Files.createDirectories(directory.resolve("data"));
        write("data/operator-token", "0123456789012345678901234567890123456789");
        assertThat(faults(beyond)).isEmpty();
    }

    @Test
    void check_theOperatorBeyondLoopbackOfASharedStore_needsAnAddressForTheOthers() throws Exception {
        write("application.yaml", GOOD.replace("  trust:", "  state: {redis: redis://redis:6379}\n  trust:"));
        Files.createDirectories(directory.resolve("data"));
        KeyRing.createIfAbsent(directory.resolve("data/keys.jwks"));
        write("data/operator-token", "0123456789012345678901234567890123456789");
        assertThat(faults(Map.of("management.server.address", "0.0.0.0")))
                .singleElement()
                .asString()
                .contains("write 'errand.operator.advertise' with its https URL");
        assertThat(faults(Map.of(
                        "management.server.address",
                        "0.0.0.0",
                        "errand.operator.advertise",
                        "https://errand-0.example.org:9090")))
                .isEmpty();
    }

    @Test
    void check_anImportOutsideTheFolder_isRefused() throws IOException {
        write("operations/more.yaml", "catalogue: more\nresolver: template\nimport:\n  - {openapi: ../token}\n");
        assertThat(String.join("\n", faults(Map.of())))
                .contains("operations/more.yaml:4:6: ../token must lie beside the catalogue");
    }
}
