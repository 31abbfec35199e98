package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that answers returned: taken as the answers stream past, known when they end, and asked for by the rule {@code from}. */
class ReturnedValuesIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String CATALOGUE = """
            catalogue: claims
            resolver: template
            base-path: /v1
            operations:
              - {id: list, match: {method: GET, path: /claims}, effect: read, resource: all, returns: {claim: "body:/items/*/id"}}
              - {id: other, match: {method: GET, path: /other}, effect: read, resource: all}
              - {id: read, match: {method: GET, path: "/claims/{id}"}, effect: read, resource: "{id}"}
              - {id: pay, match: {method: POST, path: /payments}, effect: write, resource: all, params: {claim: "body:/claim"}}
              - {id: order, match: {method: GET, path: /orders}, effect: read, resource: all, params: {order: query}, returns: {total: {at: "body:/total", record: true}, customer: "body:/customer"}}
              - {id: see, match: {method: GET, path: /see}, effect: read, resource: all, returns: {state: {at: "body:/state", record: true}, note: {at: "body:/note", record: true}, item: {at: "body:/items/*", record: true}, other: "body:/other"}}
              - {id: refund, match: {method: POST, path: /refunds}, effect: write, resource: all, params: {order: "body:/order", amount: "body:/amount", customer: "body:/customer"}}
            """;
    private static final String TOOLS = """
            catalogue: desk
            resolver: jsonrpc
            path: /mcp
            effects: {search: read, open: read}
            returns: {search: {id: "body:/result/structuredContent/hits/*/id"}}
            """;
    private static final String TEMPLATE = """
            template: handler
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              claims:*: {effects: [read, write]}
              desk:tools.call/search: {}
              desk:tools.call/open: {}
            on-violation: {rule: deny, repeated: {denials: 1000, within: 1s, then: deny}}
            rules:
              - {from: {claims:list: claim}, to: {claims:pay: claim, claims:read: resource}}
              - {from: {desk:tools.call/search: id}, to: {desk:tools.call/open: id}}
              - {when: claims:refund, answered: claims:order, same: [order], where: {total: {at-least: {argument: amount}}, customer: {equals: {argument: customer}}}}
            """;

    private static RecordingUpstream upstream;
    private static RawUpstream raw;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        raw = new RawUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("operations/claims.yaml", CATALOGUE)
                .file("operations/desk.yaml", TOOLS)
                .file("tasks/handler.yaml", TEMPLATE)
                .route("{id: claims, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/claims/**], filters: [StripPrefix=1, OperationMapping=claims]}")
                .route("{id: desk, uri: \"" + raw.uri()
                        + "\", predicates: [Path=/mcp], filters: [OperationMapping=desk]}")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        raw.close();
    }

    private static TestAgent agent() {
        return TestAgent.start(
                gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"handler\"}");
    }

    private static HttpResponse<String> list(TestAgent agent, RecordingUpstream.Answer answer) {
        upstream.answer(seen -> seen.target().equals("/v1/claims") ? answer : RecordingUpstream.Answer.of(200, "{}"));
        return agent.call(
                gateway, "GET", "/claims/v1/claims", Map.of("Accept-Encoding", "gzip", "Range", "bytes=0-9"), null);
    }

    private static HttpResponse<String> pay(TestAgent agent, String claim) {
        return agent.call(gateway, "POST", "/claims/v1/payments", JSON, "{\"claim\":" + claim + "}");
    }

    private static JsonObject outcome(TestAgent agent) {
        List<String> decisions = gateway.records().stream()
                .filter(line -> line.contains("\"kind\":\"decision\"") && line.contains(agent.task()))
                .toList();
        String id = String.valueOf(
                TestAgent.json(decisions.get(decisions.size() - 1)).string("decision"));
        return TestAgent.json(gateway.records().stream()
                .filter(line -> line.contains("\"kind\":\"outcome\"") && line.contains(id))
                .findFirst()
                .orElseThrow());
    }

    @Test
    void value_ofAnAnswer_isUsableOnceTheAnswerEnds_andNoOther() {
        TestAgent agent = agent();
        HttpResponse<String> before = pay(agent, "\"C1\"");
        assertThat(before.statusCode()).isEqualTo(403);
        assertThat(TestAgent.json(before.body()).string("code")).isEqualTo("rule-violation");
        String body = "{\"items\":[{\"id\":\"C1\"},{\"id\":17},{\"id\":null},{\"id\":{\"x\":1}},{\"id\":true}]}";
        assertThat(list(agent, RecordingUpstream.Answer.of(200, body)).body()).isEqualTo(body);
        assertThat(outcome(agent).object("returned"))
                .hasToString(TestAgent.json("{\"taken\":3,\"dropped\":0}").toString());
        assertThat(upstream.last().headers("Accept-Encoding")).isEmpty();
        assertThat(upstream.last().headers("Range")).isEmpty();
        assertThat(pay(agent, "\"C1\"").statusCode()).isEqualTo(200);
        assertThat(pay(agent, "[17,\"C1\"]").statusCode()).isEqualTo(200);
        for (String never : List.of("\"C2\"", "\"17\"", "[\"C1\",\"C2\"]", "[]", "null", "{}")) {
            assertThat(pay(agent, never).statusCode()).as(never).isEqualTo(403);
        }
        assertThat(agent.get(gateway, "/claims/v1/claims/17").statusCode()).isEqualTo(200);
        assertThat(agent.get(gateway, "/claims/v1/claims/18").statusCode()).isEqualTo(403);
        assertThat(agent().get(gateway, "/claims/v1/claims/17").statusCode())
                .as("another task counts anew")
                .isEqualTo(403);
    }

    private static HttpResponse<String> refund(TestAgent agent, String amount) {
        return agent.call(
                gateway,
                "POST",
                "/claims/v1/refunds",
                JSON,
                "{\"order\":\"O1\",\"amount\":" + amount + ",\"customer\":\"anna\"}");
    }

    private static void order(TestAgent agent, RecordingUpstream.Answer answer) {
        upstream.answer(
                seen -> seen.target().startsWith("/v1/orders") ? answer : RecordingUpstream.Answer.of(200, "{}"));
        agent.get(gateway, "/claims/v1/orders?order=O1");
    }

    @Test
    void lastAnswer_decidesAboutLaterCalls() {
        TestAgent agent = agent();
        HttpResponse<String> before = refund(agent, "5");
        assertThat(before.statusCode()).isEqualTo(403);
        assertThat(TestAgent.json(before.body()).string("code")).isEqualTo("rule-violation");
        order(agent, RecordingUpstream.Answer.of(200, "{\"total\":49.90,\"customer\":\"anna\",\"more\":[1,2]}"));
        assertThat(outcome(agent).object("returned"))
                .hasToString(
                        TestAgent.json("{\"taken\":2,\"dropped\":0,\"values\":{\"claims:order\":{\"total\":49.9}}}")
                                .toString());
        assertThat(refund(agent, "49.9").statusCode()).isEqualTo(200);
        HttpResponse<String> above = refund(agent, "49.91");
        assertThat(above.statusCode()).isEqualTo(403);
        assertThat(TestAgent.json(above.body()).string("detail")).contains("its `total` must be at least `amount`");
        order(agent, RecordingUpstream.Answer.of(500, "{\"total\":9}"));
        assertThat(refund(agent, "5").statusCode())
                .as("the last answer below 400 counts")
                .isEqualTo(200);
        order(agent, RecordingUpstream.Answer.of(200, "{\"total\":\"49.90\",\"customer\":\"anna\"}"));
        assertThat(refund(agent, "5").statusCode()).as("a text is no number").isEqualTo(403);
        order(agent, RecordingUpstream.Answer.of(200, "{\"total\":49.90,\"customer\":\"anna\"}"));
        assertThat(refund(agent, "5").statusCode()).isEqualTo(200);
        order(agent, RecordingUpstream.Answer.of(204, ""));
        assertThat(refund(agent, "5").statusCode())
                .as("an answer without values says nothing")
                .isEqualTo(403);
    }

    /** A value that is too long is left out; one that came twice or not at all is null. */
    @Test
    void recordedValues_ofAnAnswerThatNoRuleLooksAt_goIntoTheLogAlone() {
        TestAgent agent = agent();
        String body = "{\"state\":\"open\",\"note\":\"" + "x".repeat(129) + "\",\"items\":[1,1],\"other\":\"secret\"}";
        upstream.answer(seen -> RecordingUpstream.Answer.of(200, body));
        assertThat(agent.get(gateway, "/claims/v1/see").body()).isEqualTo(body);
        assertThat(outcome(agent).object("returned"))
                .hasToString(TestAgent.json(
                                "{\"taken\":0,\"dropped\":0,\"values\":{\"claims:see\":{\"item\":null,\"state\":\"open\"}}}")
                        .toString());
        upstream.answer(seen -> RecordingUpstream.Answer.of(200, "[}"));
        assertThat(agent.get(gateway, "/claims/v1/see").body()).isEqualTo("[}");
        assertThat(outcome(agent).object("returned")).isNull();
    }

    @Test
    void value_ofALargeAnswer_isTaken_andOlderOnesAreDropped() {
        TestAgent agent = agent();
        for (int half = 0; half < 2; half++) {
            int from = half * 4_000;
            String items = IntStream.range(from, from + 4_000)
                    .mapToObj(i -> "{\"id\":" + i + "}")
                    .collect(Collectors.joining(","));
            assertThat(list(agent, RecordingUpstream.Answer.of(200, "{\"items\":[" + items + "]}"))
                            .statusCode())
                    .isEqualTo(200);
        }
        assertThat(outcome(agent).object("returned"))
                .hasToString(TestAgent.json("{\"taken\":4000,\"dropped\":3904}").toString());
        assertThat(pay(agent, "7999").statusCode()).isEqualTo(200);
        assertThat(pay(agent, "3904").statusCode()).isEqualTo(200);
        assertThat(pay(agent, "3903").statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({"text/plain,200,type", "application/json,206,partial", "none,200,type", "application/json,200,malformed"
    })
    void answer_thatIsNotRead_passesAsItIs_andIsCounted(String type, int status, String why) {
        TestAgent agent = agent();
        double before = ignored(why);
        String body = "{\"items\":[{\"id\":\"C1\"}]}" + (why.equals("malformed") ? "}" : "");
        Map<String, String> headers = type.equals("none") ? Map.of() : Map.of("Content-Type", type);
        HttpResponse<String> answer = list(agent, new RecordingUpstream.Answer(status, headers, body, Duration.ZERO));
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).isEqualTo(body);
        assertThat(outcome(agent).object("returned")).isNull();
        assertThat(ignored(why)).isEqualTo(before + 1);
        HttpResponse<String> refused = pay(agent, "\"C1\"");
        assertThat(TestAgent.json(refused.body()).string("step")).isEqualTo("rule");
    }

    @Test
    void answer_thatIsTooLong_passesAsItIs_andIsCounted() {
        TestAgent agent = agent();
        double before = ignored("too-long");
        char[] pad = new char[256 * 1024];
        Arrays.fill(pad, ' ');
        String body = "{\"items\":[{\"id\":\"C1\"}]}" + new String(pad);
        assertThat(list(agent, RecordingUpstream.Answer.of(200, body)).body()).isEqualTo(body);
        assertThat(ignored("too-long")).isEqualTo(before + 1);
        assertThat(pay(agent, "\"C1\"").statusCode()).isEqualTo(403);
    }

    private static double ignored(String why) {
        return gateway.value("errand.returns.ignored", "operation", "claims:list", "why", why);
    }

    private static HttpResponse<String> tool(TestAgent agent, int id, String name, String arguments) {
        return agent.call(
                gateway,
                "POST",
                "/mcp",
                Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream"),
                "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + name
                        + "\",\"arguments\":" + arguments + "}}");
    }

    private static void chunk(Socket socket, String text) throws Exception {
        RawUpstream.write(
                socket, Integer.toHexString(text.getBytes(StandardCharsets.UTF_8).length) + "\r\n" + text + "\r\n");
    }

    /** The events before the response go on at once; its values are known when it is whole, though the stream stays open. */
    @Test
    void value_ofAnEventStream_isUsableOnceItsEventIsWhole() throws Exception {
        TestAgent agent = agent();
        CountDownLatch close = new CountDownLatch(1);
        String response = "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"structuredContent\":"
                + "{\"hits\":[{\"id\":\"d-1\"},{\"id\":\"d-2\"}]}}}\n\n";
        raw.behave((socket, head) -> {
            RawUpstream.write(socket, EVENTS);
            chunk(socket, "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{}}\n\n");
            chunk(
                    socket,
                    "data: {\"jsonrpc\":\"2.0\",\"id\":8,\"result\":{\"structuredContent\":{\"hits\":[{\"id\":\"d-9\"}]}}}\n\n");
            chunk(socket, response.substring(0, 40));
            chunk(socket, response.substring(40) + ": bye\n\n");
            close.await(10, TimeUnit.SECONDS);
            RawUpstream.write(socket, "0\r\n\r\n");
            return true;
        });
        close.countDown();
        HttpResponse<String> answer = tool(agent, 7, "search", "{}");
        assertThat(answer.body()).endsWith(response + ": bye\n\n");
        assertThat(outcome(agent).object("returned"))
                .hasToString(TestAgent.json("{\"taken\":2,\"dropped\":0}").toString());
        raw.behave((socket, head) -> {
            String body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"structuredContent\":{\"hits\":[{\"id\":5}]}}}";
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                            + body);
            return true;
        });
        assertThat(tool(agent, 1, "open", "{\"id\":\"d-2\"}").headers().firstValue("Errand-Code"))
                .isEmpty();
        assertThat(tool(agent, 1, "open", "{\"id\":\"d-9\"}").headers().firstValue("Errand-Code"))
                .hasValue("rule-violation");
        assertThat(tool(agent, 1, "search", "{}").statusCode()).isEqualTo(200);
        assertThat(tool(agent, 1, "open", "{\"id\":5}").headers().firstValue("Errand-Code"))
                .isEmpty();
    }

    /** An answer that breaks off returns nothing, and its outcome is recorded all the same. */
    @Test
    void answer_thatBreaksOff_returnsNothing() {
        TestAgent agent = agent();
        raw.behave((socket, head) -> {
            RawUpstream.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n{\"result\":{\"structuredContent\":{\"hits\":[{\"id\":\"d-3\"}");
            socket.close();
            return false;
        });
        try {
            tool(agent, 2, "search", "{}");
        } catch (RuntimeException | AssertionError broken) {
            assertThat(broken).isNotNull();
        }
        assertThat(outcome(agent).object("returned")).isNull();
        raw.behave((socket, head) -> {
            RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            return true;
        });
        assertThat(tool(agent, 3, "open", "{\"id\":\"d-3\"}").headers().firstValue("Errand-Code"))
                .hasValue("rule-violation");
    }
}
