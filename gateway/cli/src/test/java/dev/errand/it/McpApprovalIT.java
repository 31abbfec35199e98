package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.Approver.Asked;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A client of MCP is told where a human approves its call, and repeats the call under another id. */
class McpApprovalIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Approver ALICE = new Approver(HUMAN, "alice");
    private static final AtomicInteger SESSIONS = new AtomicInteger();

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        upstream.answer(request -> {
            Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
            if (request.text().contains("initialize")) {
                headers.put("Mcp-Session-Id", "s-" + SESSIONS.incrementAndGet());
            }
            return new RecordingUpstream.Answer(
                    200, headers, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", Duration.ZERO);
        });
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("tasks/ask.yaml", """
                        template: ask
                        agents: ["spiffe://example.org/agent/*"]
                        humans: {claim: groups, any: [release-managers]}
                        lifetime: 30m
                        allow:
                          tools:initialize: {}
                          tools:tools.call/echo: {"*": {wildcard: true}, ask: always}
                        ask: {%s}
                        """.formatted(Approver.BY))
                .route("{id: tools, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/mcp], filters: [OperationMapping=tools]}")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static HttpResponse<String> send(TestAgent agent, @Nullable String session, String body) {
        Map<String, String> headers = new HashMap<>(
                Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream"));
        if (session != null) {
            headers.put("Mcp-Session-Id", session);
        }
        return agent.call(gateway, "POST", "/mcp", headers, body);
    }

    private static String session(TestAgent agent, String capabilities) {
        HttpResponse<String> answer = send(
                agent,
                null,
                "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"capabilities\":" + capabilities
                        + "}}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue("Mcp-Session-Id").orElseThrow();
    }

    private static String call(int id, String message) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id
                + ",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"message\":\"" + message
                + "\"},\"_meta\":{\"progressToken\":" + id + "}}}";
    }

    private static TestAgent agent() {
        return TestAgent.start(gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"ask\"}");
    }

    private static JsonObject error(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue("approval-required");
        assertThat(answer.headers().firstValue("Errand-Approval")).isPresent();
        return TestAgent.json(answer.body()).object("error");
    }

    private static Asked asked(JsonObject approval) {
        return new Asked(
                String.valueOf(approval.string("id")),
                String.valueOf(approval.string("digest")),
                String.valueOf(approval.string("uri")),
                0);
    }

    @Test
    void repetitionUnderAnotherId_passesByTheApproval() {
        TestAgent agent = agent();
        String session = session(agent, "{}");
        JsonObject error = error(send(agent, session, call(1, "x")));
        assertThat(error.get("code")).isEqualTo(JsonNumber.of(-32010));
        JsonObject approval = error.object("data").object("approval");
        assertThat(approval.string("uri")).startsWith(RunningGateway.ISSUER + "/approvals/a-");
        assertThat(ALICE.approve(gateway, asked(approval)).statusCode()).isEqualTo(200);
        error(send(agent, session, call(2, "y")));
        HttpResponse<String> passed = send(agent, session, call(3, "x"));
        assertThat(TestAgent.json(passed.body()).object("result")).isNotNull();
        error(send(agent, session, call(4, "x")));
    }

    @Test
    void clientThatOpensPages_getsTheElicitation() {
        TestAgent agent = agent();
        String session = session(agent, "{\"elicitation\":{\"form\":{},\"url\":{}}}");
        JsonObject error = error(send(agent, session, call(1, "x")));
        assertThat(error.get("code")).isEqualTo(JsonNumber.of(-32042));
        JsonObject data = error.object("data");
        JsonObject elicitation =
                (JsonObject) ((JsonArray) data.get("elicitations")).values().get(0);
        assertThat(elicitation.string("mode")).isEqualTo("url");
        assertThat(elicitation.string("elicitationId"))
                .isEqualTo(data.object("approval").string("id"));
        assertThat(elicitation.string("url")).isEqualTo(data.object("approval").string("uri"));
        assertThat(elicitation.string("message")).isNotEmpty();
        assertThat(ALICE.approve(gateway, asked(data.object("approval"))).statusCode())
                .isEqualTo(200);
        assertThat(TestAgent.json(send(agent, session, call(2, "x")).body()).object("result"))
                .isNotNull();
    }
}
