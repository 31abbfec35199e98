package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;

/** What {@code errand init --dev} makes signs people in by itself: an agent asks, a human clicks once, and no JWT is copied. */
class DevSignInIT {
    private static final Path SCRIPTS = RunningGateway.repository().resolve("gateway/cli/src/test/clients");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path directory;

    private static ErrandShell shell;

    @BeforeAll
    static void start() throws Exception {
        shell = new ErrandShell(directory);
        shell.init("./errand init --dev mine");
        shell.run("./errand run --config mine");
        awaitFile(directory.resolve("mine/dev/agent.svid"));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        shell.close();
    }

    private static void awaitFile(Path file) throws InterruptedException {
        long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!Files.exists(file)) {
            assertThat(System.nanoTime()).as(file.toString()).isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static PageVisitor visitor() {
        return new PageVisitor(URI.create("http://127.0.0.1:" + shell.port()));
    }

    /** Without a browser: the request is shown at once, and one form allows it. */
    @Test
    void oneForm_allowsTheTask_andTheCommandCalls() throws Exception {
        try (DevAsking asking = asking()) {
            asking.allow();
            assertThat(asking.output()).contains("\"ticket\":\"17\"", "\"human\":\"alice\"");
        }
    }

    private static DevAsking asking() throws Exception {
        return DevAsking.begin(
                shell,
                "./errand agent --ask --dev mine --template triage --param ticket=17 -- sh -c"
                        + " 'curl -s \"$ERRAND_ROUTE_TICKETS/v1/tickets/17\"'");
    }

    /** A program says the address on its first line, and then the answer of its call. */
    private static void asks(ProcessBuilder program) throws Exception {
        Process process = ServerProcess.start(program.redirectError(ProcessBuilder.Redirect.INHERIT));
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            DevAsking.allow(String.valueOf(said.readLine()));
            assertThat(said.readLine()).contains("\"ticket\":\"17\"", "\"human\":\"alice\"");
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroy();
        }
    }

    private static String gateway() {
        return "http://127.0.0.1:" + shell.port();
    }

    @Test
    @Tag("agent-python")
    void pythonLibrary_asks_andCalls(@TempDir Path packed) throws Exception {
        asks(new AgentLibraries(packed)
                .pythonBuilder(
                        directory, SCRIPTS.resolve("agent_ask.py").toString(), gateway(), "mine/dev/agent.svid"));
    }

    @Test
    @Tag("agent-node")
    void nodeLibrary_asks_andCalls(@TempDir Path packed) throws Exception {
        Path home = new AgentLibraries(packed).tarball();
        Path script = Files.copy(SCRIPTS.resolve("agent_ask.mjs"), home.resolve("agent_ask.mjs"));
        asks(new ProcessBuilder("node", script.toString(), gateway(), "mine/dev/agent.svid")
                .directory(directory.toFile()));
    }

    private static HttpResponse<String> dev(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + shell.operator() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void approvals_offerToSignIn_andSayThatEveryProgramCould() throws Exception {
        PageVisitor visitor = visitor();
        HttpResponse<String> page = visitor.get("/approvals");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("Sign in as alice (support)", "Every program of this machine could press the buttons");
        assertThat(visitor.get("/start").body()).contains("Sign in as alice (support)");
        assertThat(visitor.signedInAt("/approvals?as=alice").body())
                .contains("alice (support)", "Nothing waits for you");
    }

    /** The provider is no way in for other web pages, for other clients, or with a code of another kind. */
    @ParameterizedTest
    @CsvSource({
        "GET,/dev/authorize,,,400",
        "GET,/dev/authorize?login_hint=alice&client_id=errand-approvals,,,400",
        "GET,/dev/authorize,Host,rebound.example,403",
        "POST,/dev/token,,,400",
        "POST,/dev/token?code=a.b&grant_type=authorization_code,,,400",
        "POST,/dev/token,Origin,https://evil.example,403",
        "POST,/dev/token,Sec-Fetch-Site,cross-site,403",
        "POST,/dev/authorize,,,401",
        "GET,/dev/token,,,401",
        "GET,/dev/other,,,401"
    })
    void provider_answersOnlyTheGatewaysSignIn(String method, String path, String name, String value, int status)
            throws Exception {
        if ("Host".equals(name)) {
            assertThat(shell.ran("curl -s -o /dev/null -w '%{http_code}' -H 'Host: " + value + "' http://127.0.0.1:"
                            + shell.operator() + path))
                    .isEqualTo(String.valueOf(status));
            return;
        }
        HttpResponse<String> answer = name == null ? dev(method, path) : dev(method, path, name, value);
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    @Tag("chromium")
    void oneClick_allowsTheTask_andTheCommandCalls() throws Exception {
        try (DevAsking asking = asking()) {
            PhoneChromium phone = new PhoneChromium(directory.resolve("profile"));
            try (phone) {
                phone.driver.get(asking.address());
                phone.awaitHeading("May this agent do this task for you?");
                phone.look("dev-start");
                phone.driver.findElement(By.cssSelector("button.approve")).click();
                phone.awaitHeading("You allowed this task");
            }
            assertThat(asking.output()).contains("\"ticket\":\"17\"", "\"human\":\"alice\"");
        }
    }
}
