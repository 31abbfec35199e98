package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.Patience;
import dev.errand.cli.Errand;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of README.md, docs/operations/README.md, docs/commands.md, docs/operators.md, docs/operating.md,
 * docs/candidates.md, docs/keys.md and verify/README.md, in this order with one gateway of {@code errand init --dev}.
 * Commands with a pipe run in a shell, unchanged except for addresses and ids.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PagesIT {
    private static final Page COMMANDS = new Page("docs/commands.md");
    private static final Page OPERATING = new Page("docs/operating.md");
    private static final Page OPERATORS = new Page("docs/operators.md");
    private static final Page CANDIDATES = new Page("docs/candidates.md");
    private static final Page KEYS = new Page("docs/keys.md");
    private static final Page VERIFY = new Page("verify/README.md");

    /** Run elsewhere: by a gateway of its own, at an identity provider, or in another test of this class. */
    private static final List<String> ELSEWHERE = List.of(
            "demo",
            "init",
            "run",
            "approve",
            "login",
            "standing list",
            "audit candidate",
            "promote",
            "gateway-config envoy",
            "agent",
            "mcp-serve");

    @TempDir
    private static Path directory;

    private static ErrandShell shell;
    private static String mine;
    private static String log;

    @BeforeAll
    static void start() throws Exception {
        shell = new ErrandShell(directory);
        shell.init("./errand init --dev mine");
        mine = directory.resolve("mine").toString();
        // For the row of `token derive`.
        Files.writeString(
                Path.of(mine, "tasks/triage.yaml"), "delegation: {max-depth: 1}\n", StandardOpenOption.APPEND);
        shell.run("./errand run --config mine");
        log = mine + "/data/provenance";
        for (String folder : List.of("docs", "verify")) {
            Files.createSymbolicLink(
                    directory.resolve(folder), RunningGateway.repository().resolve(folder));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        shell.close();
    }

    /** What a command printed that ended with this status, in this process. */
    private static String errand(int status, String... words) {
        StringWriter said = new StringWriter();
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(said, true))
                .setErr(new PrintWriter(said, true))
                .execute(words);
        assertThat(exit).as("%s %s%n%s", words[0], words[1], said).isEqualTo(status);
        return said.toString().strip();
    }

    private static String gateway() {
        return "http://127.0.0.1:" + shell.port();
    }

    /** A task of the template triage for ticket 17, held by the key of this file. */
    private static JsonObject task(String key) {
        return TestAgent.json(errand(
                0,
                "token",
                "start",
                "--gateway",
                gateway(),
                "--template",
                "triage",
                "--param",
                "ticket=17",
                "--key",
                directory.resolve(key).toString(),
                "--subject-token",
                errand(0, "token", "human", "--dev", mine),
                "--svid",
                errand(0, "token", "svid", "--dev", mine)));
    }

    private static HttpResponse<String> call(JsonObject task, String key, String method, String ticket)
            throws Exception {
        String token = String.valueOf(task.string("access_token"));
        String url = gateway() + "/tickets/v1/tickets/" + ticket;
        String proof = errand(
                0,
                "token",
                "proof",
                "--token",
                token,
                "--key",
                directory.resolve(key).toString(),
                "--method",
                method,
                "--url",
                url);
        return TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create(url))
                        .method(
                                method,
                                method.equals("GET")
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString("{\"text\":\"done\"}"))
                        .header("Authorization", "DPoP " + token)
                        .header("DPoP", proof)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String decision(HttpResponse<String> answer) {
        return answer.headers().firstValue("Errand-Decision").orElseThrow();
    }

    /** A first server: the steps of the page, with a server of git on another port. */
    @Test
    @Order(11)
    void operations_aFirstServer_isClonedBelowTheCompanion() throws Exception {
        assumeTrue(GitOverHttp.isPossible(), "git is not installed");
        Page first = new Page("docs/operations/README.md");
        Path template = directory.resolve("mine/tasks/push-change.yaml");
        Matcher agents = Pattern.compile("write `(agents: .*?)`", Pattern.CASE_INSENSITIVE)
                .matcher(Files.readString(RunningGateway.repository().resolve(first.path())));
        assertThat(agents.find()).isTrue();
        Matcher copy = Pattern.compile("`cp (config/\\S+) (mine/\\S+)`")
                .matcher(Files.readString(RunningGateway.repository().resolve(first.path())));
        assertThat(copy.find()).isTrue();
        try (GitOverHttp git = new GitOverHttp(Files.createDirectory(directory.resolve("git")))) {
            Instant written = Instant.now();
            shell.succeeded("cp '" + RunningGateway.repository().resolve(copy.group(1)) + "' " + copy.group(2));
            Files.writeString(
                    template,
                    new Page("docs/operations/git.md")
                            .block("template: push-change")
                            .replaceFirst("(?m)^agents: .*", Matcher.quoteReplacement(agents.group(1))));
            String route = first.block("- id: git")
                    .replaceFirst("(?s)^.*\n  routes:\n", "")
                    .replace("http://127.0.0.1:3000", git.address());
            Path application = directory.resolve("mine/application.yaml");
            Files.writeString(
                    application,
                    Files.readString(application)
                            .replaceFirst("(?m)^  routes:\n", Matcher.quoteReplacement("  routes:\n" + route)));
            assertThat(errand(0, "check", "--config", mine)).doesNotContain("push-change.yaml");
            takenUpSince(written);
            String said = shell.succeeded(shell.ported(first.block("./errand token human --dev mine --template")));
            assertThat(said).contains("git:fetch");
            assertThat(directory.resolve("app/README")).hasContent("of the server");
        }
    }

    /** The first words of each command of the table, up to the first option or placeholder. */
    private static List<String> ofTheTable() throws IOException {
        Matcher row = Pattern.compile("(?m)^\\| `\\./errand ((?:[a-z-]+ ?)+)")
                .matcher(Files.readString(RunningGateway.repository().resolve(COMMANDS.path())));
        List<String> commands = new ArrayList<>();
        while (row.find()) {
            commands.add(row.group(1).replaceFirst(" --?.*", "").strip());
        }
        return commands;
    }

    @Test
    @Order(2)
    void commands_ofTheTable_run() throws Exception {
        List<String> rows = ofTheTable();
        assertThat(rows).hasSizeGreaterThan(20);
        rows.removeAll(ELSEWHERE);
        JsonObject task = task("agent.jwk");
        HttpResponse<String> answer = call(task, "agent.jwk", "GET", "17");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        call(task, "agent.jwk", "GET", "18");
        Path keys = Files.writeString(
                directory.resolve("jwks.json"), shell.succeeded("curl -sf " + gateway() + "/.well-known/jwks.json"));
        String token = String.valueOf(task.string("access_token"));
        for (String row : rows) {
            String said =
                    command(row, token, decision(answer), String.valueOf(task.string("task_id")), keys.toString());
            assertThat(said).as(row).isNotEmpty();
        }
    }

    /** Runs one command of the table; a command without a case here fails. */
    private static String command(String row, String token, String decision, String task, String keys)
            throws Exception {
        String agent = directory.resolve("agent.jwk").toString();
        return switch (row) {
            case "check" -> errand(0, "check", "--config", mine) + "without a fault";
            case "completion bash" -> contains(errand(0, "completion", "bash"), "complete ");
            case "diff" -> contains(errand(0, "diff", mine, mine), "nothing new");
            case "test" -> contains(errand(0, "test", mine), "triage");
            case "keys new" ->
                errand(0, "keys", "new", directory.resolve("new.jwks").toString(), "--use", "log") + "made";
            case "schema catalogue" -> contains(errand(0, "schema", "catalogue"), "\"$schema\"");
            case "token start" -> {
                String child = errand(
                        0,
                        "token",
                        "derive",
                        "--parent",
                        token,
                        "--key",
                        agent,
                        "--child-key",
                        directory.resolve("child.jwk").toString());
                assertThat(errand(0, "verify", "--anchors", keys, "--chain", token + "," + child))
                        .isEqualTo("permit");
                yield errand(0, "token", "end", "--gateway", gateway(), "--token", token, "--key", agent) + "ended";
            }
            case "token human" -> errand(0, "token", "human", "--dev", mine);
            case "verify" -> contains(errand(0, "verify", "--anchors", keys, "--chain", token), "permit");
            case "verify-log" -> verified(keys);
            // It is for a gateway that does not run.
            case "log adopt" -> errand(1, "log", "adopt", "--config", mine);
            case "explain" ->
                contains(errand(0, "explain", decision, "--log", log, "--config", mine), "tickets:ticket.read");
            case "task" -> contains(errand(0, "task", task, "--log", log), task);
            case "export ocsf" -> contains(errand(0, "export", "ocsf", "--log", log), "\"class_uid\":6003");
            case "prove" -> contains(errand(0, "prove", decision, "--log", log), "\"checkpoint\"");
            case "audit scopes" ->
                contains(errand(0, "audit", "scopes", "--log", log, "--config", mine), "template triage");
            case "replay" -> contains(errand(0, "replay", "--log", log, "--config", mine), " 0 differ");
            case "learn" ->
                contains(
                        errand(0, "learn", "--log", log, "--template", "triage", "--config", mine), "template: triage");
            case "ready" -> {
                String probe = "http://127.0.0.1:" + shell.operator() + "/actuator/health/readiness";
                // A busy machine may answer later than the command waits.
                await().atMost(Patience.of(Duration.ofSeconds(10)))
                        .untilAsserted(() -> contains(errand(0, "ready", probe), "ready"));
                yield "ready";
            }
            default -> throw new AssertionError("docs/commands.md has a command that this test does not run: " + row);
        };
    }

    private static String contains(String said, String part) {
        assertThat(said).contains(part);
        return said;
    }

    /** A checkpoint is written every second. */
    private static String verified(String keys) {
        return await().atMost(Patience.of(Duration.ofSeconds(10)))
                .until(() -> errand(0, "verify-log", log, "--keys", keys), said -> said.contains("signed"));
    }

    @Test
    @Order(3)
    void operators_pageAsksAndInterrupts() throws Exception {
        JsonObject task = task("third.jwk");
        call(task, "third.jwk", "GET", "17");
        String token = "printf 'Authorization: Bearer %s\\n' \"$(cat mine/data/operator-token)\" >operator.header\n";
        String asked = shell.ported(OPERATORS.block("curl -sG"))
                .replace("secret/payments/db", "17")
                .replaceAll("since=[0-9-]+T", "since=2026-01-01T")
                .replaceAll("until=[0-9-]+T", "until=2100-01-01T");
        assertThat(shell.succeeded(token + asked)).contains("\"resource\":[\"17\"]");
        Dialogue interrupt = Dialogue.of(OPERATORS.block("$ curl -s"));
        String typed = shell.ported(interrupt.command())
                .replace("https://idp.example.org", "https://idp.dev.invalid")
                .replace("user:7f3c", "alice");
        String ended = shell.succeeded(token + typed);
        lift();
        interrupt.assertPrinted(ended);
        assertThat(call(task, "third.jwk", "GET", "17").statusCode()).isEqualTo(401);
    }

    private static void lift() throws Exception {
        String page = Files.readString(RunningGateway.repository().resolve("docs/operating.md"));
        Matcher lift =
                Pattern.compile("`(op -X DELETE \\$B/locks/)l-…( [^`]*)`").matcher(page);
        assertThat(lift.find()).isTrue();
        assertThat(shell.succeeded(
                        operating("L=$(op $B/locks | jq -r '.locks[0].id')\n" + lift.group(1) + "$L" + lift.group(2))))
                .contains("204");
    }

    /** Commands of the page, behind its first block, which says where the configuration and the port are. */
    private static String operating(String commands) {
        String definitions = OPERATING
                .block("DIR=/etc/errand")
                .replace("/etc/errand", mine)
                .replace("$DIR/keys.jwks", "$DIR/data/keys.jwks");
        return shell.ported(definitions) + shell.ported(commands) + '\n';
    }

    @Test
    @Order(4)
    void operating_aTaskRunsWild() throws Exception {
        JsonObject wild = task("wild.jwk");
        String id = String.valueOf(wild.string("task_id"));
        call(wild, "wild.jwk", "GET", "17");
        call(wild, "wild.jwk", "GET", "18");
        String find = OPERATING.block("op \"$B/tasks?state=active&near=0.8\"").replace("t-…", id);
        String script = find
                + OPERATING.block("D=$(op")
                + OPERATING.block("op \"$B/tasks/$TASK/interrupt\"")
                + OPERATING.block("op \"$B/tasks/interrupt\"");
        assertThat(shell.succeeded(operating(script)))
                .contains(id, "constraint-violated", "\"recorded\":", "\"lock\":", "[]");
        assertThat(call(wild, "wild.jwk", "GET", "17").statusCode()).isEqualTo(401);
        lift();
    }

    @Test
    @Order(5)
    void operating_theStoreAndTheLog() throws Exception {
        assertThat(shell.succeeded(operating(OPERATING.block("op $B/actuator/health/readiness"))))
                .contains("\"status\":\"UP\"", "errand_state_available");
        TimeUnit.MILLISECONDS.sleep(1500);
        assertThat(shell.succeeded(operating(OPERATING.block("errand verify-log"))))
                .contains(": ok: ");
    }

    /** What a page shows in single quotes within a sentence, and asks of any replica. */
    @Test
    @Order(6)
    void operating_requestsInSentences_areAnswered() throws Exception {
        String page = Files.readString(RunningGateway.repository().resolve("docs/operating.md"));
        Matcher span = Pattern.compile("`(op \"?\\$B/[^`]*)`").matcher(page);
        StringBuilder script = new StringBuilder();
        int asked = 0;
        while (span.find()) {
            if (!span.group(1).contains(" -d ")) {
                script.append(span.group(1).replaceFirst("^op ", "op -f ")).append(" >/dev/null\n");
                asked++;
            }
        }
        assertThat(asked).isGreaterThan(5);
        shell.succeeded(operating(script.toString()));
    }

    @Test
    @Order(7)
    void candidates_fromTheFirstLineToThePromotion() throws Exception {
        String candidate = CANDIDATES.block("candidate: true").replace("spiffe://example.org", "spiffe://dev.invalid");
        Path tasks = directory.resolve("mine/tasks");
        Files.writeString(
                tasks.resolve("triage.yaml"),
                candidate.replaceFirst("(?m)^candidate: true\n", "").replaceFirst("(?s)\nrules:.*", "\n"));
        shell.succeeded(Dialogue.of(CANDIDATES.block("$ cp mine")).command());
        Files.writeString(tasks.resolve("triage.candidate.yaml"), candidate);
        assertThat(errand(0, "check", "--config", mine)).contains("candidates:");
        Instant written = Instant.now();
        takenUpSince(written);
        JsonObject busy = task("busy.jwk");
        for (int comment = 0; comment < 5; comment++) {
            assertThat(call(busy, "busy.jwk", "POST", "17/comments").statusCode())
                    .isLessThan(300);
        }
        Dialogue report = Dialogue.of(CANDIDATES.block("$ ./errand audit candidate"));
        String said = errand(
                0,
                report.command()
                        .replace("./errand ", "")
                        .replace("mine/", mine + "/")
                        .split(" "));
        report.assertPrinted(said);
        Dialogue promote = Dialogue.of(CANDIDATES.block("$ ./errand promote"));
        promote.assertPrinted(shell.succeeded(promote.command()));
        assertThat(Files.readString(tasks.resolve("triage.yaml")))
                .contains("bounded")
                .doesNotContain("candidate: true");
        shell.succeeded(Dialogue.typed(CANDIDATES.block("$ ./errand learn")));
        assertThat(Files.readString(tasks.resolve("triage.candidate.yaml"))).contains("candidate: true");
        Files.delete(tasks.resolve("triage.candidate.yaml"));
    }

    /** Waits until the gateway runs what the files hold since then. */
    private static void takenUpSince(Instant written) throws Exception {
        OperatorClient operator = new OperatorClient(
                shell.operator(),
                Files.readString(Path.of(mine, "data/operator-token")).strip());
        Instant deadline = Instant.now().plusSeconds(60);
        JsonObject now = operator.json("/configuration");
        while (!new JsonBoolean(true).equals(now.get("current"))
                || Instant.parse(String.valueOf(now.string("since"))).isBefore(written)) {
            assertThat(Instant.now()).as(now.toString()).isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
            now = operator.json("/configuration");
        }
    }

    @Test
    @Order(8)
    void keys_areMadeSplitAndRotated() throws Exception {
        String inFolders = "mkdir made split && cd made\n"
                + KEYS.block("errand keys new keys.jwks")
                        .replace(
                                "errand keys new keys.jwks --algorithm",
                                "mv keys.jwks one.jwks\nerrand keys new keys.jwks --algorithm")
                + "cd ../split\n" + KEYS.block("errand keys new issuer.jwks") + "mv issuer.jwks keys.jwks\n"
                + KEYS.block("cp -p keys.jwks old.jwks")
                + "jq -e '[.keys[] | select(.errand_use == [\"issue\"]) | has(\"d\") | not] | all' edge-last.jwks\n";
        assertThat(shell.succeeded(inFolders)).contains("true");
    }

    @Test
    @Order(9)
    void verify_byTheProgramWithoutErrand() throws Exception {
        HttpResponse<String> answer = call(task("last.jwk"), "last.jwk", "GET", "17");
        TimeUnit.MILLISECONDS.sleep(1500);
        Files.writeString(directory.resolve("proof.json"), errand(0, "prove", decision(answer), "--log", log));
        Files.copy(Path.of(log, "checkpoint"), directory.resolve("seen"));
        String programs = VERIFY.block("python3 verify/verify_log.py DIR")
                .replace("DIR [DIR ...]", "mine/data/provenance")
                .replace("[--seen CHECKPOINT]", "--seen seen")
                .replace(" [--witness VKEY ... [--quorum N]]", "");
        assertThat(shell.succeeded(programs).split(": ok: ", -1)).hasSize(3);
        Files.createDirectories(directory.resolve("archive/g-0123456789abcdef"));
        String whole =
                VERIFY.block("mkdir whole").replace("/archive/", "archive/").replace("cp -a data/", "cp -a mine/data/");
        assertThat(shell.succeeded(whole)).contains("ok");
    }

    @Test
    @Order(10)
    void operating_keysAreRotated() throws Exception {
        Path keys = directory.resolve("mine/data/keys.jwks");
        assertThat(keys).exists();
        String said = shell.succeeded(operating(OPERATING.block("cd \"${KEYS")));
        assertThat(said).containsPattern("\\[\\s*(true|false),");
        // Each file is taken up within seconds.
        takenUpSince(Instant.EPOCH);
        JsonObject after = task("after.jwk");
        assertThat(call(after, "after.jwk", "GET", "17").statusCode()).isEqualTo(200);
    }
}
