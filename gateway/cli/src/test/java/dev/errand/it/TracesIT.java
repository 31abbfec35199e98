package dev.errand.it;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.google.protobuf.ByteString;
import dev.errand.state.redis.RedisProcess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The spans of calls at an OTLP receiver, by Spring Boot's own key. */
class TracesIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";
    private static final String ASK = """
            template: ask
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              tools:tools.call/read-file: {path: {wildcard: true}}
            limits: {calls: 100}
            """;

    private static WireMockServer collector;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static TestAgent agent;
    private static HttpResponse<String> permitted;
    private static String continued;
    private static HttpResponse<String> refused;
    private static HttpResponse<String> strangers;
    private static HttpResponse<String> unsampled;
    private static HttpResponse<String> sampled;
    private static HttpResponse<String> tool;
    private static HttpResponse<String> unknownSession;
    private static HttpResponse<String> unknownTool;

    @BeforeAll
    static void start() throws Exception {
        collector = new WireMockServer(options().bindAddress("127.0.0.1").dynamicPort());
        collector.stubFor(any(anyUrl()).willReturn(ok().withHeader("Content-Type", "application/x-protobuf")));
        collector.start();
        upstream = new RecordingUpstream();
        String application = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file(
                        "application.yaml",
                        application.replace(
                                "\nerrand:\n",
                                "    - id: tools\n      uri: " + upstream.uri()
                                        + "\n      predicates: [Path=/mcp]\n      filters: [OperationMapping=tools]\n\nerrand:\n"))
                .file("tasks/ask.yaml", ASK)
                .property(
                        "management.opentelemetry.tracing.export.otlp.endpoint",
                        "http://127.0.0.1:" + collector.port() + "/v1/traces")
                .property("management.opentelemetry.tracing.export.otlp.headers.x-key", "secret")
                .start();
        agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        call();
    }

    /** All calls, so that their spans leave in one batch: one leaves every five seconds. */
    private static void call() throws Exception {
        upstream.answer(seen -> RecordingUpstream.Answer.of(200, "{}").after(Duration.ofMillis(30)));
        permitted = agent.call(gateway, "GET", TestAgent.READ, traced("01"), null);
        continued = String.valueOf(upstream.last().header("traceparent"));
        refused = agent.get(gateway, TestAgent.READ.replace("payments", "billing"));
        strangers = TestAgent.HTTP.send(
                HttpRequest.newBuilder(gateway.address().resolve(TestAgent.READ))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        unsampled = agent.call(gateway, "GET", TestAgent.READ, traced("00"), null);
        sampled = agent.get(gateway, TestAgent.READ);
        TestAgent asking =
                TestAgent.start(gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"ask\"}");
        tool = tool(asking, "read-file", null);
        // A session that the task never opened: refused by the step.
        unknownSession = tool(asking, "read-file", "session-1");
        unknownTool = tool(asking, "write-file", "session-1");
    }

    private static Map<String, String> traced(String flags) {
        return Map.of("traceparent", "00-" + TRACE + "-" + PARENT + "-" + flags);
    }

    /** Calls a tool. */
    private static HttpResponse<String> tool(TestAgent asking, String tool, @Nullable String session) {
        Map<String, String> headers = new HashMap<>(
                Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream"));
        if (session != null) {
            headers.put("Mcp-Session-Id", session);
        }
        return asking.call(
                gateway,
                "POST",
                "/mcp",
                headers,
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                        + "\",\"arguments\":{\"path\":\"/a\"}}}");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        collector.stop();
    }

    /** The spans of one decision, by kind, once all of them are there. */
    private static List<Span> spans(String decision, int count) throws Exception {
        RedisProcess.until("the spans of " + decision, () -> of(decision).size() >= count);
        assertThat(of(decision)).hasSize(count);
        return of(decision);
    }

    private static List<Span> of(String decision) {
        List<Span> all = collector.findAll(postRequestedFor(anyUrl())).stream()
                .flatMap(request -> {
                    assertThat(request.getUrl()).isEqualTo("/v1/traces");
                    assertThat(request.getHeader("x-key")).isEqualTo("secret");
                    try {
                        return ExportTraceServiceRequest.parseFrom(request.getBody()).getResourceSpansList().stream();
                    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .peek(resource -> assertThat(attributes(resource.getResource().getAttributesList()))
                        .containsEntry("service.name", "errand"))
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
        List<ByteString> servers = all.stream()
                .filter(span -> decision.equals(attributes(span).get("errand.decision")))
                .map(Span::getSpanId)
                .toList();
        return all.stream()
                .filter(span -> servers.contains(span.getSpanId()) || servers.contains(span.getParentSpanId()))
                .toList();
    }

    private static Map<String, String> attributes(Span span) {
        return attributes(span.getAttributesList());
    }

    private static Map<String, String> attributes(List<KeyValue> list) {
        return list.stream()
                .collect(Collectors.toMap(
                        KeyValue::getKey,
                        attribute -> attribute.getValue().hasIntValue()
                                ? Long.toString(attribute.getValue().getIntValue())
                                : attribute.getValue().getStringValue()));
    }

    private static Span one(List<Span> spans, Span.SpanKind kind) {
        List<Span> found = spans.stream().filter(span -> span.getKind() == kind).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static String hex(ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    private static String decision(HttpResponse<String> answer) {
        return answer.headers().firstValue("Errand-Decision").orElseThrow();
    }

    @Test
    void permittedCall_isAServerSpan_withTheStepAndTheUpstreamBelow() throws Exception {
        assertThat(permitted.statusCode()).isEqualTo(200);
        List<Span> spans = spans(decision(permitted), 3);
        Span server = one(spans, Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(hex(server.getTraceId())).isEqualTo(TRACE);
        assertThat(hex(server.getParentSpanId())).isEqualTo(PARENT);
        assertThat(attributes(server))
                .containsEntry("errand.task", agent.task())
                .containsEntry("errand.template", "explore")
                .containsEntry("errand.operation", "vault:kv.read")
                .containsEntry("errand.code", "permitted")
                .containsEntry("http.response.status_code", "200")
                .doesNotContainKey("mcp.method.name");
        Span step = one(spans, Span.SpanKind.SPAN_KIND_INTERNAL);
        Span client = one(spans, Span.SpanKind.SPAN_KIND_CLIENT);
        assertThat(List.of(step.getParentSpanId(), client.getParentSpanId())).containsOnly(server.getSpanId());
        assertThat("00-" + hex(client.getTraceId()) + "-" + hex(client.getSpanId()) + "-01")
                .as("the upstream continues our span")
                .isEqualTo(continued);
        assertThat(client.getEndTimeUnixNano() - client.getStartTimeUnixNano()).isBetween(29_000_000L, 5_000_000_000L);
        assertThat(server.getStartTimeUnixNano()).isLessThanOrEqualTo(step.getStartTimeUnixNano());
        assertThat(step.getEndTimeUnixNano()).isLessThanOrEqualTo(client.getStartTimeUnixNano());
        assertThat(client.getEndTimeUnixNano()).isLessThanOrEqualTo(server.getEndTimeUnixNano());
        String record = gateway.records().stream()
                .filter(line -> line.contains(decision(permitted)))
                .findFirst()
                .orElseThrow();
        assertThat(record).contains(hex(client.getTraceId()) + "-" + hex(client.getSpanId()));
    }

    @Test
    void refusedCall_isAServerSpanWithItsCode_andTheStepThatCountsIt() throws Exception {
        assertThat(refused.statusCode()).isEqualTo(403);
        List<Span> spans = spans(decision(refused), 2);
        Span server = one(spans, Span.SpanKind.SPAN_KIND_SERVER);
        Span step = one(spans, Span.SpanKind.SPAN_KIND_INTERNAL);
        assertThat(step.getParentSpanId()).isEqualTo(server.getSpanId());
        assertThat(attributes(server))
                .containsEntry("errand.code", TestAgent.json(refused.body()).string("code"))
                .containsEntry("errand.operation", "vault:kv.read");
        assertThat(server.getParentSpanId().isEmpty()).isTrue();
        assertThat(server.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
    }

    @Test
    void strangersCall_hasNoTask() throws Exception {
        assertThat(strangers.statusCode()).isEqualTo(401);
        assertThat(attributes(one(spans(decision(strangers), 1), Span.SpanKind.SPAN_KIND_SERVER)))
                .containsEntry("errand.code", "authentication-required")
                .doesNotContainKeys("errand.task", "errand.template", "errand.operation");
    }

    @Test
    void callThatTheCallerDoesNotSample_hasNoSpan() throws Exception {
        // A later one.
        spans(decision(sampled), 3);
        assertThat(of(decision(unsampled))).isEmpty();
    }

    @Test
    void mcpCall_hasTheNamesOfOpenTelemetrysConventions() throws Exception {
        assertThat(attributes(server(tool, "read-file", 3)))
                .containsEntry("errand.code", "permitted")
                .doesNotContainKey("mcp.session.id");
        assertThat(attributes(server(unknownSession, "read-file", 2))).containsEntry("mcp.session.id", "session-1");
        assertThat(attributes(server(unknownTool, "write-file", 2))).containsEntry("errand.code", "not-granted");
    }

    /** The span of a call of a tool, once it has so many with those below it. */
    private static Span server(HttpResponse<String> answer, String tool, int spans) throws Exception {
        Span server = one(spans(decision(answer), spans), Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(server.getName()).isEqualTo("tools/call " + tool);
        assertThat(attributes(server))
                .containsEntry("gen_ai.tool.name", tool)
                .containsEntry("mcp.method.name", "tools/call");
        return server;
    }
}
