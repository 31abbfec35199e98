package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentOptionsTest {
    @TempDir
    private Path directory;

    private static String faultOf(String... arguments) {
        return faultOf(1, arguments);
    }

    private static String faultOf(int exit, String... arguments) {
        return faultOf(exit, () -> Agent.execute(arguments));
    }

    private static String faultOf(int exit, IntSupplier command) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(command.getAsInt()).isEqualTo(exit);
        } finally {
            System.setErr(before);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--wait 1s | give one of --template, --standing, --token and --from",
                "--template t --token @a --key k | give one of --template, --standing, --token and --from",
                "--template t | --template needs --subject-token @FILE, the human's JWT, or --ask",
                "--template t --ask --subject-token @x | --template needs --subject-token @FILE, the human's JWT, or --ask",
                "--template t --subject-token @x --purpose p | --purpose goes with --ask",
                "--token @x --key k --ask | --ask does not go with this way of starting",
                "--template t --ask --sequence [] | --sequence must be @FILE: on a command line others could read it",
                "--token @a | --token needs --key FILE, its holder's private JWK",
                "--token @a --key k --calls 3 | --allow and --calls go with --template or --from: a token says what it allows",
                "--from http://127.0.0.1:1/x --param a=b | --param does not go with this way of starting",
                "--from http://gateway.example.org/x | --from must be https beyond loopback",
                "--from http://127.0.0.1:1/x --lifetime 5 | --lifetime must be a duration such as 30s or 5m, was '5'",
                "--from http://127.0.0.1:1/x --lifetime 0 | --lifetime must be 1s or more, was '0'",
                "--from http://127.0.0.1:1/x --lifetime 999ms | --lifetime must be 1s or more, was '999ms'",
                "--from http://127.0.0.1:1/x --calls 0 | --calls must be 1 or more, was 0",
                "--template t --subject-token @x --calls -1 | --calls must be 1 or more, was -1",
                "--from http://127.0.0.1:1/x --children -1 | --children must be 0 or more, was -1",
                "--template t --subject-token @x --derive -1 | --derive must be 0 or more, was -1",
                "--from http://127.0.0.1:1/x --calls 1 --gateway http://g.example | --gateway must be https beyond loopback, was 'http://g.example'",
                "--from http://127.0.0.1:1/x --allow [] | --allow must be one JSON object: not an object",
                "--template t --subject-token @x --param =b | --param must be NAME=VALUE, was '=b'",
                "--template t --subject-token @x --svid eyJ | --svid must be @FILE: on a command line others could read it",
                "--template t --subject-token eyJ | --subject-token must be @FILE: on a command line others could read it",
                "--from http://127.0.0.1:1/x --listen 10.0.0.1:0 | --listen must be a loopback address and a port, such as 127.0.0.1:0, was '10.0.0.1:0'",
                "--template t --subject-token @x --peer me | --peer must be same-user or any, was 'me'",
                "--template t --subject-token @x --mcp tools -- true | --mcp takes no COMMAND: an MCP client runs this companion as its own command",
                "--template t --subject-token @x --environment e -- true | --environment does not go with --mcp, nor with a COMMAND, which gets the variables directly",
                "--template t --subject-token @x --environment e --keep-env | --keep-env does not go with --environment: the shell that reads FILE has variables of its own",
                "--template t --subject-token @x --environment= | --environment must name a file",
                "--template t --subject-token @x --environment /none/e | --environment /none/e cannot be written: there is no folder /none",
                "--from http://127.0.0.1:1/x --environment / | --environment /: it is there already",
                "--template t --subject-token @x --environment e --mcp tools | --environment does not go with --mcp, nor with a COMMAND, which gets the variables directly"
            })
    void wrongOptions_areSaidInOneLine(String line, String fault) {
        assertThat(faultOf(2, line.strip().split(" "))).isEqualTo("errand agent: " + fault.strip() + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | --token t | mcp-serve needs the COMMAND of an MCP server after --",
                "2 | --listen 0.0.0.0:1 -- cat | --listen must be a loopback address and a port, such as 127.0.0.1:0, was '0.0.0.0:1'",
                "1 | --token /none/t -- cat | --token /none/t: it can be neither made nor read"
            })
    void wrongOptionsOfMcpServe_areSaidInOneLine(int exit, String line, String fault) {
        assertThat(faultOf(exit, () -> Agent.serve(line.strip().split(" "))))
                .isEqualTo("errand mcp-serve: " + fault.strip() + "\n");
    }

    @Test
    void gateway_beyondLoopback_isHttps() throws Exception {
        Path token = Files.writeString(directory.resolve("t"), "x");
        assertThat(faultOf(2, "--gateway", "http://10.0.0.1:8080", "--template", "t", "--subject-token", "@" + token))
                .contains("--gateway must be https beyond loopback, was 'http://10.0.0.1:8080'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://127.0.0.1:1/SECRET", "http://127.0.0.1:1/SECRET?a", "http://[/SECRET", "ftp://h/SECRET"})
    void addressOfTheCompanionAbove_whichHoldsASecret_isNotSaid(String url) {
        int exit = url.equals("http://127.0.0.1:1/SECRET") ? 1 : 2;
        assertThat(faultOf(exit, "--from", url)).doesNotContain("SECRET").contains("errand agent: ");
    }

    private static HttpServer server(String path, String json) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(path, exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @ParameterizedTest
    @CsvSource({
        "https://other.example.org,https://gateway.example.org,,calls itself 'https://other.example.org'",
        "https://other.example.org,https://gateway.example.org,https://other.example.org,calls itself",
        "https://gateway.example.org,https://gateway.example.org,https://other.example.org,--issuer: the companion above",
    })
    void gatewayOfAChild_isTheOneThatTheCompanionAboveNames(String issuer, String childs, String said, String fault)
            throws Exception {
        HttpServer gateway = server("/.well-known/oauth-authorization-server", "{\"issuer\":\"" + issuer + "\"}");
        HttpServer above = server(
                "/derive",
                "{\"token\":\"t\",\"chain\":\"r\",\"gateway\":\"" + url(gateway) + "\",\"issuer\":\"" + childs + "\"}");
        try {
            List<String> arguments =
                    new ArrayList<>(List.of("--from", url(above) + "/derive", "--gateway", url(gateway)));
            if (said != null) {
                arguments.addAll(List.of("--issuer", said));
            }
            arguments.addAll(List.of("--", "true"));
            assertThat(faultOf(arguments.toArray(String[]::new))).contains(fault);
        } finally {
            gateway.stop(0);
            above.stop(0);
        }
    }
}
