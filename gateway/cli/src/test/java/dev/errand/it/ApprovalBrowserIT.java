package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import dev.errand.it.Approver.Asked;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;

/** People approve in a real browser, on a phone, from a link of a chat. Run by the profile {@code real-servers}. */
@Tag("chromium")
class ApprovalBrowserIT {
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final String DOC = "/vault/v1/secret/data/docs/payments/";

    @TempDir
    private static Path directory;

    private static String pages;
    private static TestProvider provider;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    private final List<TestAgent> agents = new ArrayList<>();
    private PhoneChromium phone;

    @BeforeAll
    static void start() throws Exception {
        int port = FreePort.next();
        pages = "http://localhost:" + port;
        provider = new TestProvider(pages + "/approvals/callback");
        upstream = new RecordingUpstream();
        String by = "by: {claim: groups, any: [approvers], fresh: true}, limit: {capacity: 1000, per: 1h}, pending: 16";
        gateway = RunningGateway.with()
                .trusting(provider.human(), WORKLOADS)
                .upstream(upstream)
                .property("server.port", String.valueOf(port))
                .property("errand.trust.humans[0].issuer", provider.issuer())
                .property("errand.trust.humans[0].jwks", "file:idp.jwks")
                .property("errand.trust.humans[0].audience", "errand")
                .property("errand.console.login.issuer", provider.issuer())
                .property("errand.console.login.client-id", Approver.CLIENT)
                .property("errand.console.login.secret-file", "file:credentials/login")
                .property("errand.approvals.url", pages)
                .file("credentials/login", TestProvider.SECRET)
                .file("tasks/careful.yaml", Approver.template("careful", by, ""))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        provider.close();
    }

    @BeforeEach
    void open() {
        phone = new PhoneChromium(directory.resolve("profile" + System.nanoTime()));
        provider.more = ",\"email\":\"alice@example.org\"";
        upstream.forget();
    }

    @AfterEach
    void quit() {
        phone.close();
        // Its requests end with it, and are in no list of the next test.
        agents.forEach(agent -> agent.end(gateway));
    }

    private TestAgent agent() {
        provider.subject = "starter@example.org";
        provider.group = "release-managers";
        try {
            TestAgent agent = Templates.started(gateway, provider.human(), WORKLOADS, "careful");
            agents.add(agent);
            return agent;
        } finally {
            provider.subject = "alice";
            provider.group = "approvers";
        }
    }

    private static HttpResponse<String> write(TestAgent agent, String name) {
        return agent.call(gateway, "POST", DOC + name, Map.of("Content-Type", "application/json"), "{\"data\":\"x\"}");
    }

    private static String asked(TestAgent agent, String name) {
        HttpResponse<String> answer = write(agent, name);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
        return Asked.of(answer).id();
    }

    /** Follows the link of a message on another site. */
    private void follow(String id) {
        phone.driver.get(provider.chat(pages + "/approvals/" + id));
        phone.driver.findElement(By.tagName("a")).click();
    }

    private void press(String button) {
        phone.driver.findElement(By.cssSelector("button." + button)).click();
    }

    @Test
    void fromALink_signInReadAndApprove() {
        TestAgent agent = agent();
        String id = asked(agent, "a");
        follow(id);
        phone.awaitHeading("May the agent make this call?");
        assertThat(phone.driver.getCurrentUrl()).isEqualTo(pages + "/approvals/" + id);
        String text = phone.driver.findElement(By.tagName("body")).getText();
        assertThat(text)
                .contains("vault:kv.write", "secret/docs/payments/a", "starter@example.org", "alice@example.org")
                .contains("The call is not in the plan of the task");
        phone.look("request-light");
        phone.prefer("dark");
        phone.look("request-dark");
        press("approve");
        phone.awaitHeading("You approved this call");
        phone.look("approved-dark");
        phone.prefer("light");
        phone.look("approved-light");
        phone.driver.navigate().refresh();
        phone.awaitHeading("This call is approved");
        assertThat(write(agent, "a").statusCode()).isEqualTo(200);
        assertThat(upstream.seen()).hasSize(1);
        phone.driver.get(pages + "/approvals");
        phone.awaitHeading("Nothing waits for you");
        phone.look("list-empty");
    }

