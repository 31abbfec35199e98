package dev.errand.operation.jsonrpc;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.headers;
import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static dev.errand.operation.Requests.withBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.OperationValues;
import dev.errand.operation.Resolution;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonRpcCatalogueTest {
    private static final OperationCatalogue MCP = catalogue("""
            catalogue: tools
            resolver: jsonrpc
            path: /mcp
            batch: reject
            effects: {echo: read, get-env: admin, prompts.get/greet: read, logging.setLevel: admin}
            yields: {untrusted: [fetch, resources.read]}
            needs: {trusted: [get-env]}
            """);

    private static CatalogueRequest post(String body, String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "Content-Type";
        all[1] = "application/json";
        System.arraycopy(headers, 0, all, 2, headers.length);
        return withBody("POST", "/mcp", body, all);
    }

    private static String call(String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    }

    @Test
    void refuse_anUpgrade_sinceNobodyWouldJudgeItsMessages() {
        assertThat(MCP.refuse("GET", "/mcp", headers("Upgrade", "websocket")))
                .contains("an MCP endpoint takes no Upgrade: no message of a WebSocket could be judged");
        assertThat(MCP.refuse("GET", "/mcp", headers("Accept", "text/event-stream")))
                .isEmpty();
    }

    /** A tool may have any name, also one that looks like a message of the protocol. */
    @ParameterizedTest
    @CsvSource({
        "initialize,true",
        "server.discover,true",
        "ping,true",
        "notifications.initialized,true",
        "notifications.roots.list_changed,true",
        "session.stream,true",
        "session.end,true",
        "session.reply,true",
        "tools.list,true",
        "resources.templates.list,true",
        "tasks.list,true",
        "logging.setLevel,true",
        "completion.complete,true",
        "tools.call/notifications.x,false",
        "tools.call/tools.list,false",
        "prompts.get/ping,false",
        "resources.read,false",
        "resources.subscribe,false",
        "tasks.cancel,false",
        "custom,false"
    })
    void protocolMessages_areThoseThatClientsSendByThemselves(String id, boolean is) {
        assertThat(MCP.operation("tools:" + id).orElseThrow().isProtocol()).isEqualTo(is);
        assertThat(MCP.as("t2").operation("t2:" + id).orElseThrow().isProtocol())
                .isEqualTo(is);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tools/call | {\"name\":\"echo\",\"arguments\":{\"message\":\"hi\"}} | tools:tools.call/echo on echo",
                "tools/call | {\"name\":\"echo\"} | tools:tools.call/echo on echo",
                "tools/call | {\"name\":\"a b\"} | unknown",
                "tools/call | {\"name\":\"\"} | unknown",
                "tools/call | {\"name\":1} | malformed",
                "tools/call | {} | malformed",
                "tools/call | {\"name\":\"echo\",\"arguments\":[]} | malformed",
                "tools/call | {\"name\":\"echo\",\"arguments\":null} | malformed",
                "tools/call | {\"name\":\"echo\",\"arguments\":{\"n\":1e400}} | malformed",
                "tools/call | {\"name\":\"echo\",\"Name\":\"get-env\"} | malformed",
                "tools/call | {\"name\":\"echo\",\"argument\\u017f\":{}} | malformed",
                "tools/call | {\"name\":\"echo\",\"arguments\":{\"pa\u200bth\":1}} | malformed",
                "tools/call | {\"name\":\"echo\",\"arguments\":{\"a\":[{\"b\\u0000\":1}]}} | malformed",
                "tools/call | {\"name\":\"echo\",\"na\u00adme\":\"x\"} | malformed",
                "tools/list | {} | tools:tools.list on /mcp",
                "initialize | {\"protocolVersion\":\"2025-06-18\"} | tools:initialize on /mcp",
                "notifications/roots/list_changed | {} | tools:notifications.roots.list_changed on /mcp",
                "resources/read | {\"uri\":\"file:///a b\"} | tools:resources.read on file:///a b",
                "resources/subscribe | {\"uri\":\"x:1\"} | tools:resources.subscribe on x:1",
                "resources/read | {} | malformed",
                "prompts/get | {\"name\":\"greet\",\"arguments\":{\"who\":\"x\"}} | tools:prompts.get/greet on greet",
                "custom/thing | {} | tools:custom.thing on /mcp",
                "session/stream | {} | unknown",
                "session.end | {} | unknown",
                "tools.call/echo | {} | unknown",
                "tools//list | {} | unknown",
                "tools/list | [] | malformed",
                "tools/list | null | malformed"
            })
    void resolve_namesTheMessage(String method, String params, String expected) {
        assertThat(outcome(MCP, post(call(method, params)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}] | a batch: send each message in a request of its own",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"a\":[{\"__proto__\":{}}]}}} | a member named __proto__, which some servers merge into what stands beside it",
                "{\"jsonrpc\":\"2.0\",\"method\":\"tools/list\",\"method\":\"tools/call\",\"id\":1} | the body is not one JSON value: not JSON, a duplicate member, or too deep",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"name\":\"b\"}} | the body is not one JSON value: not JSON, a duplicate member, or too deep",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}{} | the body is not one JSON value: more than one value",
                "{\"id\":1,\"method\":\"ping\"} | a JSON-RPC message has \"jsonrpc\": \"2.0\"",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"Method\":\"tools/call\"} | a JSON-RPC message has a member that JSON-RPC 2.0 does not know",
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"} | a JSON-RPC id is a string or a number",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"result\":{}} | a JSON-RPC request has a method that is a string, and no result or error",
                "{\"jsonrpc\":\"2.0\",\"id\":1} | a JSON-RPC message has a method, or an id and either a result or an error",
                "{\"jsonrpc\":\"2.0\",\"result\":{}} | a JSON-RPC message has a method, or an id and either a result or an error",
                "'' | a POST without a JSON-RPC message",
                "'\"x\"' | the body is no JSON-RPC message: it must be an object"
            })
    void resolve_aBodyThatMayBeReadInTwoWays_isMalformed(String body, String why) {
        assertThat(MCP.resolve(post(body))).isEqualTo(new Resolution.Malformed(why));
    }

    @Test
    void resolve_oversizeDeepAndEncodedBodies_areMalformed() {
        String ping = call("ping", "{}");
        assertThat(outcome(MCP, post(ping + " ".repeat((1 << 20) - ping.length()))))
                .isEqualTo("tools:ping on /mcp");
        assertThat(outcome(MCP, post(ping + " ".repeat((1 << 20) - ping.length() + 1))))
                .isEqualTo("malformed");
        assertThat(outcome(
                        MCP,
                        post(call(
                                "tools/call",
                                "{\"name\":\"echo\",\"arguments\":{\"a\":" + "[".repeat(70) + "]".repeat(70) + "}}"))))
                .isEqualTo("malformed");
        assertThat(outcome(MCP, post(ping, "Content-Encoding", "gzip"))).isEqualTo("malformed");
        assertThat(outcome(MCP, post(ping, "Content-Type", "application/json"))).isEqualTo("malformed");
        assertThat(outcome(MCP, withBody("POST", "/mcp", ping))).isEqualTo("malformed");
        assertThat(outcome(MCP, withBody("POST", "/mcp", ping, "Content-Type", "text/plain")))
                .isEqualTo("malformed");
        assertThat(outcome(
                        MCP,
                        withBody("POST", "/mcp", ping, "Content-Type", "application/json; charset=utf-16;x=utf-8")))
                .isEqualTo("malformed");
    }

    @ParameterizedTest
    @CsvSource({
        "Mcp-Method, tools/call, false",
        "mcp-method, tools/call, false",
        "Mcp-Method, tools/list, true",
        "Mcp_Method, tools/list, true",
        "Mcp-Method, Tools/Call, true",
        "Mcp-Name, echo, false",
        "Mcp-Name, =?base64?ZWNobw==?=, false",
        "Mcp-Name, =?base64?Z2V0LWVudg==?=, true",
        "Mcp-Name, =?base64?*?=, true",
        "Mcp-Name, get-env, true",
        "Mcp-Session-Id, s-1, false",
        "Mcp-Session-Id, 'a b', true",
        "Mcp-Session-Id, '', true"
    })
    void resolve_headersThatContradictTheBody_areMalformed(String name, String value, boolean refused) {
        String echo = call("tools/call", "{\"name\":\"echo\"}");
        assertThat(outcome(MCP, post(echo, name, value)))
                .isEqualTo(refused ? "malformed" : "tools:tools.call/echo on echo");
        assertThat(outcome(MCP, post(echo, name, value, name, value))).isEqualTo("malformed");
    }

    @Test
    void resolve_aNameHeaderOnAMessageWithoutName_isMalformed() {
        assertThat(outcome(MCP, post(call("tools/list", "{}"), "Mcp-Name", "echo")))
                .isEqualTo("malformed");
        assertThat(outcome(MCP, request("GET", "/mcp", "Mcp-Method", "tools/list")))
                .isEqualTo("malformed");
        assertThat(outcome(MCP, post(call("resources/read", "{\"uri\":\"x:1\"}"), "Mcp-Name", "x:1")))
                .isEqualTo("tools:resources.read on x:1");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /mcp, tools:session.stream on /mcp",
        "HEAD, /mcp, tools:session.stream on /mcp",
        "DELETE, /mcp, tools:session.end on /mcp",
        "GET, /mcp/, unknown",
        "GET, /MCP, unknown",
        "GET, /, unknown",
        "GET, /m%63p, tools:session.stream on /mcp",
        "GET, /mcp?x=1, malformed",
        "GET, /x/../mcp, malformed",
        "PUT, /mcp, unknown",
        "OPTIONS, /mcp, unknown"
    })
    void resolve_bodilessRequests_areTheSessions(String method, String target, String expected) {
        assertThat(outcome(MCP, request(method, target))).isEqualTo(expected);
    }

    @Test
    void resolve_replies_andArguments() {
        assertThat(outcome(MCP, post("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}")))
                .isEqualTo("tools:session.reply on /mcp");
        assertThat(outcome(MCP, post("{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":1}}")))
                .isEqualTo("tools:session.reply on /mcp");
        assertThat(arguments(
                        call("tools/call", "{\"name\":\"echo\",\"arguments\":{\"b\":1,\"a\":[true]},\"_meta\":{}}")))
                .isEqualTo("{\"a\":[true],\"b\":1}");
        assertThat(arguments(call("resources/read", "{\"uri\":\"x:1\"}"))).isEqualTo("{\"resource\":\"x:1\"}");
        assertThat(arguments(call("prompts/get", "{\"name\":\"greet\"}"))).isEqualTo("{\"resource\":\"greet\"}");
        assertThat(MCP.needsBody(request("POST", "/mcp"))).isTrue();
        assertThat(MCP.needsBody(request("GET", "/mcp"))).isFalse();
    }

    private static String arguments(String body) {
        return Jcs.canonical(
                ((Resolution.Resolved) MCP.resolve(post(body))).calls().get(0).arguments());
    }

    @Test
    void operations_areLabelledByTheFile_andUnreviewedElse() {
        assertThat(MCP.operation("tools:tools.call/get-env"))
                .contains(new Operation(
                        "tools:tools.call/get-env",
                        Effect.ADMIN,
                        false,
                        true,
                        List.of(),
                        List.of(),
                        OperationValues.JSON));
        assertThat(MCP.operation("tools:tools.call/fetch"))
                .contains(new Operation(
                        "tools:tools.call/fetch",
                        Effect.UNREVIEWED,
                        true,
                        false,
                        List.of(),
                        List.of(),
                        OperationValues.JSON));
        assertThat(MCP.operation("tools:prompts.get/greet").orElseThrow().effect())
                .isEqualTo(Effect.READ);
        assertThat(MCP.operation("tools:logging.setLevel").orElseThrow().effect())
                .isEqualTo(Effect.ADMIN);
        assertThat(MCP.operation("tools:tools.call")).isEmpty();
        assertThat(MCP.operation("tools:a/b")).isEmpty();
        assertThat(MCP.operation("other:ping")).isEmpty();
        assertThat(MCP.reviewed(Set.of(Effect.ADMIN)))
                .extracting(Operation::id)
                .containsExactlyInAnyOrder("tools:tools.call/get-env", "tools:logging.setLevel");
        assertThat(MCP.reviewed(Set.of(Effect.READ)))
                .extracting(Operation::id)
                .contains("tools:tools.call/echo", "tools:initialize", "tools:prompts.get/greet");
    }

    @Test
    void session_isReadOnlyWhereItIsOne() {
        assertThat(McpHeaders.session(headers("mcp-session-id", "abc"))).contains("abc");
        assertThat(McpHeaders.session(headers())).isEmpty();
        assertThat(McpHeaders.session(headers("Mcp-Session-Id", "a", "Mcp-Session-Id", "a")))
                .isEmpty();
        assertThat(McpHeaders.session(headers("Mcp-Session-Id", "x".repeat(1025))))
                .isEmpty();
    }
}
