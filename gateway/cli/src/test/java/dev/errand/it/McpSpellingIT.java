package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.SpellingRun.Permitted;
import dev.errand.json.Jcs;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spelling table, and one of messages, against the reference MCP server, whose answers show which tool ran. */
@Tag("everything")
class McpSpellingIT {
    private static final String TYPES =
            "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";
    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",\
            "capabilities":{"sampling":{},"elicitation":{"form":{},"url":{}},"roots":{"listChanged":true},\
            "tasks":{"requests":{"sampling":{"createMessage":{}},"elicitation":{"create":{}}}}},\
            "clientInfo":{"name":"table","version":"1"}}}""";
    private static final String ECHO = call("echo", "{\"message\":\"m1\"}");

    private static String call(String tool, String arguments) {
        return "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\",\"arguments\":" + arguments + "}}";
    }

    @Test
    void table_throughTheGateway_isTheNamedOperationOrRefused(@TempDir Path directory) {
        try (RealServer server = RealServer.everything(directory);
                RecordingRelay relay = new RecordingRelay(server.port());
                FrontedServer fronted = FrontedServer.start("tools", relay.uri(), FrontedServer.everything("tools"))) {
            String session = initialize(fronted);
            SpellingRun run = new SpellingRun(fronted.gateway(), fronted.agent(), relay, new Witness());
            String lines = TYPES + "Mcp-Session-Id: " + session + "\r\nMcp-Protocol-Version: 2025-06-18\r\n";
            Spelling.Base echo = base(lines, ECHO);
            // A GET is a stream that does not end, a DELETE the end of the session.
            run.run(Spelling.of(echo).stream()
                    .filter(one -> !Set.of("method GET", "method HEAD", "method DELETE")
                            .contains(one.name()))
                    .toList());
            run.run(messages(lines));
            run.run(Spelling.framings(
                    echo,
                    "POST /mcp HTTP/1.1\r\nHost: x\r\n" + lines + "Content-Length: "
                            + call("get-env", "{}").length() + "\r\n\r\n" + call("get-env", "{}")));
            assertThat(run.wrong()).isEmpty();
            assertThat(run.permitted()).contains("plain", "chunked", "get-sum", "Mcp-Method: tools/call");
            assertThat(run.outcomes()).doesNotContainKeys("invalid-token", "decision-unavailable");
        }
    }

