package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import dev.errand.json.JsonValue.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What untrusted content does to a task: reading it takes away what needs a trusted one, for the whole task and for good. */
class FlowIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String ISSUE = "/vault/v1/issues/17";
    private static final String PAGE = "/vault/v1/pages/plan";

    private static final String CATALOGUE = """
            catalogue: vault
            resolver: template
            base-path: /v1
            operations:
              - {id: issue.read, match: {method: GET, path: "/issues/{id}"}, effect: read, resource: "issues/{id}", yields: untrusted}
              - {id: page.read, match: {method: GET, path: "/pages/{id}"}, effect: read, resource: "pages/{id}"}
              - {id: page.write, match: {method: POST, path: "/pages/{id}"}, effect: write, resource: "pages/{id}", needs: trusted}
            """;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    private static String template(String name, String flow) {
        return """
                template: %s
                agents: ["spiffe://example.org/agent/*"]
                humans: {claim: groups, any: [release-managers]}
                lifetime: 30m
                delegation: {max-depth: 3, max-children: 10}
                allow:
                  vault:issue.read: {resource: {path_containment: "issues"}}
                  vault:page.read: {resource: {path_containment: "pages"}}
                  vault:page.write: {resource: {path_containment: "pages"}}
                instruction: {trust: agent}
                flow: %s
                """.formatted(name, flow);
    }

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("operations/vault.yaml", CATALOGUE)
                .file("tasks/explore.yaml", template("triage", "enforce"))
                .file("tasks/release.yaml", template("watched", "observe"))
                .file("tasks/research.yaml", template("free", "off"))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static TestAgent agent(String template) {
        return TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                HUMAN.token(),
                WORKLOADS,
                "{\"template\":\"" + template + "\",\"instruction\":" + TestAgent.INSTRUCTION.replace("human", "agent")
                        + "}");
    }

    private static HttpResponse<String> write(TestAgent agent) {
        return agent.call(gateway, "POST", PAGE, "{}");
    }

    private static String integrityAtUpstream() {
        String token = upstream.last().header("txn-token");
        JsonObject instruction =
                Jws.claims(String.valueOf(token)).object("rctx").object("instruction");
        return String.valueOf(instruction.string("integrity"));
    }

    @Test
    void reading_untrustedContent_deniesTheWrite_andExplainShowsTheReading() {
        TestAgent agent = agent("triage");
        assertThat(write(agent).statusCode()).isEqualTo(200);
        assertThat(integrityAtUpstream()).isEqualTo("trusted");
        assertThat(agent.get(gateway, ISSUE).statusCode()).isEqualTo(200);
        assertThat(integrityAtUpstream()).isEqualTo("trusted");
        String reading = TestAgent.json(lastPermit(agent)).string("decision");

        HttpResponse<String> denied = write(agent);
        assertThat(denied.statusCode()).isEqualTo(403);
        JsonObject problem = TestAgent.json(denied.body());
        assertThat(problem.string("code")).isEqualTo("flow-denied");
        assertThat(problem.string("step")).isEqualTo("flow");
        assertThat(upstream.seen()).hasSize(2);

        assertThat(agent.get(gateway, PAGE).statusCode()).isEqualTo(200);
        assertThat(integrityAtUpstream()).isEqualTo("untrusted");
        assertThat(explain(String.valueOf(problem.string("decision"))))
                .contains("flow-denied")
                .containsPattern(
                        "flow +refused +.*untrusted content has reached the task by vault:issue.read on issues/17 at .*"
                                + reading)
                .containsPattern("tasks/explore.yaml:[0-9]+:[0-9]+: flow: enforce");
    }

    @Test
    void reading_ofAChild_taintsItsParentAndSiblings() {
        TestAgent root = agent("triage");
        TestAgent child = root.child();
        assertThat(child.get(gateway, ISSUE).statusCode()).isEqualTo(200);
        assertThat(write(root).statusCode()).isEqualTo(403);
        assertThat(write(root.child()).statusCode()).isEqualTo(403);
    }

    @Test
    void write_ofAnotherTask_passes() {
        assertThat(agent("triage").get(gateway, ISSUE).statusCode()).isEqualTo(200);
        assertThat(write(agent("triage")).statusCode()).isEqualTo(200);
    }

    @Test
    void write_onlyObserved_passesAndIsRecorded() {
        TestAgent agent = agent("watched");
        assertThat(agent.get(gateway, ISSUE).statusCode()).isEqualTo(200);
        assertThat(write(agent).statusCode()).isEqualTo(200);
        assertThat(integrityAtUpstream()).isEqualTo("untrusted");
        JsonObject record = TestAgent.json(lastPermit(agent));
        assertThat(record.string("code")).isEqualTo("flow-denied");
        assertThat(record.object("instruction").string("integrity")).isEqualTo("untrusted");
    }

    @Test
    void write_flowOff_passesAsTrusted() {
        TestAgent agent = agent("free");
        assertThat(agent.get(gateway, ISSUE).statusCode()).isEqualTo(200);
        assertThat(write(agent).statusCode()).isEqualTo(200);
        assertThat(integrityAtUpstream()).isEqualTo("trusted");
    }

    private static String lastPermit(TestAgent agent) {
        List<String> permits = gateway.records().stream()
                .filter(line -> line.contains("\"kind\":\"decision\"") && line.contains(agent.task()))
                .toList();
        return permits.get(permits.size() - 1);
    }

    private static String explain(String decision) {
        StringWriter out = new StringWriter();
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out))
                .execute(
                        "explain",
                        decision,
                        "--log",
                        gateway.directory().resolve("data/provenance").toString(),
                        "--config",
                        gateway.directory().toString());
        assertThat(exit).isZero();
        return out.toString();
    }
}
