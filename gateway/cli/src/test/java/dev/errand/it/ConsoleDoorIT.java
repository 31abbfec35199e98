package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser gets of the operator's port before it has a credential, and what the console is told besides. */
class ConsoleDoorIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file(
                        "tasks/careful.yaml",
                        Approver.template("careful", Approver.BY + ", limit: {capacity: 10, per: 1h}", ""))
                .file("tasks/ten.yaml", Templates.bounded("ten", """
                        limits: {calls: 10, task: [{capacity: 60, per: 10s}]}
                        sequence: [{vault:kv.read: 1..*}, {vault:kv.write: {outcome: sent}}]
                        interleave: []
                        """))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    /** @param fetch the values of {@code Sec-Fetch-Site}, {@code -Mode} and {@code -Dest}, as a browser sends them */
    private static HttpResponse<String> browse(String path, String... fetch) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.managementPort() + path));
        List<String> names = List.of("Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest");
        for (int i = 0; i < fetch.length; i++) {
            request.header(names.get(i), fetch[i]);
        }
        return TestAgent.HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private static List<String> challenges(HttpResponse<String> answer) {
        return answer.headers().allValues("WWW-Authenticate").stream()
                .map(challenge -> challenge.replaceFirst(" .*", ""))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"none", "same-origin", "cross-site", "same-site"})
    void page_openedByABrowser_asksForTheTokenItself(String site) throws Exception {
        HttpResponse<String> page = browse("/", site, "navigate", "document");
        assertThat(page.statusCode()).isEqualTo(401);
        assertThat(challenges(page)).containsExactly("Bearer");
        assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
        assertThat(page.body()).contains("<script type=\"module\" src=\"/console/console.js\">");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'")
                .doesNotContain("unsafe", "http", "*", "data:", "blob:");
        assertThat(challenges(browse("/console", site, "navigate", "document"))).containsExactly("Bearer", "Basic");
    }

    @ParameterizedTest
    @CsvSource({
        "/console/console.js, script",
        "/console/tasks.js, script",
        "/console/console.css, style",
        "/console/icon.svg, image"
    })
    void part_isLoadedByOurOwnPageAlone(String path, String dest) throws Exception {
        assertThat(browse(path, "same-origin", "cors", dest).statusCode()).isEqualTo(200);
        assertThat(browse(path).statusCode()).isEqualTo(401);
        assertThat(browse(path, "none", "navigate", "document").statusCode()).isEqualTo(401);
        assertThat(browse(path, "same-origin", "cors", "empty").statusCode()).isEqualTo(401);
        assertThat(browse(path, "cross-site", "cors", dest).statusCode()).isEqualTo(403);
        assertThat(browse(path, "same-site", "no-cors", dest).statusCode()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/tasks",
                "/tasks/t-1",
                "/decisions",
                "/replicas",
                "/locks",
                "/approvals",
                "/configuration",
                "/actuator/prometheus",
                "/console/console.html",
                "/console/../tasks",
                "/console/..;/tasks",
                "//"
            })
    void browser_withoutACredential_getsNothingElse(String path) throws Exception {
        for (String dest : List.of("document", "script", "style", "image")) {
            HttpResponse<String> answer =
                    browse(path, "same-origin", dest.equals("document") ? "navigate" : "cors", dest);
            assertThat(answer.statusCode()).as(path + " " + dest).isBetween(400, 404);
            assertThat(answer.body()).doesNotContain("tasks\":", "revision");
        }
        assertThat(browse(path, "cross-site", "navigate", "document").statusCode())
                .isBetween(400, 404);
    }

    @Test
    void script_thatIsRefused_isNotAskedForAPassword() throws Exception {
        assertThat(challenges(browse("/configuration", "same-origin", "cors", "empty")))
                .containsExactly("Bearer");
        assertThat(challenges(browse("/configuration"))).containsExactly("Bearer", "Basic");
    }

    @Test
    void page_withTheCredential_isThere() throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.managementPort() + "/"))
                .header("Authorization", "Bearer " + gateway.operatorToken());
        assertThat(TestAgent.HTTP.send(request.build(), BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void configuration_tellsWhoAsks_whichReplica_andHowManyTasks() {
        JsonObject told = OperatorClient.of(gateway).json("/configuration");
        assertThat(Jcs.canonical(told.object("operator"))).isEqualTo("{\"name\":\"operator\",\"role\":\"operate\"}");
        assertThat(told.string("instance")).startsWith("g-");
        assertThat(told.string("build")).isNotEmpty();
        assertThat(told.object("tasks").members())
                .containsOnlyKeys("active", "completed", "interrupted", "expired")
                .allSatisfy((state, count) -> assertThat(count).isInstanceOf(JsonNumber.class));
    }

    @Test
    void task_tellsItsPlanWithThePosition_itsGrantsAndItsLimits() {
        TestAgent agent = Templates.started(gateway, HUMAN, WORKLOADS, "ten");
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        JsonObject task = OperatorClient.of(gateway).json("/tasks/" + agent.task());

        JsonObject plan = task.object("plan");
        assertThat(plan.string("at")).isEqualTo("1");
        assertThat(plan.get("of")).isEqualTo(JsonNumber.of(3));
        List<JsonObject> states = OperatorClient.objects(plan, "states");
        assertThat(states).hasSize(3);
        assertThat(Jcs.canonical(states.get(0)))
                .startsWith("{\"final\":false,\"next\":[{\"operation\":\"vault:kv.read\",\"rule\":\"tasks/ten.yaml:")
                .endsWith("\"same\":[],\"sent\":false,\"state\":1,\"step\":1}]}");
        assertThat(OperatorClient.objects(states.get(1), "next"))
                .extracting(edge -> edge.string("operation") + " " + edge.get("state") + " " + edge.get("sent"))
                .containsExactlyInAnyOrder(
                        "vault:kv.read " + JsonNumber.of(1) + " "
                                + states.get(0).get("final"),
                        "vault:kv.write " + JsonNumber.of(2) + " "
                                + states.get(2).get("final"));
        assertThat(((JsonArray) states.get(2).get("next")).values()).isEmpty();

        assertThat(Jcs.canonical(task.object("granted")))
                .contains("\"vault:kv.read\":{\"resource\":{", "secret/docs/payments", "\"vault:kv.write\"")
                .doesNotContain("{project}");
        JsonObject limits = task.object("limits");
        assertThat(limits.get("calls")).isEqualTo(JsonNumber.of(10));
        assertThat(limits.get("calls_left")).isEqualTo(JsonNumber.of(9));
        assertThat(Jcs.canonical(limits.object("buckets")))
                .isEqualTo("{\"task\":[{\"capacity\":60,\"observe\":false,\"period_ms\":10000}]}");

        agent.end(gateway);
        JsonObject over = OperatorClient.of(gateway).json("/tasks/" + agent.task());
        assertThat(over.object("plan").string("at"))
                .as("where it stood at its end")
                .startsWith("1");
    }

    @Test
    void task_withoutAPlan_hasNone() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        agent.get(gateway, TestAgent.READ);
        JsonObject task = OperatorClient.of(gateway).json("/tasks/" + agent.task());
        assertThat(task.get("plan")).isEqualTo(JsonNull.NULL);
        assertThat(task.object("granted").members()).containsKeys("vault:kv.read", "vault:kv.write");
    }

    @Test
    void approvals_areShownToOperators_whoDecideNone() {
        OperatorClient operator = OperatorClient.of(gateway);
        TestAgent agent = Templates.started(gateway, HUMAN, WORKLOADS, "careful");
        Approver.Asked asked = Approver.Asked.of(agent.call(gateway, "POST", TestAgent.READ, "{\"data\":1}"));
        JsonObject waiting = OperatorClient.objects(operator.json("/approvals"), "approvals").stream()
                .filter(each -> asked.id().equals(each.string("id")))
                .findFirst()
                .orElseThrow();
        assertThat(waiting.string("operation")).isEqualTo("vault:kv.write");
        assertThat(waiting.string("task")).isEqualTo(agent.task());
        assertThat(waiting.string("uri")).isEqualTo(asked.uri());
        assertThat(waiting.get("quorum")).isEqualTo(JsonNumber.of(1));
        assertThat(operator.get("/approvals?x=1").statusCode()).isEqualTo(400);
        assertThat(operator.post(
                                "/approvals/" + asked.id(),
                                "{\"decision\":\"approve\",\"digest\":\"" + asked.digest() + "\"}")
                        .statusCode())
                .isBetween(401, 404);
        assertThat(new Approver(HUMAN, "alice").approve(gateway, asked).statusCode())
                .isEqualTo(200);
        assertThat(OperatorClient.objects(operator.json("/approvals"), "approvals"))
                .noneMatch(each -> asked.id().equals(each.string("id")));
    }
}
