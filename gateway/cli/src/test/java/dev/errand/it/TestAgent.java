package dev.errand.it;

import dev.errand.cli.AgentClient;
import dev.errand.holder.Derivation;
import dev.errand.holder.Proofs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One holder in a task: a key, its token and the tokens above it. Immutable.
 *
 * @param ancestors root first
 */
record TestAgent(TestKey key, String token, List<String> ancestors) {
    static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    static final String INSTRUCTION =
            "{\"source\":\"human\",\"ref\":\"https://tracker.example.org/REL-42\",\"digest\":\"sha-256:"
                    + "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\"}";

    /** A template without a plan that tolerates many denials and a deep chain; lies at {@code tasks/explore.yaml}. */
    static final String EXPLORE_TEMPLATE = """
            template: explore
            description: Read and write the documents of one project
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            delegation: {max-depth: 6, max-children: 1000}
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}, version: {wildcard: true, optional: true}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
            limits:
              task: [{capacity: 1000, per: 10s}]
              calls: 100000
            on-violation: {repeated: {denials: 10000, within: 60s, then: interrupt}}
            """;

    /** The start of an {@code explore} of the documents of {@code payments}. */
    static final String EXPLORE = "{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}";

    /** A call that {@code explore} permits. */
    static final String READ = "/vault/v1/secret/data/docs/payments/a";

    /** Starts a release of {@code payments}. */
    static TestAgent release(RunningGateway gateway, TestHuman human, TestWorkloads workloads) {
        return start(
                gateway,
                TestKey.ed25519("agent"),
                human.token(),
                workloads,
                "{\"template\":\"release\",\"parameters\":{\"service\":\"payments\"},\"instruction\":" + INSTRUCTION
                        + "}");
    }

    /** Starts an {@code explore} of the documents of {@code payments}. */
    static TestAgent explore(RunningGateway gateway, TestHuman human, TestWorkloads workloads) {
        return explore(gateway, human, workloads, TestKey.ed25519("agent"));
    }

    static TestAgent explore(RunningGateway gateway, TestHuman human, TestWorkloads workloads, TestKey key) {
        return start(gateway, key, human.token(), workloads, EXPLORE);
    }

    static TestAgent explore(
            RunningGateway gateway, HttpClient http, TestHuman human, TestWorkloads workloads, TestKey key) {
        return start(
                gateway,
                http,
                key,
                human.token(),
                workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                EXPLORE);
    }

    static TestAgent start(
            RunningGateway gateway, TestKey key, String humanToken, TestWorkloads workloads, String start) {
        return start(
                gateway,
                HTTP,
                key,
                humanToken,
                workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                start);
    }

    /** @param svid the agent's JWT-SVID, or null if {@code http} shows an X.509-SVID */
    static TestAgent start(
            RunningGateway gateway,
            HttpClient http,
            TestKey key,
            String humanToken,
            @Nullable String svid,
            String start) {
        JsonObject answer = new AgentClient(gateway.address(), RunningGateway.ISSUER, http)
                .start(key.agent(), new AgentClient.Start(humanToken, "jwt", svid, Jws.object(start), null));
        return new TestAgent(key, String.valueOf(answer.string("access_token")), List.of());
    }

    static AgentClient client(RunningGateway gateway) {
        return new AgentClient(gateway.address(), RunningGateway.ISSUER, HTTP);
    }

    /** A child of this holder by a fresh key, with all that its parent may do. */
    TestAgent child() {
        return child(null, "{}", null);
    }

    /**
     * A child of this holder by a fresh key.
     *
     * @param tools its tools, or null for the parent's
     * @param bounds its narrower {@code errand_task} members
     * @param actor its {@code act.sub}, or null
     */
    TestAgent child(@Nullable String tools, String bounds, @Nullable String actor) {
        TestKey childKey = TestKey.ed25519("child");
        String child = new Derivation(
                        childKey.publicJwk(),
                        tools == null ? null : Jws.object(tools),
                        Jws.object(bounds),
                        600,
                        null,
                        actor,
                        null)
                .derive(key.agent(), token, Instant.now());
        return below(childKey, child);
    }

    /** The holder of that token below this one. */
    TestAgent below(TestKey childKey, String child) {
        List<String> chain = new ArrayList<>(ancestors);
        chain.add(token);
        return new TestAgent(childKey, child, List.copyOf(chain));
    }

    /** This holder without the tokens above it: it leaves the header out. */
    TestAgent withoutChain() {
        return new TestAgent(key, token, List.of());
    }

    HttpResponse<String> get(RunningGateway gateway, String target) {
        return call(gateway, "GET", target, null);
    }

    HttpResponse<String> call(RunningGateway gateway, String method, String target, @Nullable String body) {
        return call(gateway, method, target, Map.of(), body);
    }

    HttpResponse<String> call(
            RunningGateway gateway, String method, String target, Map<String, String> headers, @Nullable String body) {
        return client(gateway)
                .call(
                        key.agent(),
                        token,
                        ancestors,
                        method,
                        target,
                        headers,
                        body == null ? null : body.getBytes(StandardCharsets.UTF_8));
    }

    void end(RunningGateway gateway) {
        client(gateway).end(key.agent(), token, ancestors);
    }

    /** A well-formed proof of one call. */
    String dpop(String method, String path) {
        return Proofs.dpop(key.agent(), method, RunningGateway.ISSUER + path, token, null, Instant.now());
    }

    /** The task's id, as the root says it. */
    String task() {
        JsonObject task =
                Jws.claims(ancestors.isEmpty() ? token : ancestors.get(0)).object("task");
        return String.valueOf(task == null ? null : task.string("id"));
    }

    static JsonObject json(String body) {
        try {
            return Json.parseObject(body.getBytes(StandardCharsets.UTF_8));
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(body, e);
        }
    }
}
