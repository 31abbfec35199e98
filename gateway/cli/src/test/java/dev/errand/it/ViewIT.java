package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.holder.Derivation;
import dev.errand.issuer.ClientRate;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.SpiffeId;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent may know of its task: {@code GET /oauth2/task}. */
class ViewIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String VIEW = "/oauth2/task";
    private static final String KV = "/vault/v1/secret/data/ci/payments/db";

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("tasks/short.yaml", Templates.bounded("short", "").replaceFirst("lifetime: .*", "lifetime: 2s"))
                .file("tasks/tight.yaml", Templates.bounded("tight", """
                        limits:
                          task: [{capacity: 50, per: 1s}, {capacity: 2, per: 2h}]
                          calls: 7"""))
                .file("tasks/tools.yaml", """
                        template: tools
                        agents: ["spiffe://example.org/agent/*"]
                        humans: {claim: groups, any: [release-managers]}
                        lifetime: 30m
                        parameters: {project: "[a-z]+"}
                        allow:
                          tools:tools.call/echo: {message: {one_of: [a, b]}, loud: {exact: true, optional: true}}
                          tools:initialize: {}
                        """)
                .route("{id: tools, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/tools/**], filters: [StripPrefix=1, OperationMapping=tools]}")
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static HttpResponse<String> raw(Map<String, String> headers, String method, String target) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway.address() + target))
                .method(method, HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::header);
        try {
            return TestAgent.HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> presenting(TestAgent agent) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Authorization", "DPoP " + agent.token());
        headers.put("DPoP", agent.dpop("GET", VIEW));
        if (!agent.ancestors().isEmpty()) {
            headers.put("Delegation-Chain", String.join(", ", agent.ancestors()));
        }
        return headers;
    }

    private static HttpResponse<String> asked(TestAgent agent, String query) {
        return raw(presenting(agent), "GET", VIEW + query);
    }

    private static JsonObject view(TestAgent agent) {
        return shown(asked(agent, ""));
    }

    private static JsonObject shown(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().map().keySet())
                .noneMatch(name -> name.toLowerCase().startsWith("errand-"));
        return TestAgent.json(answer.body());
    }

    private static JsonObject would(
            TestAgent agent, String operation, @Nullable String resource, @Nullable String arguments) {
        String query = "?operation=" + encoded(operation)
                + (resource == null ? "" : "&resource=" + encoded(resource))
                + (arguments == null ? "" : "&arguments=" + encoded(arguments));
        JsonObject would = shown(asked(agent, query)).object("would");
        assertThat(would).isNotNull();
        assertThat(would.members().keySet()).containsExactly("outcome", "code", "detail");
        return would;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** A member below others, in canonical form. */
    private static String at(JsonObject view, String... path) {
        JsonObject at = view;
        for (int i = 0; i < path.length - 1; i++) {
            at = at.object(path[i]);
            assertThat(at).as(path[i]).isNotNull();
        }
        return Jcs.canonical(at.get(path[path.length - 1]));
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String code, boolean verified) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue(code);
        assertThat(answer.headers().firstValue("Errand-Decision")).isEmpty();
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonObject problem = TestAgent.json(answer.body());
        assertThat(problem.string("code")).isEqualTo(code);
        assertThat(problem.string("type")).endsWith("/problems/" + code);
        assertThat(problem.get("decision")).isNull();
        assertThat(problem.get("task") != null).isEqualTo(verified);
        String challenge = answer.headers().firstValue("WWW-Authenticate").orElse("");
        assertThat(challenge).doesNotContain("resource_metadata");
        assertThat(challenge.isEmpty()).isEqualTo(status != 401);
    }

    @Test
    void view_ofARunningTask_tellsAllThatItsHolderMayKnow() {
        TestAgent agent = TestAgent.release(gateway, HUMAN, WORKLOADS);
        JsonObject view = view(agent);

        assertThat(view.members().keySet())
                .containsExactly(
                        "task",
                        "state",
                        "template",
                        "depth",
                        "expires_in",
                        "plan",
                        "grants",
                        "budgets",
                        "buckets",
                        "routes");
        assertThat(view.string("task")).isEqualTo(agent.task());
        assertThat(view.string("state")).isEqualTo("active");
        assertThat(view.string("template")).isEqualTo("release");
        assertThat(at(view, "depth")).isEqualTo("0");
        assertThat(((JsonNumber) view.get("expires_in")).asLong()).isBetween(880L, 900L);
        assertThat(at(view, "plan"))
                .isEqualTo(
                        "{\"allows\":[\"vault:kv.read\"],\"at\":\"0\",\"interleave\":[\"ci:pipeline.get\",\"k8s:apps/deployments.get\",\"k8s:nonresource.get\"],\"of\":6}");
        assertThat(view.object("grants").members().keySet())
                .containsExactly(
                        "ci:pipeline.get",
                        "ci:pipeline.trigger",
                        "k8s:apps/deployments.get",
                        "k8s:apps/deployments.patch",
                        "k8s:nonresource.get",
                        "vault:kv.read");
        assertThat(at(view, "grants", "vault:kv.read"))
                .isEqualTo(
                        "{\"arguments\":{\"resource\":{\"constraint_type\":\"path_containment\",\"root\":\"secret/ci/payments\"}}}");
        assertThat(at(view, "budgets")).isEqualTo("{\"calls\":200}");
        assertThat(at(view, "buckets"))
                .isEqualTo("{\"op:vault:kv.read\":{\"capacity\":3,\"left\":3,\"period\":60},"
                        + "\"task\":{\"capacity\":40,\"left\":40,\"period\":10}}");
        assertThat(at(view, "routes"))
                .isEqualTo(
                        "["
                                + "{\"catalogue\":\"vault\",\"id\":\"vault\",\"path\":\"/vault\",\"refusals\":\"problem\",\"resolver\":\"template\"},"
                                + "{\"catalogue\":\"ci\",\"id\":\"ci\",\"path\":\"/ci\",\"refusals\":\"problem\",\"resolver\":\"template\"},"
                                + "{\"catalogue\":\"k8s\",\"id\":\"k8s\",\"path\":\"/k8s\",\"refusals\":\"kubernetes\",\"resolver\":\"kubernetes\"}]");

        assertThat(agent.get(gateway, KV).statusCode()).isEqualTo(200);
        JsonObject after = view(agent);
        assertThat(at(after, "plan", "at")).isEqualTo("\"1\"");
        assertThat(at(after, "plan", "allows")).isEqualTo("[\"ci:pipeline.trigger\",\"vault:kv.read\"]");
        assertThat(at(after, "budgets", "calls")).isEqualTo("199");
        assertThat(at(after, "buckets", "op:vault:kv.read", "left")).isEqualTo("2");
        String before = Jws.object(gateway.records().stream()
                        .filter(line -> line.contains(agent.task()) && line.contains("\"decision\""))
                        .findFirst()
                        .orElseThrow())
                .string("state_before");
        assertThat(before).isEqualTo("0");
    }

    @Test
    void view_usesUpNothing() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        Map<String, String> once = presenting(agent);
        String first = at(shown(raw(once, "GET", VIEW)), "budgets");
        for (int i = 0; i < 5; i++) {
            assertThat(at(shown(raw(once, "GET", VIEW)), "budgets")).isEqualTo(first);
        }
        assertThat(gateway.records())
                .filteredOn(line -> line.contains(agent.task()))
                .singleElement()
                .asString()
                .startsWith("{\"kind\":\"start\"");
    }

    @Test
    void view_ofAChild_isCutToItsLeaf() {
        TestAgent root = TestAgent.release(gateway, HUMAN, WORKLOADS);
        TestAgent child = root.child(
                "{\"ci:pipeline.get\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"payments\"}}}",
                "{\"calls\":3}",
                null);
        JsonObject view = view(child);

        assertThat(at(view, "depth")).isEqualTo("1");
        assertThat(at(view, "plan", "allows")).isEqualTo("[]");
        assertThat(at(view, "plan", "interleave")).isEqualTo("[\"ci:pipeline.get\"]");
        assertThat(view.object("grants").members().keySet()).containsExactly("ci:pipeline.get");
        assertThat(at(view, "budgets")).isEqualTo("{\"calls\":200,\"token:1\":3}");
        assertThat(view.object("buckets").members().keySet()).doesNotContain("op:vault:kv.read");
        assertThat(((JsonArray) view.get("routes")).values()).hasSize(1);
        assertThat(((JsonNumber) view.get("expires_in")).asLong()).isBetween(1L, 600L);
    }

    @Test
    void view_ofSeveralBucketsOfOneName_showsTheOneThatHoldsLeast() {
        TestAgent agent = Templates.started(gateway, HUMAN, WORKLOADS, "tight");
        JsonObject view = view(agent);

        assertThat(at(view, "buckets", "task")).isEqualTo("{\"capacity\":2,\"left\":2,\"period\":7200}");
        assertThat(at(view, "plan")).isEqualTo("null");
        assertThat(at(view, "budgets")).isEqualTo("{\"calls\":7}");
    }

    @Test
    void view_ofAnMcpRoute_namesItsEndpoint() {
        TestAgent agent = Templates.started(gateway, HUMAN, WORKLOADS, "tools");

        assertThat(at(view(agent), "routes"))
                .isEqualTo(
                        "[{\"catalogue\":\"tools\",\"id\":\"tools\",\"path\":\"/tools/mcp\",\"refusals\":\"jsonrpc\","
                                + "\"resolver\":\"jsonrpc\"}]");
        assertThat(at(would(agent, "tools:tools.call/echo", null, "{\"message\":\"a\"}"), "outcome"))
                .isEqualTo("\"permit\"");
        JsonObject other = would(agent, "tools:tools.call/echo", "ignored", "{\"message\":\"c\"}");
        assertThat(other.string("code")).isEqualTo("constraint-violated");
        JsonObject open = would(agent, "tools:tools.call/echo", null, null);
        assertThat(open.string("outcome")).isEqualTo("permit");
        assertThat(open.string("detail"))
                .contains("passed over")
                .contains("message")
                .doesNotContain("loud");
    }

    @Test
    void view_ofATaskThatIsOver_tellsHowAndNothingElse() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        Instant before = Instant.now().minusSeconds(2);
        agent.end(gateway);
        JsonObject view = view(agent);

        assertThat(view.members().keySet()).containsExactly("state", "ended");
        assertThat(view.string("state")).isEqualTo("completed");
        assertThat(view.object("ended").members().keySet()).containsExactly("at", "why");
        assertThat(view.object("ended").string("why")).isEqualTo("The task's holder ended it.");
        assertThat(Instant.parse(String.valueOf(view.object("ended").string("at"))))
                .isBetween(before, Instant.now().plusSeconds(2));
    }

    @Test
    void view_ofAnInterruptedTask_hasThePublicSentence() {
        TestAgent agent = TestAgent.release(gateway, HUMAN, WORKLOADS);
        HttpResponse<String> refused =
                agent.call(gateway, "PATCH", "/k8s/apis/apps/v1/namespaces/staging/deployments/payments", "{}");
        assertThat(refused.headers().firstValue("Errand-Code")).hasValue("sequence-violation");

        JsonObject view = view(agent);
        assertThat(view.string("state")).isEqualTo("interrupted");
        assertThat(view.object("ended").string("why")).contains("sequence-violation");
    }

    @Test
    void view_ofAnEndedTokenOfARunningTask_isRefused() {
        TestAgent root = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestAgent child = root.child();
        child.end(gateway);

        HttpResponse<String> answer = asked(child, "");
        assertRefused(answer, 401, "task-ended", true);
        assertThat(TestAgent.json(answer.body()).string("detail")).contains("ended");
        assertThat(view(root).string("state")).isEqualTo("active");
    }

    @Test
    void view_ofAnExpiredRoot_saysSo_andACallIsToldSo() throws Exception {
        TestAgent agent = Templates.started(gateway, HUMAN, WORKLOADS, "short");
        TestAgent child = agent.child();
        TimeUnit.MILLISECONDS.sleep(3_200);

        for (TestAgent holder : List.of(agent, child)) {
            JsonObject view = view(holder);
            assertThat(view.members().keySet()).containsExactly("state", "ended");
            assertThat(view.string("state")).isEqualTo("expired");
            assertThat(view.object("ended").string("why")).isEqualTo("The time of the task is over.");
            assertThat(Instant.parse(String.valueOf(view.object("ended").string("at"))))
                    .isBefore(Instant.now());
            HttpResponse<String> call = holder.get(gateway, TestAgent.READ);
            assertThat(call.statusCode()).isEqualTo(401);
            JsonObject problem = TestAgent.json(call.body());
            assertThat(problem.string("code")).isEqualTo("invalid-token");
            assertThat(problem.string("detail")).isEqualTo("the token has expired");
            assertThat(problem.get("task")).isNull();
            assertThat(problem.get("step")).isNull();
        }
        Map<String, String> stranger = presenting(agent);
        stranger.put("DPoP", TestAgent.explore(gateway, HUMAN, WORKLOADS).dpop("GET", VIEW));
        HttpResponse<String> answer = raw(stranger, "GET", VIEW);
        assertRefused(answer, 401, "invalid-proof", false);
        assertThat(answer.body()).doesNotContain("expired");
    }

    @Test
    void view_ofAnExpiredChildOfARunningTask_isRefused() throws Exception {
        TestAgent root = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestKey key = TestKey.ed25519("child");
        TestAgent child = root.below(
                key,
                new Derivation(key.publicJwk(), null, Jws.object("{}"), 1, null, null, null)
                        .derive(root.key().agent(), root.token(), Instant.now()));
        TimeUnit.MILLISECONDS.sleep(2_200);

        HttpResponse<String> answer = asked(child, "");
        assertRefused(answer, 401, "invalid-token", false);
        assertThat(TestAgent.json(answer.body()).string("detail")).isEqualTo("the token has expired");
    }

    @Test
    void view_withoutAGoodProof_isRefusedAsACall() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestAgent child = agent.child();
        Map<String, String> good = presenting(agent);

        assertRefused(raw(Map.of(), "GET", VIEW), 401, "authentication-required", false);
        assertRefused(
                raw(Map.of("Authorization", "Bearer " + agent.token()), "GET", VIEW),
                401,
                "authentication-required",
                false);
        assertRefused(
                raw(Map.of("Authorization", "AAT " + agent.token(), "AAT-PoP", "a.b.c"), "GET", VIEW),
                401,
                "authentication-required",
                false);
        assertRefused(raw(Map.of("Authorization", "DPoP " + agent.token()), "GET", VIEW), 401, "invalid-proof", false);
        for (String wrong :
                List.of(agent.dpop("POST", VIEW), agent.dpop("GET", "/oauth2/token"), child.dpop("GET", VIEW), "x")) {
            Map<String, String> headers = new LinkedHashMap<>(good);
            headers.put("DPoP", wrong);
            assertRefused(raw(headers, "GET", VIEW), 401, "invalid-proof", false);
        }
        Map<String, String> forged = new LinkedHashMap<>(good);
        int signature = agent.token().lastIndexOf('.') + 1;
        char first = agent.token().charAt(signature);
        forged.put(
                "Authorization",
                "DPoP " + agent.token().substring(0, signature) + (first == 'A' ? 'B' : 'A')
                        + agent.token().substring(signature + 1));
        HttpResponse<String> answer = raw(forged, "GET", VIEW);
        assertThat(answer.headers().firstValue("Errand-Code")).hasValue("invalid-token");
        assertThat(answer.headers().firstValue("Errand-Next")).hasValue("stop");
        assertRefused(asked(child.withoutChain(), ""), 401, "chain-incomplete", false);
    }

    @Test
    void view_takesGetAlone() {
        for (String method : List.of("POST", "PUT", "DELETE", "HEAD")) {
            HttpResponse<String> answer = raw(Map.of(), method, VIEW);
            assertThat(answer.statusCode()).as(method).isEqualTo(405);
            assertThat(answer.headers().firstValue("Allow")).hasValue("GET");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?operation=vault:kv.read&operation=vault:kv.write",
                "?operation=vault:kv.read&resource=a&resource=b",
                "?resource=a",
                "?arguments=%7B%7D",
                "?operation=vault:kv.read&arguments=%5B%5D",
                "?operation=vault:kv.read&arguments=%7B",
                "?operation=vault:kv.read&arguments=%7B%22a%22%3A1%2C%22a%22%3A2%7D",
                "?operation=vault:kv.read&resource=a&arguments=%7B%22resource%22%3A%22b%22%7D",
                "?operation=vault:kv.read&verbose=1",
                "?operation=%FF"
            })
    void badQueries_areMalformed(String query) {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);

        assertRefused(asked(agent, query), 400, "malformed-request", true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "vault:kv.read | secret/ci/payments/db | - | permit | - | would be permitted",
                "vault:kv.read | - | {\"resource\":\"secret/ci/payments/db\"} | permit | - | would be permitted",
                "vault:kv.read | - | - | permit | - | passed over, since no value was given: resource",
                "vault:kv.read | secret/ci/other/db | - | deny | constraint-violated | 'resource'",
                "vault:kv.read | secret/ci/payments/db | {\"version\":1} | deny | constraint-violated | 'version'",
                "vault:kv.write | secret/ci/payments/db | - | deny | not-granted | does not grant vault:kv.write",
                "vault:no.such | - | - | deny | unknown-operation | no catalogue",
                "nothing:at.all | - | - | deny | unknown-operation | no catalogue",
                "x | - | - | deny | unknown-operation | no catalogue",
                "ci:pipeline.trigger | payments | - | deny | sequence-violation | does not follow the plan",
                "ci:pipeline.get | payments | - | permit | - | would be permitted",
                "k8s:apps/deployments.patch | - | - | deny | sequence-violation | passed over"
            })
    void would_isWhatACallWouldGet(
            String operation,
            @Nullable String resource,
            @Nullable String arguments,
            String outcome,
            @Nullable String code,
            String detail) {
        TestAgent agent = release();
        JsonObject would = would(agent, operation, resource, arguments);

        assertThat(would.string("outcome")).as(Jcs.canonical(would)).isEqualTo(outcome);
        assertThat(would.string("code")).isEqualTo(code);
        assertThat(would.string("detail")).contains(detail);
        assertThat(view(agent).string("state")).as("nothing is counted").isEqualTo("active");
    }

    private static @Nullable TestAgent release;

    /** One task for all that changes nothing. */
    private static synchronized TestAgent release() {
        if (release == null) {
            release = TestAgent.release(gateway, HUMAN, WORKLOADS);
        }
        return release;
    }

    @Test
    void would_judgesBudgetsAndBuckets() {
        TestAgent agent = Templates.started(gateway, HUMAN, WORKLOADS, "tight");
        TestAgent child = agent.child(null, "{\"calls\":1}", null);
        assertThat(child.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);

        JsonObject spent = would(child, "vault:kv.read", "secret/docs/payments/a", null);
        assertThat(spent.string("code")).isEqualTo("budget-exhausted");
        assertThat(would(agent, "vault:kv.read", "secret/docs/payments/a", null).string("outcome"))
                .isEqualTo("permit");
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(would(agent, "vault:kv.read", "secret/docs/payments/a", null).string("code"))
                .isEqualTo("rate-exceeded");
    }

    /** The agent asks so often at the token endpoint, here by a thread of the test, that the view has to wait. */
    @Test
    void view_countsForTheRateOfTheTokenEndpoint() throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        ClientRate rate = gateway.context().getBean(ClientRate.class);
        AtomicBoolean asking = new AtomicBoolean(true);
        Thread asks = new Thread(() -> {
            while (asking.get()) {
                rate.admits(SpiffeId.parse(TestWorkloads.RELEASE_BOT).orElseThrow());
            }
        });
        asks.start();
        HttpResponse<String> answer = asked(agent, "");
        for (int i = 0; i < 20 && answer.statusCode() == 200; i++) {
            answer = asked(agent, "");
        }
        asking.set(false);
        asks.join();

        assertRefused(answer, 429, "rate-exceeded", true);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
        TimeUnit.MILLISECONDS.sleep(200);
        assertThat(view(agent).string("state")).isEqualTo("active");
    }
}