    @Test
    void list_leadsToARefusal() {
        TestAgent agent = agent();
        String id = asked(agent, "quarterly-report");
        agent.call(
                gateway,
                "DELETE",
                DOC + "a-very-long-name-that-goes-on-and-on-until-no-phone-shows-it-on-one-line",
                null);
        phone.driver.get(pages + "/approvals");
        phone.awaitHeading("2 calls wait for you");
        phone.look("list-light");
        phone.prefer("dark");
        phone.look("list-dark");
        phone.driver
                .findElement(By.cssSelector("a[href='" + pages + "/approvals/" + id + "']"))
                .click();
        phone.awaitHeading("May the agent make this call?");
        press("refuse");
        phone.awaitHeading("You refused this call");
        phone.look("refused-dark");
        assertThat(write(agent, "quarterly-report").headers().firstValue("Errand-Code"))
                .hasValue("approval-refused");
        phone.driver.get(pages + "/approvals/" + id);
        phone.awaitHeading("This call was refused");
        phone.look("was-refused-dark");
    }

    @Test
    void whateverAnAgentChose_isText_andNoScriptRuns() {
        provider.more = ",\"email\":\"<img src=x onerror=document.title='owned'>\"";
        TestAgent agent = agent();
        String hostile = "<img src=x onerror=document.title='owned'>\"'`&lt";
        String id = asked(agent, "%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D'owned'%3E%22'%60%26lt");
        phone.driver.get(pages + "/approvals/" + id);
        phone.awaitHeading("May the agent make this call?");
        assertThat(phone.driver
                        .findElement(By.cssSelector(".asked .large code"))
                        .getText())
                .isEqualTo("secret/docs/payments/" + hostile);
        assertThat(phone.driver.findElement(By.cssSelector("header span")).getText())
                .isEqualTo("<img src=x onerror=document.title='owned'>");
        assertThat(phone.driver.findElements(By.cssSelector("img, script"))).isEmpty();
        assertThat(phone.driver.getTitle()).startsWith("Approve ");
        phone.look("hostile");
    }

    /** An agent's page on another port of this host: it makes the sign-in that would approve the agent's call, and sets its cookie. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pageOnAnotherPort_approvesNothing(boolean signedIn) throws Exception {
        TestAgent agent = agent();
        Asked asked = Asked.of(write(agent, "a"));
        String page = pages + "/approvals/" + asked.id();
        try (AttackersPort attacker = new AttackersPort()) {
            String session = "";
            if (signedIn) {
                phone.driver.get(page);
                phone.awaitHeading("May the agent make this call?");
                phone.driver.get(attacker.page("localhost", List.of(), page));
                phone.awaitHeading("May the agent make this call?");
                Matcher sent = Pattern.compile("__Host-errand-approvals=([A-Za-z0-9_-]{43})")
                        .matcher(attacker.cookies.toString());
                assertThat(sent.find())
                        .as("the browser sends the cookie to every port")
                        .isTrue();
                session = sent.group(1);
            }
            ForgedSignIn forged = ForgedSignIn.of(asked, provider, pages + "/approvals/callback", session);
            String cookie = "__Host-errand-approvals-sign-in=" + forged.cookie() + "; Secure; Path=/";
            provider.asked.clear();
            phone.driver.get(attacker.page("localhost", List.of(cookie), forged.location()));
            phone.awaitHeading("This sign-in is over");
            assertThat(provider.asked).as("the provider sent the human back").hasSize(1);
            phone.driver.get(attacker.page("localhost", List.of(), page));
            assertThat(attacker.cookies.toString())
                    .as("the browser took the cookie")
                    .contains(forged.cookie());
        }
        assertThat(asked(agent, "a")).as("it still waits for a human").isEqualTo(asked.id());
        assertThat(upstream.seen()).isEmpty();
        phone.driver.get(page);
        phone.awaitHeading("May the agent make this call?");
        press("approve");
        phone.awaitHeading("You approved this call");
    }

    @Test
    void atTheirHost_nothingElseIsServed() throws Exception {
        for (String path : List.of("/oauth2/task", "/approvals/", "/approvals/x/y", DOC + "a")) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(pages + path)).build();
            assertThat(TestAgent.HTTP
                            .send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(agent().get(gateway, DOC + "a").statusCode()).isEqualTo(200);
    }
}
