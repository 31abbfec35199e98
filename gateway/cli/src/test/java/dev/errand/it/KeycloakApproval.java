package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.errand.FreePort;
import dev.errand.cli.AgentClient;
import dev.errand.it.Approver.Asked;
import dev.errand.json.JsonValue.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/**
 * People sign in at a real Keycloak, in a real browser on a phone, and approve. The realm is set up as docs/approvals.md says: a password
 * is the level {@code silver}, a password and an app's code are {@code gold}. Run by {@link KeycloakIT}.
 */
abstract class KeycloakApproval {
    private static final TestHuman STARTER = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final TimedPassword APP = new TimedPassword("a-secret-of-20-bytes");
    private static final String DOC = "/vault/v1/secret/data/docs/payments/a";
    private static final Page COMMANDS = new Page("docs/approvals.md");
    private static final String READ = "May the agent make this call?";

    private static final String CODE = """
            ,{"type": "otp", "secretData": "{\\"value\\":\\"%s\\"}",
              "credentialData": "{\\"subType\\":\\"totp\\",\\"digits\\":6,\\"period\\":30,\\"algorithm\\":\\"HmacSHA1\\"}"}""".formatted(APP.secret());

    private static final String LEVELS = """
            ,"browserFlow": "levels", "otpPolicyCodeReusable": true, "attributes": {"acr.loa.map": "{\\"silver\\":1,\\"gold\\":2}"},
             "authenticatorConfig": [
              {"alias": "level 1", "config": {"loa-condition-level": "1", "loa-max-age": "36000"}},
              {"alias": "level 2", "config": {"loa-condition-level": "2", "loa-max-age": "0"}}],
             "authenticationFlows": [
              {"alias": "levels", "providerId": "basic-flow", "topLevel": true, "builtIn": false, "authenticationExecutions": [
               {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE", "priority": 10},
               {"flowAlias": "forms", "authenticatorFlow": true, "requirement": "ALTERNATIVE", "priority": 20}]},
              {"alias": "forms", "providerId": "basic-flow", "topLevel": false, "builtIn": false, "authenticationExecutions": [
               {"flowAlias": "password", "authenticatorFlow": true, "requirement": "CONDITIONAL", "priority": 10},
               {"flowAlias": "code", "authenticatorFlow": true, "requirement": "CONDITIONAL", "priority": 20}]},
              {"alias": "password", "providerId": "basic-flow", "topLevel": false, "builtIn": false, "authenticationExecutions": [
               {"authenticator": "conditional-level-of-authentication", "authenticatorConfig": "level 1", "requirement": "REQUIRED", "priority": 10},
               {"authenticator": "auth-username-password-form", "requirement": "REQUIRED", "priority": 20}]},
              {"alias": "code", "providerId": "basic-flow", "topLevel": false, "builtIn": false, "authenticationExecutions": [
               {"authenticator": "conditional-level-of-authentication", "authenticatorConfig": "level 2", "requirement": "REQUIRED", "priority": 10},
               {"authenticator": "auth-otp-form", "requirement": "REQUIRED", "priority": 20}]}]
            """;

    private static final String ASKED = """
            template: asked
            description: Replace one document
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [release-managers], consent: task}
            lifetime: 30m
            allow: {"vault:kv.write": {resource: {pinned: {path_containment: secret/docs}}}}
            start: {acr: gold, max-age: 5m}
            on-violation: {repeated: {denials: 5, within: 60s, then: deny}}
            """;

    @TempDir
    private static Path directory;

    private static String pages;
    private static KeycloakRealm realm;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static HttpServer chat;

    private PhoneChromium phone;

