package dev.errand.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.errand.FreePort;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.openqa.selenium.Keys;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The recipes of {@code docs/standing.md}, and how an approval inside a run reaches the human who allowed the runs. Meanwhile one companion
 * waits for an approval, from the first test to the last, and leaves little.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandingRecipesIT extends StandingGround {
    private static final String READ = "curl -sf $ERRAND_ROUTE_VAULT/v1/secret/data/docs/payments/";
    private static final WireMockServer EVENTS =
            new WireMockServer(options().bindAddress("127.0.0.1").dynamicPort());

    @BeforeAll
    static void gateways() {
        EVENTS.start();
        EVENTS.stubFor(post(urlEqualTo("/events")).willReturn(aResponse().withStatus(202)));
        receiver = EVENTS.baseUrl() + "/events";
        begin();
    }

    private static final ListAppender<ILoggingEvent> WRITTEN = new ListAppender<>();
    /** Longer than one question of the companion about its request waits. */
    private static final Duration LONG = Duration.ofSeconds(30);

    private static @Nullable RunningClient waiting;
    private static String waitingTask = "";
    private static long waitsSince;

    @Test
    @Order(1)
    void companion_waitsForAnApproval() throws Exception {
        WRITTEN.start();
        root().addAppender(WRITTEN);
        Companion companion = new Companion(Map.of(), optionsOf(allowed(new PageVisitor(gateway), runs(5))));
        RunningClient running = companion.begins(
                "sh", "-c", "curl -s -d '{\"data\":{}}' $ERRAND_ROUTE_VAULT/v1/secret/data/docs/payments/waits");
        waiting = running;
        waitsSince = System.nanoTime();
        String said = running.says("waiting for approval of vault:kv.write");
        waitingTask = said.replaceFirst("(?s).*errand agent: task (\\S+).*", "$1");
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void callThatWaits_leavesTwoRecordsAndOneLine() throws Exception {
        RunningClient running = Objects.requireNonNull(waiting);
        await().atMost(LONG.multipliedBy(2)).until(() -> System.nanoTime() - waitsSince > LONG.toNanos());
        assertThat(running.isRunning()).isTrue();
        assertThat(Stream.of(gateway, other)
                        .flatMap(each -> each.records().stream())
                        .map(TestAgent::json)
                        .filter(record -> waitingTask.equals(record.string("task")))
                        .map(record -> record.string("kind"))
                        // Those of the start, and that the receiver of events took one.
                        .filter(kind -> !List.of("start", "standing", "event").contains(kind)))
                .containsExactlyInAnyOrder("decision", "approval");
        assertThat(List.copyOf(WRITTEN.list).stream()
                        .map(ILoggingEvent::getFormattedMessage)
                        .filter(line -> line.contains(waitingTask)))
                .singleElement()
                .asString()
                .startsWith("approval requested: decide at ");
        running.signal("TERM");
        running.ends();
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    @AfterAll
    static void end() throws IOException {
        root().detachAppender(WRITTEN);
        if (waiting != null) {
            waiting.close();
        }
        receiver = null;
        EVENTS.stop();
    }

    /** An allowed errand with its token in a file, and the companion's options for a run of it. */
    private static List<String> optionsOf(Errand errand) throws IOException {
        return List.of(
                "--gateway",
                gateway.address().toString(),
                "--standing",
                "@" + Files.writeString(directory.resolve("standing.token"), errand.token() + "\n"),
                "--svid",
                "@" + Files.writeString(directory.resolve("agent.svid"), svid()));
    }

    private static void assertRuns(Errand errand, int used, int live) {
        assertThat(listed(errand.id()).get("used")).isEqualTo(number(used));
        JsonObject whole = OperatorClient.of(other).json("/standing/" + errand.id());
        assertThat(OperatorClient.objects(whole, "last").stream().filter(run -> "active".equals(run.string("state"))))
                .hasSize(live);
    }

    @Test
    void cronJob_runsBelowTheCompanion_andItsApprovalReachesTheHumanWhoAllowed() throws Exception {
        PageVisitor alice = new PageVisitor(gateway);
        Errand errand = allowed(alice, runs(5));
        Companion companion = new Companion(Map.of(), optionsOf(errand));
        ServerProcess.Outcome job = companion.run(
                "sh",
                "-c",
                READ
                        + "a; curl -s --max-time 3 -d '{\"data\":{}}' $ERRAND_ROUTE_VAULT/v1/secret/data/docs/payments/a || true");
        assertThat(job.exit()).as(job.text()).isZero();
        assertThat(job.text()).contains("waiting for approval of vault:kv.write");
        assertRuns(errand, 2, 1);

        TestAgent run = started(gateway, errand);
        assertThat(run.call(gateway, "POST", "/vault/v1/secret/data/docs/payments/a", "{\"data\":{}}")
                        .headers()
                        .firstValue("Errand-Code"))
                .hasValue("approval-required");
        assertThat(alice.get("/approvals").body()).contains("vault:kv.write", "alice, template nightly");
        JsonObject event =
                await().atMost(Duration.ofSeconds(30)).until(() -> requested(run.task()), told -> told != null);
        assertThat(event.object("human").string("sub")).isEqualTo("alice");
        assertThat(event.string("uri")).startsWith(RunningGateway.ISSUER + "/approvals/");
        provider.subject = "bob";
        assertThat(new PageVisitor(gateway).signedInAt("/errands").body()).doesNotContain(errand.id());

        Path operator = Files.writeString(directory.resolve("operator-token"), gateway.operatorToken());
        String port = "http://127.0.0.1:" + gateway.managementPort();
        assertThat(errand("standing", "list", "--operator", port, "--token", "@" + operator, "--template", "nightly"))
                .contains(errand.id(), "active", "nightly", provider.issuer() + " alice", "runs 3/5");
        assertThat(errand(
                        "standing",
                        "end",
                        errand.id(),
                        "--why",
                        "moved",
                        "--operator",
                        port,
                        "--token",
                        "@" + operator))
                .contains("\"state\":\"ended\"");
        ServerProcess.Outcome late = companion.run("sh", "-c", "echo began");
        assertThat(late.exit()).isEqualTo(1);
        assertThat(late.text()).contains("standing-ended").doesNotContain("began");
        assertThat(errand("standing", "end", "x", "--why", "moved", "--operator", port, "--token", "@" + operator))
                .contains("'x' is no id");
    }

    /** What the receiver was told of a request for approval in this task; null if nothing yet. */
    private static JsonObject requested(String task) {
        for (LoggedRequest request : EVENTS.findAll(postRequestedFor(urlEqualTo("/events")))) {
            JsonObject claims = Jws.claims(request.getBodyAsString());
            JsonObject asked = claims.object("events").object(RunningGateway.ISSUER + "/events/approval-requested");
            if (asked != null && task.equals(claims.object("sub_id").string("id"))) {
                return asked;
            }
        }
        return null;
    }

    private static String errand(String... words) {
        StringWriter said = new StringWriter();
        dev.errand.cli.Errand.commandLine()
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said))
                .execute(words);
        return said.toString();
    }

    @Test
    @Tag("chromium")
    void console_showsErrandsWithTheirRuns_andEndsOne() {
        Errand errand = allowed(new PageVisitor(gateway), runs(5));
        Errand left = allowed(new PageVisitor(other), runs(5));
        TestAgent second = started(other, errand);
        errand.first().end(gateway);
        try (Browser browser = new Browser().size(390, 844)) {
            ConsoleStage.enter(browser, gateway, gateway.operatorToken(), "standing");
            String card = "[data-standing='" + errand.id() + "']";
            assertThat(browser.see(card).getText())
                    .contains("nightly", "active", "alice at " + provider.issuer(), "2 of 5 runs used");
            browser.see(card + " summary").click();
            assertThat(browser.see(card + " .runs").getText())
                    .containsSubsequence("Run 2", "active", "Run 1", "over", "0 calls");
            assertThat(browser.see(card + " .runs a").getAttribute("href")).endsWith("#/task/" + second.task());
            browser.assertFits();
            browser.see(card + " button.small").click();
            assertThat(browser.see("dialog").getText()).contains("End a standing errand", errand.id());
            browser.see("dialog input[required]").sendKeys("it runs wild", Keys.ENTER);
            browser.see("dialog .actions button.main").click();
            browser.see(card + " .badge.interrupted", "ended");
            browser.assertQuiet();
        }
        assertThat(refusal(other, errand)).isEqualTo("standing-ended");
        assertThat(second.get(gateway, TestAgent.READ).headers().firstValue("Errand-Code"))
                .hasValue("task-ended");
        assertThat(left.first().get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
        JsonObject whole = OperatorClient.of(other).json("/standing/" + errand.id());
        assertThat(whole.string("ended_by")).isEqualTo("operator:operator");
        assertThat(whole.object("limit")).isEqualTo(Jws.object("{\"capacity\":10,\"period\":86400}"));
        assertThat(OperatorClient.of(other)
                        .get("/standing/se-" + "x".repeat(22))
                        .statusCode())
                .isEqualTo(404);
    }

    /** The manifest's arguments and command, with the places of this machine. */
    @Test
    void cronJobOfKubernetes_startsARun_andEndsItWithTheJob() throws Exception {
        Errand errand = allowed(new PageVisitor(gateway), runs(5));
        List<String> options = optionsOf(errand);
        Map<?, ?> pod = (Map<?, ?>) new Load(LoadSettings.builder().build())
                .loadFromString(
                        Files.readString(RunningGateway.repository().resolve("deploy/helm/examples/cronjob.yaml")));
        for (String name : List.of("spec", "jobTemplate", "spec", "template", "spec")) {
            pod = (Map<?, ?>) pod.get(name);
        }
        Path folder = Files.createDirectory(directory.resolve("run"));
        List<String> arguments = strings(container(pod, "initContainers"), "args").stream()
                .map(argument -> argument.replace("https://gateway.example.org", options.get(1))
                        .replace("@/run/standing/token", options.get(3))
                        .replace("/run/errand", folder.toString()))
                .toList();
        Companion sidecar = new Companion(Map.of(), arguments).and("--svid", options.get(5));
        try (RunningClient running = sidecar.begins()) {
            String[] command = strings(container(pod, "containers"), "command").stream()
                    .map(word -> word.replace("/run/errand", folder.toString()).replace("exec job.sh", READ + "cron"))
                    .toArray(String[]::new);
            ServerProcess.Outcome job = ServerProcess.end(new ProcessBuilder(command), "");
            assertThat(job.exit()).as(job.text()).isZero();
            assertRuns(errand, 2, 2);
            running.signal("TERM");
            running.ends();
        }
        assertThat(upstream.seen()).anyMatch(seen -> seen.target().endsWith("/payments/cron"));
        assertRuns(errand, 2, 1);
    }

    private static Map<?, ?> container(Map<?, ?> pod, String list) {
        return (Map<?, ?>) ((List<?>) pod.get(list)).get(0);
    }

    private static List<String> strings(Map<?, ?> container, String list) {
        return ((List<?>) container.get(list)).stream().map(String::valueOf).toList();
    }

    @Test
    void webhookOfAnAlert_startsARun_andAnswers503WhereNoneStarts() throws Exception {
        Errand errand = allowed(new PageVisitor(gateway), runs(2));
        Companion companion = new Companion(Map.of(), optionsOf(errand));
        Path folder = Files.createDirectory(directory.resolve("webhook"));
        Files.writeString(
                folder.resolve("alert.py"),
                new Page("docs/standing.md")
                        .block("# alert.py")
                        .replaceFirst("RUN = \\[.*\\]", "RUN = " + quoted(companion.command("sh", "handle.sh"))));
        Files.writeString(folder.resolve("webhook.secret"), "s3cret\n");
        Files.writeString(folder.resolve("handle.sh"), READ + "alert && echo \"$ALERTS\" >seen\n");
        int port = FreePort.next();
        ProcessBuilder python = new ProcessBuilder("python3", "alert.py").directory(folder.toFile());
        python.environment().put("PORT", Integer.toString(port));
        Process webhook = python.inheritIO().start();
        try {
            await().atMost(Duration.ofSeconds(30))
                    .ignoreException(ConnectException.class)
                    .until(() -> posted(port, "wrong", "{}") == 401);
            assertThat(posted(port, "s3cret", alert("resolved"))).isEqualTo(204);
            assertRuns(errand, 1, 1);
            assertThat(posted(port, "s3cret", alert("firing"))).isEqualTo(204);
            assertThat(Files.readString(folder.resolve("seen"))).contains("disk is full");
            assertRuns(errand, 2, 1);
            assertThat(posted(port, "s3cret", alert("firing"))).isEqualTo(503);
            assertRuns(errand, 2, 1);
        } finally {
            webhook.destroy();
        }
    }

    private static String alert(String status) {
        return "{\"version\":\"4\",\"status\":\"" + status + "\",\"alerts\":[{\"status\":\"" + status
                + "\",\"labels\":{\"alertname\":\"disk is full\"},\"annotations\":{\"summary\":\""
                + "\u00fc".repeat(45_000)
                + "\"}}]}";
    }

    private static String quoted(List<String> words) {
        return words.stream()
                .map(word -> "'" + word + "'")
                .collect(java.util.stream.Collectors.joining(", ", "[", "]"));
    }

    private static int posted(int port, String secret, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port))
                .version(java.net.http.HttpClient.Version.HTTP_1_1)
                .header("Authorization", "Bearer " + secret)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return TestAgent.HTTP
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
