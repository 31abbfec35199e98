package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.cli.AgentClient;
import dev.errand.json.JsonValue.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent asks for a task, and a human sees and allows it at a page: what passes, on two replicas, and which ways around lead nowhere. */
class StartPagesIT {
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String EXPLORE = "{\"template\":\"TEMPLATE\",\"parameters\":{\"project\":\"payments\"},"
            + "\"purpose\":\"Look at the <script>alert(1)</script> runbooks\"}";

    @TempDir
    private static Path directory;

    private static TestProvider provider;
    private static SharedRedis redis;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static RunningGateway other;

    private final TestKey key = TestKey.ed25519("agent");

    @BeforeAll
    static void start() throws Exception {
        provider = new TestProvider(RunningGateway.ISSUER + "/approvals/callback");
        redis = new SharedRedis(directory);
        upstream = new RecordingUpstream();
        gateway = builder().start();
        other = builder().start();
    }

    private static RunningGateway.Builder builder() {
        return withPages(provider, WORKLOADS, upstream, redis)
                .file("tasks/typed.yaml", template("typed", "{max-age: 5m}"))
                .file("tasks/clicked.yaml", template("clicked", "{confirm: none}"))
                .file("tasks/ruled.yaml", RULED)
                .file("tasks/strong.yaml", template("strong", "{confirm: none, acr: \"urn:mfa\"}"));
    }

    /** Its rules differ in what a violation leads to, and one only observes. */
    private static final String RULED = """
            template: ruled
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers]}
            lifetime: 30m
            delegation: {max-depth: 2, max-children: 3}
            parameters: {project: "[a-z][a-z0-9-]{0,39}"}
            allow:
              vault:kv.read: {}
              vault:kv.list: {}
              tools:initialize: {}
              tools:session.reply: {}
              tools:session.end: {}
              tools:notifications.tasks.status: {}
              tools:secrets.list: {}
              vault:kv.write: {resource: {wildcard: true}, ask: {unless: {resource: {path_containment: "secret/{project}"}}}}
            rules:
              - {bounded: "vault:kv.write", at-most: 2, within: 90m, same: [resource], on-violation: interrupt}
              - {precedence: "vault:kv.read", before: "vault:kv.write", on-violation: ask}
              - {absence: "vault:kv.read", after: "vault:kv.write", observe: true}
            ask: {by: {claim: groups, any: [release-managers]}, refused: interrupt}
            flow: enforce
            on-violation: {rule: deny, flow: interrupt, limit: interrupt, repeated: {denials: 3, within: 60s, then: interrupt}}
            """;

    /** A gateway with pages for people, who sign in at that provider. */
    static RunningGateway.Builder withPages(
            TestProvider provider, TestWorkloads workloads, RecordingUpstream upstream, SharedRedis redis) {
        return withPages(provider, workloads, upstream, redis.url(), redis.keys());
    }

    static RunningGateway.Builder withPages(
            TestProvider provider, TestWorkloads workloads, RecordingUpstream upstream, String store, Path keys) {
        return RunningGateway.with()
                .trusting(provider.human(), workloads)
                .upstream(upstream)
                .sharing(store, keys)
                .property("errand.trust.humans[0].issuer", provider.issuer())
                .property("errand.trust.humans[0].jwks", "file:idp.jwks")
                .property("errand.trust.humans[0].audience", "errand")
                .property("errand.console.login.issuer", provider.issuer())
                .property("errand.console.login.client-id", Approver.CLIENT)
                .property("errand.console.login.secret-file", "file:credentials/login")
                .file("credentials/login", TestProvider.SECRET + "\n");
    }

    private static String template(String name, String start) {
        return TestAgent.EXPLORE_TEMPLATE.replace("template: explore", "template: " + name) + "start: " + start + "\n";
    }

    @AfterAll
    static void stop() {
        other.close();
        gateway.close();
        upstream.close();
        redis.close();
        provider.close();
    }

    @BeforeEach
    void alice() {
        provider.subject = "alice";
        provider.group = "release-managers";
        provider.audience = Approver.AUDIENCE;
        provider.more = "";
        provider.signedInSecondsAgo = 0;
        provider.asked.clear();
    }

    /** A task that was asked for. */
    private record Asked(String device, String code) {
        String first() {
            return code.substring(0, 4);
        }

        String second() {
            return code.substring(5);
        }

        String path() {
            return "/start?user_code=" + first();
        }
    }

    private static String svid() {
        return WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
    }

