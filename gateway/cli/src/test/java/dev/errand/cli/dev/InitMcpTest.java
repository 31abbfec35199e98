package dev.errand.cli.dev;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.errand.cli.Errand;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code init --dev --mcp} writes for a server of MCP, and what it says of one that is none. */
class InitMcpTest {
    private static final String FIRST = """
            {"tools": [
              {"name": "look", "description": "Reads a file\\nof the server", "annotations": {"readOnlyHint": true}},
              {"name": "drop", "annotations": {"destructiveHint": true}},
              {"name": "two words", "annotations": {"readOnlyHint": true}}], "nextCursor": "2"}
            """;

    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();
    private final List<String> asked = new ArrayList<>();
    private HttpServer server;
    private String second = "{\"tools\": [{\"name\": \"put\"}]}";
    private String token = "";
    private boolean streams;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String shown = exchange.getRequestHeaders().getFirst("Authorization");
            String session = exchange.getRequestHeaders().getFirst("Mcp-Session-Id");
            if (!token.isEmpty() && !("Bearer " + token).equals(shown)) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            JsonObject message = body.length == 0 ? JsonObject.EMPTY : parsed(body);
            String method = String.valueOf(message.string("method"));
            asked.add(exchange.getRequestMethod() + " " + method + " " + session);
            String result = switch (method) {
                case "initialize" -> "{\"protocolVersion\": \"2025-06-18\", \"capabilities\": {}}";
                case "tools/list" -> message.object("params").string("cursor") == null ? FIRST : second;
                default -> "";
            };
            exchange.getResponseHeaders().set("Mcp-Session-Id", "s1");
            if (result.isEmpty()) {
                exchange.sendResponseHeaders(202, -1);
                return;
            }
            String answer = "{\"jsonrpc\":\"2.0\",\"id\":" + Jcs.canonical(message.get("id")) + ",\"result\":"
                    + result.replace("\n", " ") + "}";
            String text = streams
                    ? "event: message\nid: 1\ndata: {\"method\":\"ping\"}\n\nevent: message\ndata: " + answer + "\n\n"
                    : answer;
            exchange.getResponseHeaders().set("Content-Type", streams ? "text/event-stream" : "application/json");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static JsonObject parsed(byte[] body) throws IOException {
        try {
            return Json.parseObject(body);
        } catch (Json.MalformedJsonException e) {
            throw new IOException(e);
        }
    }

    private Path mine() {
        return directory.resolve("mine");
    }

    private int run(String... words) {
        return Errand.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }

    private int init(String... more) {
        List<String> words = new ArrayList<>(List.of(
                "init",
                "--dev",
                mine().toString(),
                "--mcp",
                "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp"));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    @Test
    void tools_becomeOperations_withEffectsToReview() throws Exception {
        for (boolean each : new boolean[] {false, true}) {
            streams = each;
            asked.clear();
            try (var made = Files.walk(directory)) {
                made.sorted(java.util.Comparator.reverseOrder())
                        .filter(file -> !file.equals(directory))
                        .forEach(file -> file.toFile().delete());
            }
            assertThat(init()).as(err.toString()).isZero();
            assertThat(mine().resolve("operations/tools.yaml"))
                    .content()
                    .contains("\"look\": read  # review: Reads a file\\u000aof the server")
                    .contains("\"drop\": delete  # review", "\"put\": write  # review", "# left out: two words: ");
            assertThat(asked)
                    .containsExactly(
                            "POST initialize null",
                            "POST notifications/initialized s1",
                            "POST tools/list s1",
                            "POST tools/list s1",
                            "DELETE null s1");
        }
        assertThat(run("check", "--config", mine().toString(), "--strict"))
                .as(err.toString())
                .isZero();
        assertThat(run("test", mine().toString())).as(err.toString()).isZero();
    }

    @Test
    void token_isShownToTheServer_andBecomesTheCredential() throws Exception {
        token = "secret";
        assertThat(init()).isEqualTo(1);
        assertThat(err.toString()).contains("initialize was answered 401; --mcp-token names the file");
        Path file = Files.writeString(directory.resolve("token"), token + "\n");
        assertThat(init("--mcp-token", file.toString())).as(err.toString()).isZero();
        assertThat(mine().resolve("application.yaml"))
                .content()
                .contains("UpstreamCredential=tools]", "tools: {bearer: {file: \"file:" + file + "\"}}")
                .doesNotContain(token + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"tools\": [{\"name\": \"put\"}], \"nextCursor\": \"2\"} | its list of tools has more than 100 pages",
                "7 | tools/list was answered without a result: is it an MCP server"
            })
    void server_thatAnswersOtherwise_isTold(String answer, String why) {
        second = answer;
        assertThat(init()).isEqualTo(1);
        assertThat(err.toString()).contains(why);
        assertThat(mine()).doesNotExist();
    }

    @Test
    void options_thatDoNotGoTogether_andNoServer_areTold() {
        assertThat(init("--upstream", "http://127.0.0.1:1")).isEqualTo(2);
        assertThat(run("init", "--dev", mine().toString(), "--mcp-token", "x")).isEqualTo(2);
        assertThat(run("init", "--dev", mine().toString(), "--mcp", "ftp://x")).isEqualTo(2);
        server.stop(0);
        assertThat(init()).isEqualTo(1);
        assertThat(err.toString()).contains("cannot be reached (ConnectException)");
    }
}