    /** Each tool that the real server has, for a client that can do everything, has an effect in the catalogue. */
    @Test
    void catalogue_everyToolOfTheRealServer_isReviewed(@TempDir Path directory) throws Exception {
        try (RealServer server = RealServer.everything(directory)) {
            var answer = Direct.call("POST", server.uri() + "/mcp", INITIALIZE, headers(null));
            String session = answer.headers().firstValue("Mcp-Session-Id").orElseThrow();
            Direct.call(
                    "POST",
                    server.uri() + "/mcp",
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
                    headers(session));
            String listed = "";
            for (int i = 0; i < 100 && !listed.contains("get-roots-list"); i++) {
                // Tools for what the client can do are added once it said that it is ready.
                listed = Direct.call(
                                "POST",
                                server.uri() + "/mcp",
                                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}",
                                headers(session))
                        .body();
            }
            Set<String> tools = new TreeSet<>();
            Matcher names = Pattern.compile("\"name\":\"([a-z-]+)\"").matcher(listed);
            while (names.find()) {
                tools.add(names.group(1));
            }
            assertThat(tools).contains("echo", "get-roots-list").hasSizeGreaterThan(15);
            String catalogue =
                    java.nio.file.Files.readString(RunningGateway.repository().resolve("config/operations/tools.yaml"));
            Set<String> reviewed = new TreeSet<>();
            Matcher lines = Pattern.compile("(?m)^  ([a-z-]+): [a-z]+$").matcher(catalogue);
            while (lines.find()) {
                reviewed.add(lines.group(1));
            }
            assertThat(reviewed).isEqualTo(tools);
        }
    }

    private static String[] headers(@Nullable String session) {
        List<String> headers = new ArrayList<>(
                List.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream"));
        if (session != null) {
            headers.addAll(List.of("Mcp-Session-Id", session));
        }
        return headers.toArray(String[]::new);
    }

    private static Spelling.Base base(String lines, String body) {
        return new Spelling.Base("POST", "/tools", "/mcp", "", lines, body);
    }

    private static String initialize(FrontedServer fronted) {
        var answer = fronted.agent()
                .call(
                        fronted.gateway(),
                        "POST",
                        "/tools/mcp",
                        Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream"),
                        INITIALIZE);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue("Mcp-Session-Id").orElseThrow();
    }

    private static List<Spelling> messages(String lines) {
        String sum = call("get-sum", "{\"a\":1,\"b\":2}");
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("get-sum", sum);
        bodies.put("a batch", "[" + ECHO + "," + sum + "]");
        bodies.put("a batch of one", "[" + ECHO + "]");
        bodies.put("method twice", ECHO.replace("\"method\"", "\"method\":\"tools/list\",\"method\""));
        bodies.put(
                "method twice, one escaped", ECHO.replace("\"method\"", "\"meth\\u006fd\":\"tools/list\",\"method\""));
        bodies.put("method escaped", ECHO.replace("\"method\"", "\"meth\\u006fd\""));
        bodies.put("name twice", ECHO.replace("\"name\":\"echo\"", "\"name\":\"get-env\",\"name\":\"echo\""));
        bodies.put("name in two cases", ECHO.replace("\"name\":\"echo\"", "\"name\":\"echo\",\"Name\":\"get-env\""));
        bodies.put("method in upper case", ECHO.replace("\"method\"", "\"METHOD\""));
        bodies.put("params twice", ECHO.replace("\"params\"", "\"params\":{\"name\":\"get-env\"},\"params\""));
        bodies.put("argument twice", call("echo", "{\"message\":\"m1\",\"message\":\"m2\"}"));
        bodies.put("__proto__", call("echo", "{\"message\":\"m1\",\"__proto__\":{\"message\":\"m2\"}}"));
        bodies.put(
                "params with __proto__",
                ECHO.replace("\"params\":{", "\"params\":{\"__proto__\":{\"name\":\"get-env\"},"));
        bodies.put("no name", "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{}}");
        bodies.put("name a number", ECHO.replace("\"echo\"", "7"));
        bodies.put("name an array", ECHO.replace("\"echo\"", "[\"echo\"]"));
        bodies.put("tool in upper case", ECHO.replace("\"echo\"", "\"ECHO\""));
        bodies.put("tool with a space", ECHO.replace("\"echo\"", "\"echo \""));
        bodies.put("tool with a slash", ECHO.replace("\"echo\"", "\"../get-env\""));
        bodies.put("method with a space", ECHO.replace("tools/call", "tools/call "));
        bodies.put("method with a dot", ECHO.replace("tools/call", "tools.call"));
        bodies.put("method unknown", ECHO.replace("tools/call", "tools/invoke"));
        bodies.put("a reply with a method", ECHO.replace("\"method\"", "\"result\":{},\"method\""));
        bodies.put("a reply", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
        bodies.put("a notification", ECHO.replace("\"id\":7,", ""));
        bodies.put("id null", ECHO.replace("\"id\":7", "\"id\":null"));
        bodies.put("id an object", ECHO.replace("\"id\":7", "\"id\":{}"));
        bodies.put("version 1.0", ECHO.replace("2.0", "1.0"));
        bodies.put("no version", ECHO.replace("\"jsonrpc\":\"2.0\",", ""));
        bodies.put("two values", ECHO + sum);
        bodies.put("two lines", ECHO + "\n" + sum);
        bodies.put("byte order mark", "\u00ef\u00bb\u00bf" + ECHO);
        bodies.put("not JSON", "method=tools/call");
        bodies.put("empty", "");
        bodies.put("tools/list", "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\"}");
        bodies.put("an integer beyond a double", call("get-sum", "{\"a\":9007199254740993,\"b\":0}"));
        bodies.put("a number that overflows", call("get-sum", "{\"a\":1e999,\"b\":0}"));
        bodies.put("lone surrogate", call("echo", "{\"message\":\"\\ud800\"}"));
        List<Spelling> all = new ArrayList<>();
        bodies.forEach((name, body) -> all.add(base(lines, body).as(name)));
        for (String line : List.of(
                "Mcp-Method: tools/call",
                "Mcp-Method: tools/list",
                "Mcp_Method: tools/list",
                "Mcp-Method: tools/call\r\nMcp-Method: tools/list",
                "Mcp-Name: echo",
                "Mcp-Name: get-env",
                "Mcp_Name: get-env",
                "Mcp-Name: =?base64?ZWNobw==?=",
                "Mcp-Name: =?base64?Z2V0LWVudg==?=",
                "Content-Encoding: gzip",
                "Content-Encoding: br",
                "Content_Encoding: gzip",
                "Content-Type: text/plain",
                "Last-Event-ID: x",
                "Mcp_Session_Id: other",
                "Mcp-Session-Id: other",
                "Mcp-Protocol-Version: 1999-01-01",
                "Content_Type: text/plain")) {
            all.add(base(lines + line + "\r\n", ECHO).as(line));
        }
        return all;
    }

    /** Reads what the server says it did. */
    private static final class Witness implements SpellingRun.Witness {
        private static final Pattern ECHOED = Pattern.compile("\"text\":\"Echo: ([^\"]*)\"");
        private static final Pattern SUM = Pattern.compile("\"text\":\"The sum of (\\S+) and (\\S+) is ");

        @Override
        public void reset() {}

        @Override
        public Set<String> did(RawHttp.@Nullable Response answer) {
            Set<String> did = new LinkedHashSet<>();
            if (answer == null) {
                return did;
            }
            String body = answer.body().replaceAll("\r\n[0-9a-f]+\r\n", "");
            Matcher echoed = ECHOED.matcher(body);
            while (echoed.find()) {
                did.add("tools:tools.call/echo " + hash("{\"message\":\"" + echoed.group(1) + "\"}"));
            }
            Matcher sum = SUM.matcher(body);
            while (sum.find()) {
                did.add("tools:tools.call/get-sum " + hash("{\"a\":" + sum.group(1) + ",\"b\":" + sum.group(2) + "}"));
            }
            if (body.contains("\"tools\":[")) {
                did.add("tools:tools.list");
            }
            if (body.contains("PATH")) {
                did.add("tools:tools.call/get-env " + hash("{}"));
            }
            return did;
        }

        private static String hash(String json) {
            try {
                return "sha-256:"
                        + Jws.base64(MessageDigest.getInstance("SHA-256").digest(Jcs.canonicalBytes(Jws.object(json))));
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public Set<String> means(Permitted call) {
            String operation = call.operations().get(0);
            return Set.of(operation.contains("tools.call/") ? operation + ' ' + call.argsHash() : operation);
        }

        /** A JSON-RPC error is an answer of 200. */
        @Override
        public boolean mayBeIdle(Permitted call) {
            return true;
        }
    }
}