    private Asked ask(String template) {
        JsonObject asked = TestAgent.client(gateway)
                .ask(
                        key.agent(),
                        new AgentClient.Start(
                                null, "jwt", svid(), Jws.object(EXPLORE.replace("TEMPLATE", template)), null));
        assertThat(asked.string("verification_uri_complete"))
                .isEqualTo(RunningGateway.ISSUER + "/start?user_code="
                        + asked.string("user_code").substring(0, 4));
        return new Asked(String.valueOf(asked.string("device_code")), String.valueOf(asked.string("user_code")));
    }

    private HttpResponse<String> got(RunningGateway at, Asked asked) {
        return TestAgent.client(at).get(key.agent(), svid(), asked.device());
    }

    private static @Nullable String error(HttpResponse<String> answer) {
        return TestAgent.json(answer.body()).string("error");
    }

    /** Refuses what a test left open, so that the next one may ask. */
    private static void refuse(PageVisitor visitor, Asked asked) {
        HttpResponse<String> answer = visitor.post("/start", PageVisitor.form(visitor.get(asked.path()), "refuse"));
        assertThat(answer.body()).contains("You refused this task");
    }

    private static Map<String, String> with(Map<String, String> form, String name, String value) {
        Map<String, String> changed = new HashMap<>(form);
        changed.put(name, value);
        return changed;
    }

    @Test
    void human_seesTypesAndAllows_andTheAgentCalls() {
        Asked asked = ask("typed");
        assertThat(error(got(gateway, asked))).isEqualTo("authorization_pending");
        PageVisitor alice = new PageVisitor(other);
        HttpResponse<String> page = alice.signedInAt(asked.path());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains(asked.first(), "release-bot", TestWorkloads.RELEASE_BOT, "payments", "127.0.0.1")
                .contains("Read and write the documents of one project")
                .contains("Look at the &lt;script&gt;alert(1)&lt;/script&gt; runbooks")
                .contains("It can delete nothing.")
                .contains("within secret/docs/payments")
                .contains("At most 100000 calls in all.", "Running now")
                .doesNotContain("<script", asked.second());
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none'; style-src 'sha256-");
        assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
        Map<String, String> form = PageVisitor.form(page, "allow");
        assertThat(alice.post("/start", with(form, "confirm", "XXXX")).statusCode())
                .isEqualTo(404);
        assertThat(error(got(gateway, asked))).isEqualTo("slow_down");
        provider.asked.clear();
        String typed = asked.second().toLowerCase(java.util.Locale.ROOT);
        HttpResponse<String> done =
                alice.get(PageVisitor.atProvider(alice.post("/start", with(form, "confirm", typed))));
        assertThat(done.body()).contains("You allowed this task");
        assertThat(provider.asked.get(0)).containsEntry("max_age", "300");
        assertThat(alice.get(asked.path()).statusCode()).isEqualTo(404);

        HttpResponse<String> got = got(other, asked);
        assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
        assertThat(got(gateway, asked).body()).isEqualTo(got.body());
        TestAgent agent =
                new TestAgent(key, String.valueOf(TestAgent.json(got.body()).string("access_token")), List.of());
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        JsonObject consent = Jws.claims(agent.token()).object("consent");
        assertThat(consent.string("by")).isEqualTo("page");
        JsonObject context = Jws.claims(
                        upstream.seen().get(upstream.seen().size() - 1).header("Txn-Token"))
                .object("tctx");
        assertThat(context.object("consent")).isEqualTo(consent);
        assertThat(context.members()).containsKey("plan");
        List<String> kinds = gateway.records().stream()
                .map(TestAgent::json)
                .filter(record -> "start-request".equals(record.string("kind")))
                .map(record -> record.string("what"))
                .toList();
        assertThat(kinds).contains("opened");
    }

    @Test
    void page_saysOfEachRule_whatAViolationLeadsTo() {
        Asked asked = ask("ruled");
        PageVisitor alice = new PageVisitor(gateway);
        String page = alice.signedInAt(asked.path()).body().replaceAll("</?code>", "`");
        assertThat(page)
                .contains("`vault:kv.write` may be called at most 2 times within 90m with the same resource."
                        + " A call against this ends the task at once.</li>")
                .contains("`vault:kv.write` may be called only once `vault:kv.read` succeeded.</li>")
                .contains(
                        "<li>Before a call of `vault:kv.write`. Nobody is asked where resource is within secret/payments.</li>")
                .contains("to at most 3 other agents")
                .contains("<li>When a rule forbids a call.</li>")
                .contains("A call that acts on content that nobody vouches for ends the task at once.")
                .contains("A call that a human refused ends the task at once if the agent makes it again.")
                .contains("3 refused calls within 1 minute end it.")
                // An entry for all that it reads with any values, and none that a client sends by itself among the
                // changes.
                .contains("What it can change</h2><ul class=\"calls\"><li><strong>Change:</strong> `vault:kv.write`<ul")
                .contains("<li><strong>Read:</strong> `vault:kv.read`<span")
                .contains("What its client sends by itself, to connect and stay connected</h2><p>`tools:initialize`, ")
                .contains("`tools:session.reply`")
                // Its name does not make a message that nobody reviewed one of the protocol.
                .contains("<strong>Do what nobody has reviewed:</strong> `tools:secrets.list`")
                .doesNotContain("Change:</strong> `tools:session")
                .doesNotContain("may not be called", "beyond a limit", "A call against a rule");
        refuse(alice, asked);
    }

