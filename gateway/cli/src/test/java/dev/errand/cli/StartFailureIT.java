package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.origin.Origin;
import picocli.CommandLine;

/** {@code errand run} on what it cannot run: it says why in lines that an operator can act on, and exits. */
class StartFailureIT {
    private static final String GOOD = """
            spring.cloud.gateway.server.webflux:
              default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
              routes:
                - id: tickets
                  uri: http://127.0.0.1:8200
                  predicates: [Path=/tickets/**]
                  filters: [StripPrefix=1, OperationMapping=tickets]
            server: {address: 127.0.0.1, port: 0}
            management.server.port: 0
            errand:
              issuer: https://gateway.example.org
              trust-domain: example.org
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.writeString(directory.resolve("application.yaml"), GOOD);
        Files.writeString(directory.resolve("operations/tickets.yaml"), """
                catalogue: tickets
                resolver: template
                operations:
                  - {id: ticket.read, match: {method: GET, path: "/v1/tickets/{id}"}, effect: read, resource: "{id}"}
                """);
    }

    /** The exit code, then what was said but for warnings: no template is there. */
    private String run(List<String> properties) {
        StringWriter err = new StringWriter();
        CommandLine command = Errand.commandLine();
        command.setErr(new PrintWriter(err));
        List<String> arguments = new ArrayList<>(List.of("run", "--config", directory.toString()));
        arguments.addAll(properties);
        int code = command.execute(arguments.toArray(String[]::new));
        return code + " "
                + err.toString()
                        .lines()
                        .filter(line -> !line.contains(": warning: "))
                        .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `StripPrefix=1`          | `StripPrefx=1`             | `1 application.yaml:7:17: there is no filter 'StripPrefx'; did you mean 'StripPrefix'?`
            `StripPrefix=1`          | `StripPrefix=one`          | `1 application.yaml:7:17: route 'tickets' StripPrefix cannot be made: For input string: "one"`
            `StripPrefix=1, `        | `Retry=3, `                | `1 application.yaml:7:17: route 'tickets' has Retry: the gateway sends a call once; remove it`
            `issuer:`                | `isuer: x\\n  issuer:`     | `1 application.yaml:11:3: unknown key 'isuer' under 'errand'; did you mean 'issuer'?`
            `trust-domain:`          | `state: {redis: "redis://127.0.0.1:1"}\\n  trust-domain:` | `1 data/keys.jwks:1:1: no such file; make one with: errand keys new FILE, or copy that of another replica, mode 0600`
            """)
    void run_aBadConfiguration_saysWhereAndWhat(String good, String bad, String expected) throws IOException {
        Files.writeString(directory.resolve("application.yaml"), GOOD.replace(good, bad.replace("\\n", "\n")));
        assertThat(run(List.of())).isEqualTo(expected);
    }

    /** A key that Spring alone has seen, as in the variable SPRING_APPLICATION_JSON. */
    @Test
    void explain_anUnknownKey_saysWhichOneIsMeant() {
        ConfigurationProperty property =
                new ConfigurationProperty(ConfigurationPropertyName.of("errand.mod"), "observe", new Origin() {
                    @Override
                    public String toString() {
                        return "SPRING_APPLICATION_JSON";
                    }
                });
        assertThat(StartFailure.explain(new UnboundConfigurationPropertiesException(Set.of(property))))
                .containsExactly("SPRING_APPLICATION_JSON: unknown key 'mod' under 'errand'; did you mean 'mode'?");
    }

    @Test
    void run_anUnknownKeyOfTheCommandLine_isTold() {
        assertThat(run(List.of("--errand.mod=observe")))
                .isEqualTo(
                        "1 application.yaml:10:1: --errand.mod: unknown key 'mod' under 'errand'; did you mean 'mode'?");
    }

    @Test
    void run_onAPortThatIsTaken_namesIt() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(run(List.of("--server.port=" + taken.getLocalPort())))
                    .startsWith("1 errand run: port " + taken.getLocalPort() + " is taken");
        }
    }

    @Test
    void run_ofAFirstRun_saysFirstThatItStarts() throws IOException {
        Files.writeString(Files.createDirectories(directory.resolve("dev")).resolve("spiffe.jwk"), "{}");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(run(List.of("--server.port=" + taken.getLocalPort())))
                    .startsWith("1 errand run: starting, which takes some seconds\nerrand run: port ");
        }
    }

    @Test
    void run_beyondLoopbackWithoutAToken_saysWhatToDo() {
        assertThat(run(List.of("--management.server.address=0.0.0.0")))
                .startsWith("1 application.yaml:9:1: the operator port listens on 0.0.0.0")
                .contains("data/operator-token");
    }
}
