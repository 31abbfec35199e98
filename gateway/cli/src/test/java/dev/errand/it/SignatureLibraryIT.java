package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What arrives at an upstream, verified by an RFC 9421 library that is not ours. */
@Tag("python")
class SignatureLibraryIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String TEMPLATE = """
            template: explore
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            allow:
              vault:kv.read: {}
              ci:workflow.dispatch: {}
            """;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("tasks/explore.yaml", TEMPLATE)
                .start();
        agent = TestAgent.start(
                gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, "{\"template\":\"explore\"}");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void request_withoutADigest_verifies() throws Exception {
        assertThat(agent.get(gateway, "/vault/v1/secret/data/a/b?version=2").statusCode())
                .isEqualTo(200);
        RecordingUpstream.Seen seen = upstream.last();
        assertThat(verify(seen, seen.target()))
                .startsWith("verified")
                .contains("\"@authority\"", "\"@method\"", "\"@path\"", "\"@query\"", "\"txn-token\"")
                .doesNotContain("content-digest");
        assertThat(verify(seen, "/v1/secret/data/a/c?version=2")).startsWith("refused");
        assertThat(verify(seen, "/v1/secret/data/a/b?version=3")).startsWith("refused");
    }

    @Test
    void request_whoseBodyWasRead_verifiesWithItsDigest() throws Exception {
        String body = "{\"ref\":\"main\",\"inputs\":{\"dry\":\"yes\"}}";
        assertThat(agent.call(
                                gateway,
                                "POST",
                                "/ci/api/v1/repos/acme/app/actions/workflows/nightly.yaml/dispatches",
                                Map.of("Content-Type", "application/json"),
                                body)
                        .statusCode())
                .isEqualTo(200);
        RecordingUpstream.Seen seen = upstream.last();
        assertThat(verify(seen, seen.target())).startsWith("verified").contains("\"content-digest\"");
        RecordingUpstream.Seen other = new RecordingUpstream.Seen(
                seen.method(), seen.target(), seen.headers(), "{\"ref\":\"evil\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(verify(other, seen.target())).startsWith("refused");
    }

    private static String verify(RecordingUpstream.Seen seen, String target) throws Exception {
        return verify(gateway, seen, upstream.uri() + target);
    }

    /** What the library says of a request that an upstream has seen at that URL. */
    static String verify(RunningGateway gateway, RecordingUpstream.Seen seen, String url) throws Exception {
        List<JsonValue> headers = new ArrayList<>();
        seen.headers()
                .forEach(line -> headers.add(
                        new JsonArray(List.of(new JsonString(line.getKey()), new JsonString(line.getValue())))));
        Map<String, JsonValue> given = new LinkedHashMap<>();
        given.put("method", new JsonString(seen.method()));
        given.put("url", new JsonString(url));
        given.put("headers", new JsonArray(headers));
        given.put("body", new JsonString(seen.text()));
        given.put("digested", new JsonBoolean(seen.header("content-digest") != null));
        given.put("jwks", TestAgent.json(keys(gateway)));
        ProcessBuilder python = new ProcessBuilder(
                RealServer.python().toString(),
                RunningGateway.repository()
                        .resolve("gateway/cli/src/test/clients/rfc9421.py")
                        .toString());
        return ServerProcess.end(python, Jcs.canonical(new JsonObject(given))).text();
    }

    private static String keys(RunningGateway gateway) throws Exception {
        URI jwks = gateway.address().resolve("/.well-known/jwks.json");
        return TestAgent.HTTP
                .send(HttpRequest.newBuilder(jwks).build(), BodyHandlers.ofString())
                .body();
    }
}