    @Test
    void template_thatNeedsNoCode_isAllowedByAClick() {
        Asked asked = ask("clicked");
        PageVisitor alice = new PageVisitor(gateway);
        HttpResponse<String> page = alice.signedInAt(asked.path());
        assertThat(page.body()).doesNotContain("name=\"confirm\"");
        HttpResponse<String> done =
                alice.get(PageVisitor.atProvider(alice.post("/start", PageVisitor.form(page, "allow"))));
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
        assertThat(provider.asked.get(1)).containsEntry("max_age", "0").containsEntry("resource", Approver.AUDIENCE);
        assertThat(got(gateway, asked).statusCode()).isEqualTo(200);
    }

    /** A companion that asks for a task; its command reads one document. */
    private static Process companion() throws IOException {
        Path svid = Files.writeString(directory.resolve("agent.svid"), svid());
        return new ProcessBuilder(new Companion(
                                Map.of(),
                                List.of(
                                        "--gateway",
                                        gateway.address().toString(),
                                        "--ask",
                                        "--purpose",
                                        "for a test",
                                        "--template",
                                        "clicked",
                                        "--param",
                                        "project=payments",
                                        "--svid",
                                        "@" + svid))
                        .command("sh", "-c", "curl -sf $ERRAND_ROUTE_VAULT/v1/secret/data/docs/payments/a"))
                .start();
    }

    private static List<String> requests() {
        return gateway.records().stream()
                .filter(line -> line.contains("\"kind\":\"start-request\""))
                .toList();
    }

