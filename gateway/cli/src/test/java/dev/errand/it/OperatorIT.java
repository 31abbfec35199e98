package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator's port: who may use it, what it tells of decisions and tasks, and that it ends tasks everywhere. */
class OperatorIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    static Path temporary;

    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static RunningGateway replica;
    private static String token;

    @BeforeAll
    static void start() throws Exception {
        redis = new SharedRedis(temporary);
        upstream = new RecordingUpstream();
        gateway = Scene.replica(redis, upstream, HUMAN, WORKLOADS);
        replica = Scene.replica(redis, upstream, HUMAN, WORKLOADS);
        Path file = gateway.directory().resolve("data/operator-token");
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        token = Files.readString(file).strip();
    }

    @AfterAll
    static void stop() {
        replica.close();
        gateway.close();
        upstream.close();
        redis.close();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.managementPort() + path));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return TestAgent.HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path, String accept) throws Exception {
        return send(request(path).header("Authorization", "Bearer " + token).header("Accept", accept));
    }

    private static JsonObject json(String path) throws Exception {
        HttpResponse<String> answer = get(path, "application/json");
        assertThat(answer.statusCode()).isEqualTo(200);
        return TestAgent.json(answer.body());
    }

    private static HttpResponse<String> interrupt(String task, String body) throws Exception {
        return send(request("/tasks/" + task + "/interrupt")
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.ofString(body)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/configuration",
                "/tasks/t-1",
                "/decisions/d-1",
                "/actuator/prometheus",
                "/actuator",
                "/actuator/env",
                "/actuator/gateway/routes",
                "/"
            })
    void port_withoutTheCredential_tellsNothing(String path) throws Exception {
        assertThat(send(request(path)).statusCode()).isEqualTo(401);
        assertThat(send(request(path).header("Authorization", "Bearer " + token + "x"))
                        .statusCode())
                .isEqualTo(401);
        assertThat(send(request(path).header("Authorization", "Basic " + token)).statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html",
        "/console, text/html",
        "/console/console.js, text/javascript",
        "/console/console.css, text/css"
    })
    void console_isForTheOperatorAlone_andHoldsNoOthersScript(String path, String type) throws Exception {
        String basic = Base64.getEncoder().encodeToString(("operator:" + token).getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> refused = send(request(path));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().allValues("WWW-Authenticate"))
                .anyMatch(challenge -> challenge.startsWith("Basic "));
        HttpResponse<String> answer = send(request(path).header("Authorization", "Basic " + basic));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith(type);
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.body())
                .isNotEmpty()
                .doesNotContain("http://", "https://", "innerHTML", "eval(", " style=", " onclick=");
    }

    @Test
    void port_anotherPageOfTheBrowser_isForbidden() throws Exception {
        String basic = Base64.getEncoder().encodeToString(("operator:" + token).getBytes(StandardCharsets.UTF_8));
        for (String site : List.of("cross-site", "same-site")) {
            assertThat(send(request("/configuration")
                                    .header("Authorization", "Basic " + basic)
                                    .header("Sec-Fetch-Site", site))
                            .statusCode())
                    .isEqualTo(403);
        }
        assertThat(send(request("/configuration")
                                .header("Authorization", "Basic " + basic)
                                .header("Sec-Fetch-Site", "same-origin"))
                        .statusCode())
                .isEqualTo(200);
        String wrong = Base64.getEncoder().encodeToString((token + ":operator").getBytes(StandardCharsets.UTF_8));
        assertThat(send(request("/configuration").header("Authorization", "Basic " + wrong))
                        .statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health", "/actuator/health/readiness", "/actuator/health/liveness"})
    void health_isOpen_andSaysNoMoreThanItsStatus(String path) throws Exception {
        HttpResponse<String> answer = send(request(path));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"status\":\"UP\"}");
        HttpResponse<String> stranger = send(request(path).header("Authorization", "Bearer " + token + "x"));
        assertThat(stranger.body()).isEqualTo(answer.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stateStore", "provenanceLog", "configuration", "diskSpace", "readiness/stateStore"})
    void health_ofOnePart_isForTheOperatorAlone(String part) throws Exception {
        assertThat(send(request("/actuator/health/" + part)).statusCode()).isEqualTo(404);
        assertThat(get("/actuator/health/" + part, "application/json").statusCode())
                .isEqualTo(200);
    }

    @Test
    void health_forTheOperator_hasDetails() throws Exception {
        JsonObject health = json("/actuator/health");
        assertThat(health.string("status")).isEqualTo("UP");
        JsonObject configuration = Objects.requireNonNull(
                Objects.requireNonNull(health.object("components")).object("configuration"));
        assertThat(Objects.requireNonNull(configuration.object("details")).string("revision"))
                .startsWith("sha-256:");
        assertThat(json("/actuator/health/readiness").object("components")).isNotNull();
    }

    /** A page that names another host in the browser's place learns no more than anybody. */
    @Test
    void health_forAPageOfAnother_isItsStatus() {
        String raw = "GET /actuator/health HTTP/1.1\r\nHost: attacker.example\r\nAuthorization: Bearer " + token
                + "\r\nConnection: close\r\n\r\n";
        RawHttp.Response answer = RawHttp.exchange(gateway.managementPort(), raw.getBytes(StandardCharsets.US_ASCII));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("components");
    }

    @ParameterizedTest
    @CsvSource({"attacker.example, ", "attacker.example:PORT, ", "127.0.0.1:PORT, http://attacker.example"})
    void port_hostOrOriginOfAnother_isForbidden(String host, String origin) throws Exception {
        int port = gateway.managementPort();
        String raw = "GET /configuration HTTP/1.1\r\nHost: " + host.replace("PORT", Integer.toString(port)) + "\r\n"
                + (origin == null ? "" : "Origin: " + origin + "\r\n") + "Authorization: Bearer " + token
                + "\r\nConnection: close\r\n\r\n";
        assertThat(RawHttp.exchange(port, raw.getBytes(StandardCharsets.US_ASCII))
                        .status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator/health/../prometheus",
                "/actuator/health/%2e%2e/env",
                "/actuator/health/a;b",
                "/actuator/healthy"
            })
    void health_spelledAsSomethingElse_isForTheOperatorAlone(String target) throws Exception {
        int port = gateway.managementPort();
        String raw = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n";
        assertThat(RawHttp.exchange(port, raw.getBytes(StandardCharsets.US_ASCII))
                        .status())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/env", "/configprops", "/gateway/routes", "/heapdump", "/beans", "/loggers", "/shutdown"})
    void actuator_whatCouldLeakOrChange_isNotThere(String endpoint) throws Exception {
        assertThat(get("/actuator" + endpoint, "application/json").statusCode()).isEqualTo(404);
    }

    @Test
    void decision_ofADeniedCall_isExplainedAndProven() throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        String decision = TestAgent.json(agent.get(gateway, "/vault/v1/secret/data/docs/billing/a")
                        .body())
                .string("decision");
        JsonObject page = json("/decisions/" + decision);
        assertThat(page.object("record").string("code")).isEqualTo("constraint-violated");
        assertThat(page.object("explanation").string("verdict")).startsWith("denied: constraint-violated");
        assertThat(page.object("evidence").string("record")).contains("\"decision\":\"" + decision + "\"");
        assertThat(page.object("evidence").string("checkpoint")).startsWith("gateway.example.org/provenance/");
        assertThat(get("/decisions/" + decision, "text/plain").body())
                .containsPattern("arguments +refused")
                .containsPattern("tasks/explore.yaml:[0-9]+:[0-9]+");
    }

    @Test
    void task_withAChild_isToldAsATree_andInterruptedEverywhere() throws Exception {
        TestAgent root = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestAgent child = root.child(null, "{}", TestWorkloads.RELEASE_BOT);
        assertThat(root.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(child.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(child.get(replica, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(child.call(gateway, "DELETE", TestAgent.READ, null).statusCode())
                .isEqualTo(403);

        JsonObject before = json("/tasks/" + root.task());
        assertThat(before.string("state")).isEqualTo("active");
        assertThat(before.object("human").string("sub")).isNotEmpty();
        assertThat(before.string("template")).isEqualTo("explore");
        JsonObject top =
                (JsonObject) ((JsonArray) before.get("holders")).values().get(0);
        JsonObject below =
                (JsonObject) ((JsonArray) top.get("children")).values().get(0);
        assertThat(top.get("permitted")).isEqualTo(JsonNumber.of(1));
        assertThat(below.get("permitted")).isEqualTo(JsonNumber.of(2));
        assertThat(below.get("denied")).isEqualTo(JsonNumber.of(1));
        assertThat(((JsonArray) before.get("calls")).values()).hasSize(4);

        HttpResponse<String> ended = interrupt(root.task(), "{\"why\":\"suspected leak\"}");
        assertThat(ended.statusCode()).isEqualTo(200);
        assertThat(TestAgent.json(ended.body()).string("state")).isEqualTo("interrupted");
        assertThat(TestAgent.json(ended.body()).get("recorded")).isEqualTo(new JsonBoolean(true));
        assertThat(TestAgent.json(ended.body()).get("confirmed"))
                .as("the store has no replica")
                .isEqualTo(new JsonBoolean(false));
        for (RunningGateway each : List.of(gateway, replica)) {
            HttpResponse<String> refused = child.get(each, TestAgent.READ);
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(TestAgent.json(refused.body()).string("code")).isEqualTo("task-ended");
            assertThat(TestAgent.json(refused.body()).string("detail"))
                    .isEqualTo("the task is interrupted: ended by an operator");
        }
        assertThat(json("/tasks/" + root.task()).string("state")).isEqualTo("interrupted");
        assertThat(get("/tasks/" + root.task(), "text/plain").body())
                .contains("task " + root.task(), "state interrupted", "template explore", "suspected leak");
        assertThat(gateway.records())
                .anyMatch(line -> line.contains("\"kind\":\"operator\"") && line.contains("suspected leak"));
        assertThat(across("task", root.task())).contains("calls 3 op:vault:kv.read 3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "{\"why\":\"\"}", "{\"why\":7}", "not json"})
    void interrupt_withoutAReason_isRefused(String body) throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        assertThat(interrupt(agent.task(), body).statusCode()).isEqualTo(400);
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
    }

    @Test
    void tasks_areListedWithHowTheyStand() throws Exception {
        TestAgent ended = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        TestAgent running = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        for (TestAgent each : List.of(ended, running)) {
            assertThat(each.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        }
        assertThat(interrupt(ended.task(), "{\"why\":\"over\"}").statusCode()).isEqualTo(200);
        List<JsonObject> tasks = ((JsonArray) json("/tasks").get("tasks"))
                .values().stream().map(JsonObject.class::cast).toList();
        assertThat(tasks.get(0).string("task")).isEqualTo(running.task());
        assertThat(tasks.get(0).string("state")).isEqualTo("active");
        assertThat(tasks.get(0).string("template")).isEqualTo("explore");
        assertThat(tasks)
                .filteredOn(task -> ended.task().equals(task.string("task")))
                .singleElement()
                .satisfies(task -> assertThat(task.string("state")).isEqualTo("interrupted"));
        assertThat(get("/tasks", "text/plain").body()).contains(running.task() + "  active  explore");
    }

    @Test
    void interrupt_ofATaskThatMadeNoCallHere_endsIt() throws Exception {
        TestAgent agent = TestAgent.explore(replica, HUMAN, WORKLOADS);
        assertThat(interrupt(agent.task(), "{\"why\":\"wrong human\",\"tell\":true}")
                        .statusCode())
                .isEqualTo(200);
        HttpResponse<String> refused = agent.get(replica, TestAgent.READ);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("task-ended", "ended by an operator: wrong human");
        assertThat(gateway.records())
                .anyMatch(line -> line.contains("\"kind\":\"operator\"") && line.contains("wrong human"));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (gateway.records().stream()
                .noneMatch(line -> line.startsWith("{\"kind\":\"ended\"")
                        && line.contains("\"by\":\"operator:operator\"")
                        && line.contains("wrong human"))) {
            assertThat(System.nanoTime() - deadline)
                    .as("the ending is recorded")
                    .isNegative();
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void unknownIds_areNotFound() throws Exception {
        assertThat(get("/tasks/t-unknown", "application/json").statusCode()).isEqualTo(404);
        assertThat(get("/decisions/d-unknown", "application/json").statusCode()).isEqualTo(404);
        assertThat(interrupt("t-unknown", "{\"why\":\"x\"}").statusCode()).isEqualTo(404);
    }

    @Test
    void configuration_tellsWhatRuns() throws Exception {
        JsonObject configuration = json("/configuration");
        assertThat(configuration.string("revision")).startsWith("sha-256:");
        assertThat(((JsonArray) configuration.get("faults")).values()).isEmpty();
    }

    @Test
    void decision_thatInterrupted_hasNoOutcome() throws Exception {
        TestAgent agent = TestAgent.release(gateway, HUMAN, WORKLOADS);
        HttpResponse<String> denied =
                agent.call(gateway, "PATCH", "/k8s/apis/apps/v1/namespaces/staging/deployments/payments", "{}");
        assertThat(denied.headers().firstValue("Errand-Code")).hasValue("sequence-violation");
        JsonObject page = json(
                "/decisions/" + denied.headers().firstValue("Errand-Decision").orElseThrow());
        assertThat(page.object("record").string("kind")).isEqualTo("decision");
        assertThat(page.get("outcome")).isEqualTo(JsonNull.NULL);
        assertThat(gateway.records())
                .anyMatch(line -> line.startsWith("{\"kind\":\"ended\"") && line.contains(agent.task()));
    }

    @Test
    void decision_ofEitherReplica_isExplainedAndProvenFromBothLogs() throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        for (RunningGateway each : List.of(gateway, replica)) {
            String billing = "/vault/v1/secret/data/docs/billing/a";
            String decision = String.valueOf(
                    TestAgent.json(agent.get(each, billing).body()).string("decision"));
            assertThat(across("explain", decision)).startsWith(decision + "  denied: constraint-violated");
            assertThat(across("explain", decision, "--json"))
                    .startsWith("{\"checks\":[")
                    .contains("\"decision\":\"" + decision);
            assertThat(across("prove", decision)).contains(decision, "\"checkpoint\"");
        }
    }

    /** What a command tells from the logs of both replicas. */
    private static String across(String command, String id, String... more) {
        StringWriter out = new StringWriter();
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out))
                .execute(Stream.concat(
                                Stream.of(
                                        command,
                                        id,
                                        "--log",
                                        gateway.directory()
                                                .resolve("data/provenance")
                                                .toString(),
                                        "--log",
                                        replica.directory()
                                                .resolve("data/provenance")
                                                .toString()),
                                Stream.of(more))
                        .toArray(String[]::new));
        assertThat(exit).isZero();
        return out.toString();
    }
}
