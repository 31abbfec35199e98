package dev.errand.agent.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.agent.call.CallResources;
import dev.errand.agent.call.Connections;
import dev.errand.agent.call.GatewayAddress;
import dev.errand.agent.call.HeldTask;
import dev.errand.agent.call.KeptBodyMemory;
import dev.errand.agent.call.PartMemory;
import dev.errand.agent.call.Tally;
import dev.errand.agent.listen.ScriptedGateway;
import dev.errand.holder.AgentKey;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an MCP client gets of a server's answers. */
@Timeout(60)
class McpBridgeTest {
    private static final String JSON = "Content-Type: application/json\r\n";

    private static String call(int id) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"t\"}}";
    }

    private static String result(String id, String value) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"r\":" + value + "}}";
    }

    /** The lines that the client reads, whose own lines are these. */
    private static List<String> serve(ScriptedGateway gateway, String... lines) throws Exception {
        return serve(
                gateway, new ByteArrayInputStream((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> serve(ScriptedGateway gateway, InputStream in) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Connections connections =
                    new Connections(loops.next(), GatewayAddress.parse("--gateway", gateway.url()), null);
            HeldTask task = new HeldTask(AgentKey.generate(), "leaf", List.of(), "https://gateway.example.org");
            CallResources resources = new CallResources(
                    connections, task, Duration.ZERO, new Tally(), new PartMemory(), new KeptBodyMemory(), note -> {});
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            new McpBridge(resources, "/tools", out).serve(in);
            return out.toString(StandardCharsets.UTF_8).lines().toList();
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    private static String id(ScriptedGateway.Arrived request) {
        return new String(request.body(), StandardCharsets.UTF_8).replaceAll(".*\"id\":([0-9]+).*", "$1");
    }

    @Test
    void answers_thatAStrictReaderRefuses_areGivenAsTheyAre() throws Exception {
        List<String> results = List.of(
                result("1", '"' + "x".repeat(2_000_000) + '"'),
                result("2", "[".repeat(200) + "]".repeat(200)),
                result("3", "{\"a\":1,\"a\":2}"),
                result("4", "\"\\ud800\""),
                "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"cut");
        try (ScriptedGateway gateway = new ScriptedGateway(
                request -> request.answer(200, JSON, results.get(Integer.parseInt(id(request)) - 1)))) {
            assertThat(serve(gateway, call(1), call(2), call(3), call(4), call(5)))
                    .containsExactlyInAnyOrderElementsOf(results);
        }
    }

    /** JSON-RPC 2.0 section 5.1. */
    @Test
    void lines_thatAreNoMessage_areAnsweredByTheCodesOfJsonRpc() throws Exception {
        try (ScriptedGateway gateway = new ScriptedGateway(request -> request.answer(200, JSON, result("1", "1")))) {
            List<String> answers = serve(gateway, "{\"jsonrpc\":", "[" + call(9) + "]", "7", call(1));
            assertThat(answers.get(0)).contains("\"id\":null", "\"code\":-32700");
            assertThat(answers.subList(1, 3))
                    .allSatisfy(each -> assertThat(each).contains("\"id\":null", "\"code\":-32600"));
            assertThat(answers.get(3)).isEqualTo(result("1", "1"));
        }
    }

    @Test
    void event_thatAStrictReaderRefuses_answersTheRequest() throws Exception {
        String said = result("1", "[".repeat(200) + "]".repeat(200));
        try (ScriptedGateway gateway = new ScriptedGateway(
                request -> request.answer(200, "Content-Type: text/event-stream\r\n", "data: " + said + "\n\n"))) {
            assertThat(serve(gateway, call(1))).containsExactly(said);
        }
    }

    @Test
    void refusal_isAnError() throws Exception {
        try (ScriptedGateway gateway =
                new ScriptedGateway(request -> request.answer(403, "Errand-Code: not-granted\r\n", "no"))) {
            assertThat(serve(gateway, call(1)))
                    .singleElement()
                    .asString()
                    .contains("\"id\":1", "\"error\"", "the gateway answered 403: no");
        }
    }

    @Test
    void longAnswers_comeOneAfterTheOther_andOneThatIsTooLongIsAnError() throws Exception {
        String value = '"' + "x".repeat(3_000_000) + '"';
        try (ScriptedGateway gateway = new ScriptedGateway(request -> request.answer(
                200, JSON, id(request).equals("9") ? result("9", value + ',' + value) : result(id(request), value)))) {
            List<String> answers = serve(
                    gateway,
                    IntStream.rangeClosed(1, 12).mapToObj(McpBridgeTest::call).toArray(String[]::new));
            assertThat(answers).hasSize(12);
            assertThat(answers.stream().filter(line -> line.length() > 3_000_000))
                    .hasSize(11);
            assertThat(answers.stream().filter(line -> line.length() < 1_000).collect(Collectors.joining()))
                    .contains("\"id\":9", "longer than 4 MiB");
        }
    }

    @Test
    void revision_thatNoHeaderCanHold_stopsNothing() throws Exception {
        String hello = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}";
        String answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"protocolVersion\":\"2025\\r\\nX: y\"}}";
        try (ScriptedGateway gateway = new ScriptedGateway(
                request -> request.answer(200, JSON, request.number() == 0 ? answer : result(id(request), "1")))) {
            assertThat(serve(gateway, hello, call(2))).containsExactly(answer, result("2", "1"));
            assertThat(gateway.arrived().get(1).header("MCP-Protocol-Version")).isEmpty();
        }
    }

    @Test
    void messageThatCannotBeSent_isAnError_andTheNextIsSent() throws Exception {
        String bad = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\\r\\nb\",\"params\":{\"_meta\":"
                + "{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}";
        try (ScriptedGateway gateway =
                new ScriptedGateway(request -> request.answer(200, JSON, result(id(request), "1")))) {
            assertThat(serve(gateway, bad, call(2)))
                    .anySatisfy(line -> assertThat(line).contains("\"id\":1", "\"error\""))
                    .contains(result("2", "1"))
                    .hasSize(2);
        }
    }

    private static final String ASKED =
            JSON + "Errand-Code: approval-required\r\nErrand-Next: wait\r\nErrand-Sent: no\r\n"
                    + "Retry-After: 1\r\nErrand-Approval: https://gateway.example.org/approvals/a-1; expires_in=60\r\n";
    private static final String CANCELLED =
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}";

    /** Asks for an approval, which is there by the next call. */
    private static ScriptedGateway asking() throws Exception {
        return new ScriptedGateway(request -> {
            String body = new String(request.body(), StandardCharsets.UTF_8);
            if (body.equals(CANCELLED)) {
                request.answer(202, "", "");
            } else if (request.head().startsWith("GET ")) {
                request.answer(200, JSON, "{\"approval\":{\"state\":\"pending\"}}");
            } else {
                request.answer(200, request.number() == 0 ? ASKED : JSON, result("1", "1"));
            }
        });
    }

    private static long calls(ScriptedGateway gateway) {
        return gateway.arrived().stream()
                .filter(request -> new String(request.body(), StandardCharsets.UTF_8).contains("tools/call"))
                .count();
    }

    @Test
    void request_thatIsCancelledWhileItWaitsForAHuman_isNotSentAgain() throws Exception {
        try (ScriptedGateway gateway = asking();
                PipedOutputStream client = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(client)) {
            CompletableFuture<List<String>> lines = CompletableFuture.supplyAsync(() -> {
                try {
                    return serve(gateway, in);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            client.write((call(1) + '\n').getBytes(StandardCharsets.UTF_8));
            client.flush();
            TimeUnit.MILLISECONDS.sleep(600);
            client.write((CANCELLED + '\n').getBytes(StandardCharsets.UTF_8));
            client.flush();
            TimeUnit.MILLISECONDS.sleep(1_500);
            client.close();
            assertThat(lines.get(20, TimeUnit.SECONDS)).isEmpty();
            assertThat(calls(gateway)).isEqualTo(1);
        }
    }

    @Test
    void request_thatIsCancelledBeforeItsRefusal_isNotSentAgain() throws Exception {
        try (ScriptedGateway gateway = asking()) {
            serve(gateway, call(1), CANCELLED);
            assertThat(calls(gateway)).isEqualTo(1);
        }
    }
}