    @Test
    void companion_thatIsInterrupted_withdrawsItsRequest() throws Exception {
        int before = requests().size();
        Process process = companion();
        try {
            await().atMost(30, TimeUnit.SECONDS).until(() -> requests().size() > before);
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
            assertThat(requests().subList(before, requests().size()))
                    .hasSize(2)
                    .last()
                    .asString()
                    .contains("expired");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void companion_asksAndWaits_andItsCommandCalls() throws Exception {
        Process process = companion();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            String first = said.readLine();
            while (first != null && !first.contains("user_code=")) {
                first = said.readLine();
            }
            Matcher code = Pattern.compile("open (\\S+)\\?user_code=([A-Z]{4}) and allow the task; code \\2-[A-Z]{4}")
                    .matcher(String.valueOf(first));
            assertThat(code.find()).as(first).isTrue();
            assertThat(code.group(1)).isEqualTo(RunningGateway.ISSUER + "/start");
            PageVisitor alice = new PageVisitor(gateway);
            HttpResponse<String> page = alice.signedInAt("/start?user_code=" + code.group(2));
            assertThat(page.body()).contains("for a test");
            alice.get(PageVisitor.atProvider(alice.post("/start", PageVisitor.form(page, "allow"))));
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(said.lines().collect(Collectors.joining("\n")))
                    .isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void narrowerPlan_isShown_andGovernsOnEveryReplica() {
        String start = EXPLORE.replace("TEMPLATE", "clicked")
                .replace("\"purpose\"", "\"sequence\":[{\"vault:kv.read\":2}],\"purpose\"");
        JsonObject codes = TestAgent.client(gateway)
                .ask(key.agent(), new AgentClient.Start(null, "jwt", svid(), Jws.object(start), null));
        Asked asked = new Asked(String.valueOf(codes.string("device_code")), String.valueOf(codes.string("user_code")));
        PageVisitor alice = new PageVisitor(other);
        HttpResponse<String> page = alice.signedInAt(asked.path());
        assertThat(page.body()).contains("<ol><li><code>vault:kv.read</code>, 2 times</li></ol>");
        alice.get(PageVisitor.atProvider(alice.post("/start", PageVisitor.form(page, "allow"))));
        TestAgent agent = new TestAgent(
                key, String.valueOf(TestAgent.json(got(gateway, asked).body()).string("access_token")), List.of());
        assertThat(agent.call(other, "POST", "/vault/v1/secret/data/docs/payments/a", "{\"data\":{}}")
                        .headers()
                        .firstValue("Errand-Code"))
                .hasValue("sequence-violation");
    }

    @Test
    void oldOrWeakSignIn_allowsNothing() {
        Asked asked = ask("strong");
        PageVisitor alice = new PageVisitor(gateway);
        Map<String, String> form = PageVisitor.form(alice.signedInAt(asked.path()), "allow");
        HttpResponse<String> weak = alice.get(PageVisitor.atProvider(alice.post("/start", form)));
        assertThat(weak.statusCode()).isEqualTo(403);
        assertThat(weak.body()).contains("You must sign in more strongly");
        assertThat(provider.asked.get(1)).containsEntry("acr_values", "urn:mfa");
        provider.more = ",\"acr\":\"urn:mfa\"";
        provider.signedInSecondsAgo = 60;
        assertThat(alice.get(PageVisitor.atProvider(alice.post("/start", form))).statusCode())
                .isEqualTo(403);
        provider.signedInSecondsAgo = 0;
        assertThat(alice.get(PageVisitor.atProvider(alice.post("/start", form))).body())
                .contains("You allowed this task");
        got(gateway, asked);
    }

    @Test
    void decision_isBoundToHumanSessionAndForm() {
        Asked asked = ask("clicked");
        PageVisitor alice = new PageVisitor(gateway);
        Map<String, String> form = PageVisitor.form(alice.signedInAt(asked.path()), "allow");
        provider.subject = "bob";
        PageVisitor bob = new PageVisitor(gateway);
        bob.signedInAt(asked.path());
        assertThat(bob.post("/start", form).statusCode()).isEqualTo(403);
        assertThat(alice.post("/start", with(form, "token", "")).statusCode()).isEqualTo(403);
        assertThat(alice.post("/start", with(form, "digest", "sha-256:" + "A".repeat(43)))
                        .statusCode())
                .isEqualTo(409);
        assertThat(new PageVisitor(gateway).post("/start", form).statusCode()).isEqualTo(303);
        // The sign-in that alice began is ended by bob, at the provider and in another browser.
        String callback = PageVisitor.atProvider(alice.post("/start", form));
        assertThat(bob.get(callback).statusCode()).isEqualTo(400);
        HttpResponse<String> another = alice.get(callback);
        assertThat(another.statusCode()).isEqualTo(403);
        assertThat(another.body()).contains("You signed in as somebody else");
        assertThat(error(got(gateway, asked))).isEqualTo("authorization_pending");
        refuse(bob, asked);
        assertThat(error(got(gateway, asked))).isEqualTo("access_denied");
    }

    @Test
    void wrongForeignAndUsedCodes_answerAlike_andAreBounded() throws Exception {
        Asked asked = ask("clicked");
        provider.group = "visitors";
        provider.subject = "mallory";
        PageVisitor mallory = new PageVisitor(gateway);
        HttpResponse<String> foreign = mallory.signedInAt(asked.path());
        assertThat(foreign.statusCode()).isEqualTo(404);
        HttpResponse<String> unknown = mallory.get("/start?user_code=ZZZZ");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).isEqualTo(foreign.body());
        for (int i = 2; i < 10; i++) {
            assertThat(mallory.get("/start?user_code=ZZZZ").statusCode())
                    .as("try %s", i)
                    .isEqualTo(404);
        }
        assertThat(mallory.get("/start?user_code=ZZZZ").statusCode()).isEqualTo(429);
        HttpResponse<String> stranger = TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create(gateway.address() + asked.path()))
                        .header("Accept", "text/html")
                        .build(),
                BodyHandlers.ofString());
        assertThat(stranger.statusCode()).isEqualTo(302);
        provider.subject = "alice";
        provider.group = "release-managers";
        PageVisitor alice = new PageVisitor(other);
        assertThat(alice.signedInAt("/start").body()).contains("The first four letters of the code");
        refuse(alice, asked);
    }

    @Test
    void tokenOfASignIn_startsNoTaskElsewhere_andIsNoSession() {
        Asked asked = ask("clicked");
        String token = new Approver(provider.human(), "alice").token(Approver.AUDIENCE, "release-managers", "");
        AgentClient.Start start = new AgentClient.Start(
                token,
                "jwt",
                svid(),
                Jws.object("{\"template\":\"clicked\",\"parameters\":{\"project\":\"payments\"}}"),
                null);
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> TestAgent.client(gateway).start(key.agent(), start))
                .hasMessageContaining("invalid_request");
        PageVisitor alice = new PageVisitor(gateway);
        alice.signedInAt(asked.path());
        refuse(alice, asked);
    }
}