    @BeforeAll
    static void start() throws Exception {
        int port = FreePort.next();
        pages = "http://localhost:" + port;
        String client = """
                {"clientId": "errand-approvals", "enabled": true, "publicClient": false, "secret": "of-this-test",
                 "standardFlowEnabled": true, "directAccessGrantsEnabled": false,
                 "redirectUris": ["%s/approvals/callback"], "attributes": {"pkce.code.challenge.method": "S256"},
                 "protocolMappers": %s}""".formatted(pages, KeycloakRealm.mappers(Approver.AUDIENCE));
        realm = KeycloakIT.keycloak.realm(
                "approvals",
                KeycloakRealm.text(
                        "approvals", CODE, client + "," + KeycloakRealm.commandLine(Approver.AUDIENCE), LEVELS));
        upstream = new RecordingUpstream();
        String by = "by: {claim: groups, any: [release-managers], clients: [errand-approvals, " + KeycloakRealm.CLIENT
                + "], issuer: \"" + realm.issuer() + "\"";
        gateway = RunningGateway.with()
                .trusting(STARTER, WORKLOADS)
                .upstream(upstream)
                .property("server.port", String.valueOf(port))
                .property("errand.trust.humans[0].issuer", realm.issuer())
                .property("errand.trust.humans[0].discovery", "true")
                .property("errand.trust.humans[0].audience", "errand")
                .property("errand.trust.humans[1].issuer", STARTER.issuer())
                .property("errand.trust.humans[1].jwks", "file:idp.jwks")
                .property("errand.trust.humans[1].audience", "errand")
                .property("errand.console.login.issuer", realm.issuer())
                .property("errand.console.login.client-id", "errand-approvals")
                .property("errand.console.login.secret-file", "file:credentials/login")
                .property("errand.approvals.url", pages)
                .file("credentials/login", "of-this-test")
                .file("tasks/fresh.yaml", Approver.template("fresh", by + ", acr: [silver], fresh: true}", ""))
                .file("tasks/strong.yaml", Approver.template("strong", by + ", acr: [gold], max-age: 5m}", ""))
                .file("tasks/asked.yaml", ASKED)
                .file("tasks/never.yaml", Approver.template("never", by + ", acr: [platinum]}", ""))
                .start();
        chat = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        chat.createContext("/", exchange -> {
            byte[] page = ("<a href=\"" + exchange.getRequestURI().getQuery() + "\">please approve</a>")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        chat.start();
    }

    @AfterAll
    static void stop() {
        chat.stop(0);
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void open() {
        phone = new PhoneChromium(directory.resolve("profile" + System.nanoTime()));
        upstream.forget();
    }

    @AfterEach
    void quit() {
        phone.close();
    }

    private static TestAgent agent(String template) {
        return Templates.started(gateway, STARTER, WORKLOADS, template);
    }

    private static HttpResponse<String> write(TestAgent agent) {
        return agent.call(gateway, "POST", DOC, Map.of("Content-Type", "application/json"), "{\"data\":\"x\"}");
    }

    private static Asked asked(TestAgent agent) {
        HttpResponse<String> answer = write(agent);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        return Asked.of(answer);
    }

    /** From a link of another site to the page of the request, by the password. */
    private void follow(Asked asked) {
        phone.driver.get("http://127.0.0.1:" + chat.getAddress().getPort() + "/?" + pages + "/approvals/" + asked.id());
        phone.driver.findElement(By.tagName("a")).click();
        phone.driver.findElement(By.id("username")).sendKeys("ada");
        password();
        phone.awaitHeading(READ);
        assertThat(phone.driver.getCurrentUrl()).isEqualTo(pages + "/approvals/" + asked.id());
    }

    private void password() {
        phone.driver.findElement(By.id("password")).sendKeys(Keycloak.PASSWORD);
        phone.driver.findElement(By.id("kc-login")).click();
    }

    private void code() {
        phone.driver.findElement(By.id("otp")).sendKeys(APP.now());
        phone.driver.findElement(By.id("kc-login")).click();
    }

    /** Keycloak counts whole seconds: within the second of a sign-in there is no older one. */
    private void press(String button) {
        await().pollDelay(Duration.ofMillis(2_100)).until(() -> true);
        phone.driver.findElement(By.cssSelector("button." + button)).click();
    }

    @Test
    void approval_needsANewSignIn_andTheCallPassesOnce() {
        TestAgent agent = agent("fresh");
        Asked asked = asked(agent);
        follow(asked);
        assertThat(phone.driver.findElement(By.tagName("header")).getText()).contains("ada");
        phone.look("request");
        press("approve");
        // Keycloak knows her, and asks for the password all the same.
        password();
        phone.awaitHeading("You approved this call");
        phone.look("approved");
        assertThat(write(agent).statusCode()).isEqualTo(200);
        assertThat(upstream.seen()).hasSize(1);
        assertThat(asked(agent).id()).isNotEqualTo(asked.id());
        assertThat(upstream.seen()).hasSize(1);
    }

    @Test
    void refusal_needsANewSignIn_too() {
        TestAgent agent = agent("fresh");
        follow(asked(agent));
        press("refuse");
        password();
        phone.awaitHeading("You refused this call");
        assertThat(write(agent).headers().firstValue("Errand-Code")).hasValue("approval-refused");
    }

    @Test
    void approval_thatNeedsMore_hasKeycloakAskForIt() {
        TestAgent agent = agent("strong");
        follow(asked(agent));
        press("approve");
        code();
        phone.awaitHeading("You approved this call");
        assertThat(write(agent).statusCode()).isEqualTo(200);
        assertThat(upstream.seen()).hasSize(1);
    }

    @Test
    void signInThatIsNotStrongEnough_isSaid_andDecidesNothing() {
        TestAgent agent = agent("never");
        Asked asked = asked(agent);
        follow(asked);
        press("approve");
        phone.awaitHeading("You must sign in more strongly");
        phone.look("too-weak");
        assertThat(asked(agent).id()).isEqualTo(asked.id());
    }

    /** An agent asks for a task, without a token of a human: the page has its value, and Keycloak asks for the stronger sign-in. */
    @Test
    void task_isAllowedOnThePage_withItsValue_byAStrongerSignIn() {
        TestKey key = TestKey.ed25519("agent");
        AgentClient client = TestAgent.client(gateway);
        String svid = WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
        JsonObject asked = client.ask(
                key.agent(),
                new AgentClient.Start(
                        null,
                        "jwt",
                        svid,
                        Jws.object("{\"template\":\"asked\",\"parameters\":{},\"purpose\":\"Correct the runbook\"}"),
                        Jws.object("""
                                {"vault:kv.write":{"resource":{"constraint_type":"exact","value":"secret/docs/payments/a"}}}""")));
        phone.driver.get(String.valueOf(asked.string("verification_uri_complete")));
        phone.driver.findElement(By.id("username")).sendKeys("ada");
        password();
        WebElement confirm = phone.driver.findElement(By.id("confirm"));
        assertThat(phone.driver.findElement(By.tagName("main")).getText())
                .contains(
                        "secret/docs/payments/a",
                        "Correct the runbook",
                        "Replace one document",
                        "as often as it wants");
        phone.look("start");
        confirm.sendKeys(String.valueOf(asked.string("user_code")).substring(5));
        press("approve");
        code();
        phone.awaitHeading("You allowed this task");
        phone.look("allowed");

        HttpResponse<String> got = client.get(key.agent(), svid, String.valueOf(asked.string("device_code")));
        assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
        TestAgent agent =
                new TestAgent(key, String.valueOf(TestAgent.json(got.body()).string("access_token")), List.of());
        assertThat(write(agent).statusCode()).isEqualTo(200);
        HttpResponse<String> other =
                agent.call(gateway, "POST", DOC + "b", Map.of("Content-Type", "application/json"), "{\"data\":\"x\"}");
        assertThat(other.headers().firstValue("Errand-Code")).hasValue("constraint-violated");
        assertThat(upstream.seen()).hasSize(1);
    }

    /** The commands of docs/approvals.md: the challenge says which sign-in is needed, and such a sign-in decides. */
    @Test
    void challenge_namesTheSignIn_andOneAsItSaysDecides() throws Exception {
        TestAgent agent = agent("strong");
        Asked asked = asked(agent);
        List<String> commands = COMMANDS.block("errand login --issuer https://idp.example.org --client-id")
                .lines()
                .toList();
        assertThat(acr(commands.get(0), url -> new KeycloakBrowser().logIn(url, "ada", Keycloak.PASSWORD)))
                .isEqualTo("silver");
        try (ErrandShell shell = new ErrandShell(directory)) {
            String approve = "echo y | "
                    + commands.get(1)
                            .replace("a-8RfX…", asked.id())
                            .replace(
                                    "https://gateway.example.org",
                                    gateway.address().toString());
            assertThat(shell.ran(approve))
                    .contains(
                            "the gateway answered 401",
                            "error=\"insufficient_user_authentication\"",
                            "acr_values=\"gold\"",
                            "max_age=\"300\"");
            String stronger = COMMANDS.block("errand login --issuer https://idp.example.org/realms/main")
                    .strip();
            assertThat(acr(stronger, url -> new KeycloakBrowser().logIn(url, "ada", Keycloak.PASSWORD, APP.now())))
                    .isEqualTo("gold");
            assertThat(shell.succeeded(approve)).contains("\"state\":\"approved\"");
        }
        assertThat(write(agent).statusCode()).isEqualTo(200);
    }

    /** The level of the sign-in by a command of the page, whose token is then in the file that the command names. */
    private static String acr(String command, CommandLineLogin.Human human) throws Exception {
        List<String> words = new ArrayList<>(List.of(command.replaceFirst("https://idp[^ ]*", realm.issuer())
                .replace("--client-id errand-approvals", "--client-id " + KeycloakRealm.CLIENT)
                .split(" ")));
        words.remove(0);
        Path file = directory.resolve(words.get(words.size() - 1));
        words.set(words.size() - 1, file.toString());
        CommandLineLogin.typed(words, human);
        return String.valueOf(Jws.claims(Files.readString(file).strip()).string("acr"));
    }
}
