package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** Operators sign in to the console at their identity provider, in a browser and by what a browser sends. */
@Tag("chromium")
class ConsoleSignInIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static OperatorProvider provider;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        provider = new OperatorProvider();
        upstream = new RecordingUpstream();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("operators.jwks", provider.jwks());
        entry(builder, 0, "on-call", "OPERATE", "sre");
        entry(builder, 1, "guests", "VIEW", "everybody");
        gateway = builder.property("errand.operators[0].login.client-id", "errand-console")
                .start();
        browser = new Browser();
    }

    private static void entry(RunningGateway.Builder builder, int place, String name, String role, String group) {
        String entry = "errand.operators[" + place + "].";
        builder.property(entry + "name", name)
                .property(entry + "role", role)
                .property(entry + "issuer", provider.issuer())
                .property(entry + "jwks", "file:operators.jwks")
                .property(entry + "audience", "errand-operators")
                .property(entry + "claim", "groups")
                .property(entry + "any[0]", group);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        gateway.close();
        upstream.close();
        provider.close();
    }

    @BeforeEach
    void forget() {
        provider.group = "sre";
        provider.instead = "";
        provider.asked.clear();
        browser.open(url("/"));
        browser.forget();
        browser.open("about:blank");
    }

    private static String url(String path) {
        return "http://127.0.0.1:" + gateway.managementPort() + path;
    }

    private static void signIn(String path) {
        browser.open(url(path));
        browser.see(".providers a", "Sign in as on-call").click();
    }

    @Test
    void operator_signsInAtTheProvider_endsATask_andSignsOut() {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        agent.get(gateway, TestAgent.READ);
        signIn("/#/task/" + agent.task());
        browser.see("#who", "on-call");
        assertThat(provider.asked).hasSize(1);
        assertThat(provider.asked.get(0))
                .containsEntry("client_id", "errand-console")
                .doesNotContainKey("resource")
                .containsEntry("response_type", "code")
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("redirect_uri", url("/console/callback/on-call"));
        assertThat(browser.url()).as("where the operator wanted to go").endsWith("#/task/" + agent.task());
        assertThat(browser.run("return document.cookie === ''"))
                .as("no script reads the session's cookie")
                .isEqualTo(true);
        assertThat(provider.asked.toString() + browser.url()).doesNotContain(secret());

        browser.see(".title .act button").click();
        browser.see("dialog input[required]").sendKeys("by the provider", Keys.ENTER);
        browser.see("dialog .actions button.main").click();
        browser.see(".title .badge.interrupted");
        assertThat(gateway.records())
                .anyMatch(line -> line.contains(
                                "\"by\":\"operator:on-call\",\"iss\":\"" + provider.issuer() + "\",\"sub\":\"ops:1\"")
                        && line.contains("by the provider"));

        browser.see("#who button").click();
        browser.see("#token");
        browser.open("about:blank").open(url("/"));
        browser.see("#token");
        assertThat(secret()).isEmpty();
    }

    /** The second secret of the session, which the page alone has. */
    private static String secret() {
        return String.valueOf(browser.run("return localStorage.getItem('errand-operator-session') || ''"));
    }

    @Test
    void session_isThatOfEveryTab_andOfNoOtherPort() throws Exception {
        signIn("/");
        browser.see("#who", "on-call");
        browser.tab(url("/#/locks"));
        browser.see("#who", "on-call");
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        agent.get(gateway, TestAgent.READ);
        try (AttackersPort attacker = new AttackersPort()) {
            browser.tab(attacker.page("127.0.0.1", List.of(), url("/")));
            browser.see("#who", "on-call");
            assertThat(attacker.cookies).singleElement().asString().contains("__Host-errand-operator=");
            String stolen = attacker.cookies.get(0);
            for (String path : List.of("/tasks", "/configuration", "/decisions", "/actuator/prometheus")) {
                assertThat(send("GET", path, stolen, "same-origin", url("")))
                        .as(path)
                        .isEqualTo(401);
            }
            String body = "{\"all\":true,\"why\":\"stolen\"}";
            assertThat(send("POST", "/tasks/interrupt", stolen, "same-origin", url(""), null, body))
                    .isEqualTo(401);
            assertThat(send("POST", "/tasks/interrupt", stolen, "same-origin", url(""), "A".repeat(43), body))
                    .isEqualTo(401);
        }
        assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
    }

    @Test
    void humanWhoIsNoOperator_isToldSo() {
        provider.group = "sales";
        signIn("/");
        browser.see(".fault", "you are no operator");
        provider.instead = "error=access_denied";
        browser.see(".providers a").click();
        browser.see(".fault", "Nobody signed in");
        assertThat(browser.url()).isEqualTo(url("/"));
    }

    @Test
    void viewer_bySession_changesNothing_andMaySignOut() {
        provider.group = "everybody";
        signIn("/");
        browser.see("#who", "guests (may look)");
        assertThat(browser.runAsync(
                        "const [secret, done] = arguments; fetch('/tasks/interrupt', {method: 'POST',"
                                + " headers: {'Errand-Console': secret}, body: '{\"all\":true,\"why\":\"x\"}'})"
                                + ".then(answer => done(answer.status))",
                        secret()))
                .isEqualTo(403L);
        browser.see("#who button").click();
        browser.see("#token");
    }

    @Test
    void session_isOfOurOwnPageAlone() throws Exception {
        signIn("/");
        browser.see("#who", "on-call");
        String cookie = "__Host-errand-operator=" + browser.cookie("__Host-errand-operator");
        String secret = secret();
        assertThat(send("GET", "/tasks", cookie, null, null, secret, "")).isEqualTo(200);
        assertThat(send("GET", "/tasks", cookie, null, null)).isEqualTo(401);
        assertThat(send("GET", "/tasks", cookie, "cross-site", null, secret, ""))
                .isEqualTo(403);
        assertThat(send("GET", "/tasks", cookie, null, "http://evil.example", secret, ""))
                .isEqualTo(403);
        assertThat(send("POST", "/tasks/interrupt", cookie, null, null, secret, "{}"))
                .as("no page says that it asks")
                .isEqualTo(401);
        assertThat(send("POST", "/tasks/interrupt", cookie, "same-origin", url(""), secret, "{}"))
                .isEqualTo(400);
        assertThat(send("GET", "/tasks", cookie + "; " + cookie, null, null, secret, ""))
                .isEqualTo(401);
        assertThat(send("GET", "/tasks", "__Host-errand-operator=" + "A".repeat(43), null, null, secret, ""))
                .isEqualTo(401);
    }

    private static int send(String method, String path, String cookie, @Nullable String site, @Nullable String origin)
            throws Exception {
        return send(method, path, cookie, site, origin, null, "");
    }

    private static int send(
            String method,
            String path,
            String cookie,
            @Nullable String site,
            @Nullable String origin,
            @Nullable String secret,
            String body)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(path)))
                .header("Cookie", cookie)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (secret != null) {
            request.header("Errand-Console", secret);
        }
        if (site != null) {
            request.header("Sec-Fetch-Site", site);
        }
        if (origin != null) {
            request.header("Origin", origin);
        }
        return TestAgent.HTTP.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    @Test
    void wayBack_thatNobodyBegan_signsNobodyIn() throws Exception {
        for (String query : List.of("?code=x&state=y", "", "?error=access_denied", "?code=x&code=y&state=z")) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url("/console/callback/on-call" + query)))
                    .header("Sec-Fetch-Mode", "navigate")
                    .header("Sec-Fetch-Dest", "document")
                    .header("Sec-Fetch-Site", "cross-site");
            HttpResponse<Void> answer = TestAgent.HTTP.send(request.build(), BodyHandlers.discarding());
            assertThat(answer.statusCode()).as(query).isEqualTo(303);
            assertThat(answer.headers().firstValue("Location")).hasValue("/#denied");
            assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
        }
    }
}
