package dev.errand.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentOptionsTest {
    @TempDir
    private Path directory;

    private static String faultOf(String... arguments) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(Agent.execute(arguments)).isEqualTo(1);
        } finally {
            System.setErr(before);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--wait 1s | give one of --template, --token and --from",
                "--template t --token @a --key k | give one of --template, --token and --from",
                "--template t | --template needs --subject-token @FILE, the human's JWT",
                "--token @a | --token needs --key FILE, its holder's private JWK",
                "--token @a --key k --calls 3 | --allow and --calls go with --template or --from: a token says what it allows",
                "--from http://127.0.0.1:1/x --param a=b | --param does not go with this way of starting",
                "--from http://gateway.example.org/x | --from must be https beyond loopback, was 'http://gateway.example.org/x'",
                "--template t --subject-token eyJ | --subject-token must be @FILE: on a command line others could read it",
                "--template t --subject-token @x --mcp tools -- true | --mcp takes no COMMAND: it is one itself, of an MCP client"
            })
    void wrongOptions_areSaidInOneLine(String line, String fault) {
        assertThat(faultOf(line.strip().split(" "))).isEqualTo("errand agent: " + fault.strip() + "\n");
    }

    @Test
    void gateway_beyondLoopback_isHttps() throws Exception {
        Path token = Files.writeString(directory.resolve("t"), "x");
        assertThat(faultOf("--gateway", "http://10.0.0.1:8080", "--template", "t", "--subject-token", "@" + token))
                .contains("--gateway must be https beyond loopback, was 'http://10.0.0.1:8080'");
    }
}
