package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An MCP session belongs to the token that received it and to those above and below, on every replica. */
class McpSessionIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String INITIALIZE = message("initialize");
    private static final String LIST = message("tools/list");

    private static final String TEMPLATE = """
            template: ask
            description: Use an MCP server
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            delegation: {max-depth: 3, max-children: 100}
            allow:
              tools:initialize: {}
              tools:tools.list: {}
              tools:session.end: {}
              tools:session.stream: {}
              tools:tools.call/read-file: {path: {one_of: [/docs/a, /docs/b]}, "*": {wildcard: true}}
              tools:tools.call/open-file: {}
              tools:tools.call/closed: {path: {one_of: [/docs/a]}}
            rules:
              - {absence: tools:tools.call/read-file, after: tools:tools.call/open-file, same: path, observe: true}
            limits: {calls: 100}
            """;

    @TempDir
    private static Path directory;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway one;
    private static RunningGateway two;
    private static final AtomicInteger SESSIONS = new AtomicInteger();

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        upstream.answer(request -> {
            Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
            if (request.text().contains("initialize")) {
                headers.put("Mcp-Session-Id", "s-" + SESSIONS.incrementAndGet());
            } else if (request.header("Mcp-Session-Id") != null) {
                headers.put("Mcp-Session-Id", String.valueOf(request.header("Mcp-Session-Id")));
            }
            return new RecordingUpstream.Answer(
                    200, headers, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", Duration.ZERO);
        });
        one = replica();
        two = replica();
    }

    private static RunningGateway replica() throws Exception {
        String application = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        application.replace(
                                "\nerrand:\n",
                                "    - id: tools\n      uri: " + upstream.uri()
                                        + "\n      predicates: [Path=/mcp]\n      filters: [OperationMapping=tools]\n\nerrand:\n"))
                .file("tasks/ask.yaml", TEMPLATE)
                .sharing(redis, redis.keys())
                .start();
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        upstream.close();
        redis.close();
    }

    private static String message(String method) {
        return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{}}";
    }

    private static TestAgent root() {
        return TestAgent.start(one, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"ask\"}");
    }

    private static HttpResponse<String> send(
            RunningGateway on, TestAgent agent, String method, @Nullable String session, @Nullable String body) {
        Map<String, String> headers = new HashMap<>(
                Map.of("Content-Type", "application/json", "Accept", "application/json, application/problem+json"));
        if (session != null) {
            headers.put("Mcp-Session-Id", session);
        }
        return agent.call(on, method, "/mcp", headers, body);
    }

    private static String open(RunningGateway on, TestAgent agent) {
        HttpResponse<String> answer = send(on, agent, "POST", null, INITIALIZE);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue("Mcp-Session-Id").orElseThrow();
    }

    private static void permitted(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void refused(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("not-granted");
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).contains("scope=\"tools:tools.list\"");
    }

    @Test
    void session_belongsToItsReceiverAndThoseAboveAndBelow() {
        TestAgent root = root();
        TestAgent child = root.child();
        TestAgent grandchild = child.child();
        TestAgent sibling = root.child();
        String session = open(one, child);
        for (RunningGateway gateway : new RunningGateway[] {one, two}) {
            permitted(send(gateway, child, "POST", session, LIST));
            permitted(send(gateway, root, "POST", session, LIST));
            permitted(send(gateway, grandchild, "POST", session, LIST));
            refused(send(gateway, sibling, "POST", session, LIST));
            refused(send(gateway, sibling.child(), "POST", session, LIST));
            refused(send(gateway, root(), "POST", session, LIST));
        }
        permitted(send(two, sibling, "POST", null, LIST));
    }

    /** Its messages would be judged by nobody, whatever the stream's own grant. */
    @Test
    void socket_inTheStreamsPlace_isMalformedAndNotSent() {
        TestAgent root = root();
        upstream.forget();
        RawHttp.Response answer = RawHttp.send(
                one.port(),
                "GET",
                "/mcp",
                List.of(
                        "Connection: Upgrade",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "Authorization: DPoP " + root.token(),
                        "DPoP: " + root.dpop("GET", "/mcp")));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("malformed-request");
        assertThat(upstream.seen()).isEmpty();
    }

    private static HttpResponse<String> tool(TestAgent agent, String tool, String arguments) {
        return send(
                one,
                agent,
                "POST",
                null,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                        + "\",\"arguments\":" + arguments + "}}");
    }

    private static void malformed(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("malformed-request");
    }

    /** A server that folds names would read the argument that nobody constrained. */
    @Test
    void argumentOfAnOpenMap_likeAConstrainedOneButForCaseOrForm_isMalformedAndNotSent() {
        upstream.forget();
        for (String other : List.of("Path", "PATH", "\uff50ath", "\\u0050ath")) {
            TestAgent root = root();
            TestAgent child = root.child();
            malformed(tool(root, "read-file", "{\"path\":\"/docs/a\",\"" + other + "\":\"/etc/shadow\"}"));
            malformed(tool(child, "read-file", "{\"" + other + "\":\"/etc/shadow\",\"path\":\"/docs/a\"}"));
        }
        assertThat(upstream.seen()).isEmpty();
        permitted(tool(root(), "read-file", "{\"path\":\"/docs/a\",\"head\":{\"Path\":1}}"));
    }

    @Test
    void argument_likeOneThatARuleLooksAt_isMalformed() {
        TestAgent root = root();
        malformed(tool(root, "open-file", "{\"Path\":\"/docs/a\"}"));
        permitted(tool(root, "open-file", "{\"path\":\"/docs/a\",\"mode\":\"r\"}"));
    }

    /** A closed map admits no other name anyway. */
    @Test
    void argumentOfAClosedMap_likeAConstrainedOne_violatesTheGrant() {
        HttpResponse<String> answer = tool(root(), "closed", "{\"path\":\"/docs/a\",\"Path\":\"/x\"}");
        assertThat(TestAgent.json(answer.body()).string("code")).isEqualTo("constraint-violated");
    }

    @Test
    void session_neverReceivedThroughUs_isNobodys() {
        upstream.forget();
        refused(send(one, root(), "POST", "made-up", LIST));
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void session_thatAnAnswerNamesAgain_staysTheFirstReceivers() {
        TestAgent root = root();
        TestAgent child = root.child();
        String session = open(two, root);
        permitted(send(one, child, "POST", session, LIST));
        refused(send(one, root(), "POST", session, LIST));
        permitted(send(two, root, "POST", session, LIST));
    }

    @Test
    void session_endedByItsHolder_isOver() {
        TestAgent root = root();
        String session = open(one, root);
        permitted(send(two, root, "DELETE", session, null));
        refused(send(one, root, "POST", session, LIST));
    }

    @Test
    void sessions_moreThanATokenKeeps_theOldestIsForgotten() {
        TestAgent root = root();
        TestAgent child = root.child();
        String rootsOwn = open(one, root);
        String first = open(one, child);
        for (int i = 0; i < 16; i++) {
            open(i % 2 == 0 ? one : two, child);
        }
        refused(send(two, child, "POST", first, LIST));
        permitted(send(two, root, "POST", rootsOwn, LIST));
    }
}
