package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.errand.Patience;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decision service, message by message: what a gateway may ask, and how streams end (CONTRACT-3 section 18). */
class DecisionStreamIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String READ = TestAgent.READ;
    private static final int STREAMS = 3;

    private static final String PLANNED = """
            template: planned
            description: Write, then read
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
            limits: {calls: 1000}
            sequence:
              - vault:kv.write
              - vault:kv.read
            on-violation: {sequence: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    @TempDir
    private static Path directory;

    private static RunningGateway gateway;
    private static AskingGateway asking;
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        Path socket = directory.resolve("decide.sock");
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("tasks/planned.yaml", PLANNED)
                .file("tasks/both.yaml", AskedRoutesFile.BOTH)
                .file("application.yaml", AskedRoutesFile.with("vault", "ci"))
                .property("errand.decision-service.listen", "unix:" + socket)
                .property("errand.bodies.deadline", "3s")
                .property("errand.decision-service.streams", Integer.toString(STREAMS))
                .start();
        asking = new AskingGateway(socket);
        agent = TestAgent.start(gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, AskedRoutesFile.START);
    }

    @AfterAll
    static void stop() {
        asking.close();
        gateway.close();
    }

    private static Map<String, String> proven(TestAgent by, String method, String path) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("authorization", "DPoP " + by.token());
        fields.put("dpop", by.dpop(method, path));
        return fields;
    }

    private static ProcessingRequest.Builder read(String path, @Nullable String cluster) {
        return AskingGateway.head("GET", path, proven(agent, "GET", path), true, cluster);
    }

    private static ProcessingRequest write(TestAgent by) {
        return post(by, READ, 18, "vault");
    }

    /** A call that is judged by its body. */
    private static ProcessingRequest dispatch(int length) {
        return post(agent, AskedRoutesFile.DISPATCH, length, "ci");
    }

    private static ProcessingRequest post(TestAgent by, String path, int length, String cluster) {
        Map<String, String> fields = proven(by, "POST", path);
        fields.put("content-type", "application/json");
        fields.put("content-length", Integer.toString(length));
        return AskingGateway.head("POST", path, fields, false, cluster).build();
    }

    private static ImmediateResponse refusal(ProcessingResponse answer) {
        assertThat(answer.hasImmediateResponse()).as(answer.toString()).isTrue();
        return answer.getImmediateResponse();
    }

    private static String set(HeaderMutation changes, String name) {
        return changes.getSetHeadersList().stream()
                .map(HeaderValueOption::getHeader)
                .filter(header -> header.getKey().equals(name))
                .map(header -> header.getRawValue().toStringUtf8())
                .findFirst()
                .orElse("");
    }

    private static void assertUnavailable(ProcessingResponse answer) {
        ImmediateResponse refusal = refusal(answer);
        assertThat(refusal.getStatus().getCodeValue()).isEqualTo(503);
        assertThat(refusal.getDetails()).isEqualTo("errand:decision-unavailable");
        assertThat(set(refusal.getHeaders(), "errand-sent")).isEqualTo("no");
        assertThat(set(refusal.getHeaders(), "x-vault-token")).isEmpty();
    }

    /** A permitted read, up to the word to go on. */
    private static AskingGateway.Stream permitted() {
        AskingGateway.Stream stream = asking.open();
        stream.send(read(READ, "vault").build());
        ProcessingResponse go = stream.answer();
        assertThat(go.hasRequestHeaders()).as(go.toString()).isTrue();
        return stream;
    }

    private static String outcome(String decision) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < until) {
            for (String line : gateway.records()) {
                if (line.contains("\"kind\":\"outcome\"") && line.contains(decision)) {
                    return line;
                }
            }
        }
        throw new AssertionError("no outcome of " + decision);
    }

    private static String lastDecision() {
        List<String> all = gateway.records().stream()
                .filter(line -> line.contains("\"kind\":\"decision\""))
                .toList();
        return String.valueOf(TestAgent.json(all.get(all.size() - 1)).string("decision"));
    }

    @Test
    void health_isServing_forBothNames() {
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(asking.channel());
        for (String service : List.of("", "envoy.service.ext_proc.v3.ExternalProcessor")) {
            assertThat(health.check(HealthCheckRequest.newBuilder()
                                    .setService(service)
                                    .build())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
        }
    }

    @Test
    void permittedRead_getsOnlyChanges_andItsOutcomeIsRecordedBeforeItsHead() {
        AskingGateway.Stream stream = asking.open();
        stream.send(read(READ, "vault").build());
        HeaderMutation changes =
                stream.answer().getRequestHeaders().getResponse().getHeaderMutation();
        assertThat(set(changes, ":path")).isEqualTo("/v1/secret/data/docs/payments/a");
        assertThat(set(changes, "x-vault-token")).isNotEmpty();
        assertThat(changes.getRemoveHeadersList())
                .contains("authorization", "dpop")
                .doesNotContain("host");
        stream.send(AskingGateway.answerHead(
                200, Map.of("content-length", "2", "errand-code", "forged"), false, "via_upstream"));
        ProcessingResponse head = stream.answer();
        assertThat(head.hasModeOverride()).isFalse();
        HeaderMutation answered = head.getResponseHeaders().getResponse().getHeaderMutation();
        assertThat(answered.getRemoveHeadersList()).containsExactly("errand-code");
        String decision = set(answered, "errand-decision");
        assertThat(outcome(decision)).contains("\"upstream_status\":200");
        stream.halfClose();
        assertThat(stream.end()).isEqualTo(Status.Code.OK);
    }

    @ParameterizedTest
    @CsvSource({
        "false,BUFFERED,true",
        "true,STREAMED,false",
        "true,BUFFERED_PARTIAL,false",
        "true,FULL_DUPLEX_STREAMED,false",
        "true,NONE,false"
    })
    void gatewayThatDoesNotWait_getsNoDecision(boolean told, BodySendMode mode, boolean early) {
        ProcessingRequest.Builder head = read(READ, "vault");
        if (told) {
            head.setProtocolConfig(ProtocolConfiguration.newBuilder().setRequestBodyMode(mode));
        } else {
            head.setProtocolConfig(ProtocolConfiguration.newBuilder()
                    .setRequestBodyMode(mode)
                    .setSendBodyWithoutWaitingForHeaderResponse(early));
        }
        AskingGateway.Stream stream = asking.open();
        stream.send(head.build());
        assertUnavailable(stream.answer());
        stream.halfClose();
        assertThat(stream.end()).isEqualTo(Status.Code.OK);
    }

    @Test
    void gatewayThatTellsNoProtocol_getsNoDecision() {
        AskingGateway.Stream stream = asking.open();
        stream.send(read(READ, "vault").clearProtocolConfig().build());
        assertUnavailable(stream.answer());
        stream.halfClose();
    }

    @Test
    void otherCluster_orNone_getsNoDecision_andNoCredential() {
        for (String cluster : new String[] {"other", null}) {
            AskingGateway.Stream stream = asking.open();
            stream.send(read(READ, cluster).build());
            assertUnavailable(stream.answer());
            stream.halfClose();
        }
    }

    @Test
    void observer_isNotServed() {
        AskingGateway.Stream stream = asking.open();
        stream.send(read(READ, "vault").setObservabilityMode(true).build());
        assertThat(stream.end()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    @Test
    void routeWithoutACluster_andNoRoute_are404() {
        for (String path : List.of("/k8s/api/v1/namespaces", "/oauth2/token", "/elsewhere")) {
            AskingGateway.Stream stream = asking.open();
            stream.send(read(path, "vault").build());
            assertThat(refusal(stream.answer()).getStatus().getCodeValue()).isEqualTo(404);
            stream.halfClose();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h/v1/secret/data/docs/payments/b",
                "h?x=1",
                "h#x",
                "user@h",
                "user:x@h:80",
                "h x",
                "h\tx",
                "h\r\nx: y",
                "h\u0000",
                "h:80:81",
                "h,i",
                "\"h\"",
                "h\\i",
                "<h>",
                "[::1",
                "\u00e4"
            })
    void authorityThatIsMoreThanHostAndPort_isRefused_andNothingIsInjected(String authority) {
        Map<String, String> fields = proven(agent, "GET", READ);
        fields.put(":authority", authority);
        // A field of that name does not take its place.
        fields.put("Host", "h");
        AskingGateway.Stream stream = asking.open();
        stream.send(AskingGateway.head("GET", READ, fields, true, "vault").build());
        ImmediateResponse refusal = refusal(stream.answer());
        assertThat(refusal.getStatus().getCodeValue()).isEqualTo(400);
        assertThat(refusal.getBody()).isEqualTo(ByteString.EMPTY);
        assertThat(set(refusal.getHeaders(), "x-vault-token")).isEmpty();
        stream.halfClose();
    }

    @Test
    void nameOfTheGatewaysOwn_isMalformed_butWhatItSetsItselfPasses() {
        Map<String, String> fields = proven(agent, "GET", READ);
        fields.put("x-envoy-retry-on", "5xx");
        AskingGateway.Stream stream = asking.open();
        stream.send(AskingGateway.head("GET", READ, fields, true, "vault").build());
        assertThat(refusal(stream.answer()).getDetails()).isEqualTo("errand:malformed-request");
        stream.halfClose();
        Map<String, String> own = proven(agent, "GET", READ);
        own.put("x-envoy-external-address", "10.0.0.1");
        AskingGateway.Stream good = asking.open();
        good.send(AskingGateway.head("GET", READ, own, true, "vault").build());
        assertThat(good.answer()
                        .getRequestHeaders()
                        .getResponse()
                        .getHeaderMutation()
                        .getRemoveHeadersList())
                .doesNotContain("x-envoy-external-address");
        good.cancel();
    }

    @Test
    void messagesOutOfPlace_endTheStreamInAnError() {
        AskingGateway.Stream body = asking.open();
        body.send(AskingGateway.body("{}", true));
        assertThat(body.end()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        AskingGateway.Stream twice = permitted();
        twice.send(read(READ, "vault").build());
        assertThat(twice.end()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void answerToAnUndecidedRequest_endsTheStreamInAnError() {
        AskingGateway.Stream stream = asking.open();
        stream.send(dispatch(14));
        assertThat(stream.answer().hasRequestHeaders()).isTrue();
        stream.send(AskingGateway.answerHead(200, Map.of(), true, "via_upstream"));
        assertThat(stream.end()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    @Test
    void bodyTooLargeForTheGateway_beforeTheDecision_isCounted() {
        double before = gateway.value("errand.refused", "route", "ci", "code", "gateway-413");
        AskingGateway.Stream stream = asking.open();
        stream.send(dispatch(14));
        assertThat(stream.answer().hasRequestHeaders()).isTrue();
        stream.send(AskingGateway.answerHead(413, Map.of(), true, "request_payload_too_large"));
        ProcessingResponse answer = stream.answer();
        assertThat(answer.getResponseHeaders().getResponse().getHeaderMutation())
                .isEqualTo(HeaderMutation.getDefaultInstance());
        stream.halfClose();
        assertThat(stream.end()).isEqualTo(Status.Code.OK);
        assertThat(gateway.value("errand.refused", "route", "ci", "code", "gateway-413"))
                .isEqualTo(before + 1);
    }

    @Test
    void bodyTooLargeForTheGateway_afterThePermit_isGivenBack() {
        AskingGateway.Stream stream = permitted();
        String decision = lastDecision();
        stream.send(AskingGateway.answerHead(413, Map.of(), true, "request_payload_too_large"));
        assertThat(stream.answer().hasResponseHeaders()).isTrue();
        assertThat(outcome(decision)).contains("\"upstream_status\":null", "\"compensated\":true");
        stream.halfClose();
    }

    @Test
    void answerOfTheGatewaysOwn_isAnUnknownOutcome() {
        for (String details : new String[] {"upstream_reset_before_response_started{connection_failure}", null}) {
            AskingGateway.Stream stream = permitted();
            String decision = lastDecision();
            stream.send(AskingGateway.answerHead(503, Map.of(), true, details));
            ImmediateResponse answer = refusal(stream.answer());
            assertThat(answer.getStatus().getCodeValue()).isEqualTo(502);
            assertThat(set(answer.getHeaders(), "errand-sent")).isEqualTo("maybe");
            assertThat(outcome(decision)).contains("\"upstream_status\":null", "\"compensated\":false");
            stream.halfClose();
        }
    }

    @Test
    void streamThatEndsBeforeTheAnswer_neverEndsCleanly_andItsOutcomeIsRecorded() {
        AskingGateway.Stream stream = permitted();
        String decision = lastDecision();
        stream.halfClose();
        assertThat(stream.end()).isEqualTo(Status.Code.CANCELLED);
        assertThat(outcome(decision)).contains("\"upstream_status\":null", "\"compensated\":false");
        AskingGateway.Stream broken = permitted();
        String other = lastDecision();
        broken.cancel();
        assertThat(outcome(other)).contains("\"upstream_status\":null", "\"compensated\":false");
    }

    @Test
    void outcomeThatNobodyKnows_standsAgainstThePlan() {
        TestAgent planned = TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"planned\",\"parameters\":{\"project\":\"payments\"}}");
        AskingGateway.Stream write = asking.open();
        write.send(write(planned));
        ProcessingResponse go = write.answer();
        assertThat(go.getModeOverride().getRequestBodyMode()).isEqualTo(BodySendMode.NONE);
        assertThat(go.getModeOverride().getRequestTrailerMode().name()).isEqualTo("SEND");
        String decision = lastDecision();
        write.cancel();
        outcome(decision);
        AskingGateway.Stream read = asking.open();
        read.send(AskingGateway.head("GET", READ, proven(planned, "GET", READ), true, "vault")
                .build());
        ImmediateResponse refusal = refusal(read.answer());
        assertThat(refusal.getDetails()).isEqualTo("errand:sequence-violation");
        assertThat(refusal.getBody().toStringUtf8()).contains("\"unknown\":[\"" + decision + "\"]");
        read.halfClose();
    }

    @Test
    void bodyThatIsShorterThanItsHeadSays_isRefused() {
        AskingGateway.Stream stream = asking.open();
        stream.send(dispatch(40));
        assertThat(stream.answer().hasRequestHeaders()).isTrue();
        stream.send(AskingGateway.body("{\"ref\":\"main\"}", true));
        assertThat(refusal(stream.answer()).getStatus().getCodeValue()).isEqualTo(400);
        stream.halfClose();
    }

    /** It takes no place of a decision once it is refused, and its stream ends. */
    @Test
    void bodyThatDoesNotCome_keepsNoStream() {
        List<AskingGateway.Stream> slow = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            slow.add(asking.open());
            slow.get(i).send(dispatch(18));
            assertThat(slow.get(i).answer().hasRequestHeaders()).isTrue();
        }
        await().untilAsserted(() -> permitted().cancel());
        slow.forEach(stream -> assertThat(stream.end()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }

    @Test
    void trailersOfABodyWithoutParts_areNoWayAroundTheDecision() {
        AskingGateway.Stream stream = asking.open();
        Map<String, String> fields = proven(agent, "POST", AskedRoutesFile.DISPATCH);
        fields.put("content-type", "application/json");
        stream.send(AskingGateway.head("POST", AskedRoutesFile.DISPATCH, fields, false, "ci")
                .build());
        assertThat(stream.answer().hasRequestHeaders()).isTrue();
        stream.send(AskingGateway.trailers(Map.of("x-after", "1")));
        assertThat(refusal(stream.answer()).getStatus().getCodeValue()).isEqualTo(400);
        stream.halfClose();
        assertThat(stream.end()).isEqualTo(Status.Code.OK);
    }

    @Test
    void partAfterTheWholeBody_endsTheStreamInAnError() {
        AskingGateway.Stream stream = asking.open();
        stream.send(dispatch(14));
        assertThat(stream.answer().hasRequestHeaders()).isTrue();
        stream.send(AskingGateway.body("{\"ref\":\"main\"}", false));
        assertThat(stream.answer().hasRequestBody()).isTrue();
        stream.send(AskingGateway.body("{\"ref\":\"other\"}", true));
        assertThat(stream.end()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void trailersOfARequest_goNoFurther() {
        AskingGateway.Stream stream = asking.open();
        stream.send(dispatch(14));
        assertThat(stream.answer().hasRequestHeaders()).isTrue();
        stream.send(AskingGateway.body("{\"ref\":\"main\"}", false));
        assertThat(stream.answer().hasRequestBody()).isTrue();
        stream.send(AskingGateway.trailers(Map.of("x-vault-token", "stolen", "txn-token", "forged")));
        assertThat(stream.answer().getRequestTrailers().getHeaderMutation().getRemoveHeadersList())
                .containsExactlyInAnyOrder("x-vault-token", "txn-token");
        stream.send(AskingGateway.answerHead(204, Map.of(), true, "via_upstream"));
        assertThat(stream.answer().hasResponseHeaders()).isTrue();
        stream.halfClose();
        assertThat(stream.end()).isEqualTo(Status.Code.OK);
    }

    @Test
    void answerOfUnknownLength_isStreamed_partByPart() {
        AskingGateway.Stream stream = permitted();
        stream.send(AskingGateway.answerHead(200, Map.of("content-type", "text/event-stream"), false, "via_upstream"));
        ProcessingResponse head = stream.answer();
        assertThat(head.getModeOverride().getResponseBodyMode()).isEqualTo(BodySendMode.STREAMED);
        for (int i = 0; i < 3; i++) {
            stream.send(AskingGateway.answerBody("data: " + i + "\n\n", false));
            ProcessingResponse part = stream.answer();
            assertThat(part.hasResponseBody()).isTrue();
            assertThat(part.getResponseBody().getResponse().hasBodyMutation()).isFalse();
        }
        stream.send(AskingGateway.answerBody("", true));
        assertThat(stream.answer().hasResponseBody()).isTrue();
        stream.halfClose();
        assertThat(stream.end()).isEqualTo(Status.Code.OK);
    }

    @Test
    void liveAnswer_isAborted_whenItsTaskEnds() {
        TestAgent brief = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        AskingGateway.Stream stream = asking.open();
        stream.send(AskingGateway.head("GET", READ, proven(brief, "GET", READ), true, "vault")
                .build());
        assertThat(stream.answer().hasRequestHeaders()).isTrue();
        stream.send(AskingGateway.answerHead(200, Map.of("content-type", "text/event-stream"), false, "via_upstream"));
        assertThat(stream.answer().hasResponseHeaders()).isTrue();
        long begun = System.nanoTime();
        brief.end(gateway);
        assertThat(stream.end()).isEqualTo(Status.Code.ABORTED);
        assertThat(System.nanoTime() - begun)
                .isLessThan(Patience.of(Duration.ofSeconds(2)).toNanos());
    }

    @Test
    void callWithoutAnAnswer_isAborted_whenItsTaskEnds_andItsOutcomeIsRecorded() {
        TestAgent brief = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        AskingGateway.Stream stream = asking.open();
        stream.send(AskingGateway.head("GET", READ, proven(brief, "GET", READ), true, "vault")
                .build());
        assertThat(stream.answer().hasRequestHeaders()).isTrue();
        String decision = lastDecision();
        brief.end(gateway);
        assertThat(stream.end()).isEqualTo(Status.Code.ABORTED);
        assertThat(outcome(decision)).contains("\"upstream_status\":null", "\"compensated\":false");
    }

    @Test
    void decisionBeyondTheBound_isUnavailable() {
        List<AskingGateway.Stream> open = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            open.add(permitted());
        }
        AskingGateway.Stream more = asking.open();
        more.send(read(READ, "vault").build());
        assertThat(more.end()).isEqualTo(Status.Code.UNAVAILABLE);
        open.forEach(AskingGateway.Stream::halfClose);
        open.forEach(stream -> assertThat(stream.end()).isEqualTo(Status.Code.CANCELLED));
        permitted().cancel();
    }
}
