package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.openqa.selenium.Keys;

/** Two replicas on one Redis with templates that are worth a look, and the ways to put tasks on the console. */
record ConsoleStage(SharedRedis redis, RecordingUpstream upstream, RunningGateway one, RunningGateway two)
        implements AutoCloseable {
    static final TestHuman HUMAN = TestHuman.releaseManager();
    static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String DOC = "/vault/v1/secret/data/docs/payments/";

    /** What a text would do if it became markup, and what it would hide if it were shown as it is. */
    static final String HOSTILE =
            "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>\u202Eevil\u0007\u2028]]>'\"`${1}";

    /** The token of the operator who may look, and change nothing. */
    static final String LOOKER = "looker-token-0123456789abcdef0123456789";

    static ConsoleStage start(Path directory) throws IOException {
        SharedRedis redis = new SharedRedis(directory);
        RecordingUpstream upstream = new RecordingUpstream();
        return new ConsoleStage(redis, upstream, replica(redis, upstream), replica(redis, upstream));
    }

    private static RunningGateway replica(SharedRedis redis, RecordingUpstream upstream) {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .property("errand.state.timeout", "1s")
                .property("errand.operators[0].name", "looker")
                .property("errand.operators[0].token-file", "file:looker-token")
                .property("errand.operators[0].role", "view")
                .file("looker-token", LOOKER)
                .file("tasks/ship.yaml", SHIP)
                .file(
                        "properties/ship.yaml",
                        "properties: [{name: no draft is deleted, templates: [ship], never: \"vault:kv.delete\"}]\n")
                .file(
                        "tasks/careful.yaml",
                        Approver.template("careful", Approver.BY + ", limit: {capacity: 100, per: 1h}", ""))
                .start();
    }

    private static final String SHIP = """
            template: ship
            description: Read the documents of one project, write one back, and look at it once more
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            delegation: {max-depth: 3, max-children: 20}
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {resource: {path_containment: "secret/docs/{project}"}, version: {wildcard: true, optional: true}}
              vault:kv.write: {resource: {path_containment: "secret/docs/{project}"}}
              vault:kv.delete: {resource: {exact: "secret/docs/{project}/draft"}}
              vault:kv.metadata.read: {resource: {path_containment: "secret/docs/{project}"}}
            limits:
              task: [{capacity: 60, per: 60s}]
              operations: {vault:kv.write: [{capacity: 2, per: 10m}]}
              calls: 10
            sequence:
              - vault:kv.read: 1..*
              - vault:kv.write
              - {any: [vault:kv.delete, vault:kv.read]}
              - {vault:kv.read: "?"}
            interleave: [vault:kv.metadata.read]
            on-violation: {sequence: deny, rule: deny, repeated: {denials: 50, within: 60s, then: interrupt}}
            """;

    TestAgent started(String template, TestHuman human) {
        return Templates.started(one, human, WORKLOADS, template);
    }

    /** A task of another agent than the others: one agent alone may not start thousands at once. */
    TestAgent started(String template, TestHuman human, String agent) {
        return TestAgent.start(
                one,
                TestAgent.HTTP,
                TestKey.ed25519("agent"),
                human.token(),
                WORKLOADS.svid("spiffe://example.org/agent/" + agent, RunningGateway.ISSUER),
                "{\"template\":\"" + template + "\",\"parameters\":{\"project\":\"payments\"},\"instruction\":"
                        + TestAgent.INSTRUCTION + "}");
    }

    static TestHuman human(String subject) {
        return new TestHuman(HUMAN.issuer(), subject, HUMAN.key());
    }

    static HttpResponse<String> read(RunningGateway gateway, TestAgent agent, String document) {
        return agent.get(gateway, DOC + document);
    }

    static HttpResponse<String> write(RunningGateway gateway, TestAgent agent, String document) {
        return agent.call(
                gateway,
                "POST",
                DOC + document,
                Map.of("Content-Type", "application/json"),
                "{\"data\":{\"a\":\"b\"}}");
    }

    /** A task that used nine of ten calls, by two holders on both replicas, and whose last call was refused by its plan. */
    TestAgent nearItsLimit(TestHuman human) {
        TestAgent agent = started("ship", human);
        TestAgent child = agent.child(null, "{}", TestWorkloads.RELEASE_BOT);
        for (int i = 0; i < 8; i++) {
            HttpResponse<String> answer = read(i % 2 == 0 ? one : two, i % 2 == 0 ? agent : child, "chapter-" + i);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
        assertThat(write(two, agent, "chapter-1").statusCode()).isEqualTo(200);
        assertThat(write(two, child, "chapter-2").statusCode()).isEqualTo(403);
        return agent;
    }

    String token() {
        return one.operatorToken();
    }

    static String console(RunningGateway gateway) {
        return "http://127.0.0.1:" + gateway.managementPort() + "/";
    }

    /** Signs in at the replica, and shows a view. */
    static void enter(Browser browser, RunningGateway gateway, String token, String view) {
        browser.open(console(gateway) + "#/" + view);
        browser.run("sessionStorage.clear()");
        browser.open("about:blank").open(console(gateway) + "#/" + view);
        browser.see("#token").sendKeys(token, Keys.ENTER);
        browser.gone("#token");
        browser.see("#main h1");
    }

    @Override
    public void close() {
        two.close();
        one.close();
        upstream.close();
        redis.close();
    }
}
