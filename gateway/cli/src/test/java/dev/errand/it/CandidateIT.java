package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationLook;
import dev.errand.cli.Errand;
import dev.errand.config.Faults;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.LivePolicies;
import dev.errand.template.ConfigurationFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A candidate beside a running template: what it says of live calls, and that no answer changes by it. */
class CandidateIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int CALLS = Integer.getInteger("errand.candidate.calls", 400);
    private static final String TOLERANT =
            "on-violation: {sequence: deny, rule: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}\n";

    private static final String READ = TestAgent.READ;
    private static final String OTHER = "/vault/v1/secret/data/docs/billing/a";

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = builder().start();
    }

    private static RunningGateway.Builder builder() {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("tasks/watched.yaml", Templates.bounded("watched", TOLERANT + "limits: {calls: 3}"))
                .file("tasks/watched.candidate.yaml", candidate("watched", """
                        limits: {calls: 100}
                        rules: [{bounded: vault:kv.read, at-most: 2}]"""))
                .file("tasks/grants.yaml", Templates.bounded("grants", TOLERANT))
                .file(
                        "tasks/grants.candidate.yaml",
                        candidate("grants", "").replace("  vault:kv.write: {resource", "  vault:kv.delete: {resource"))
                .file("tasks/lacking.yaml", Templates.bounded("lacking", TOLERANT))
                .file(
                        "tasks/lacking.candidate.yaml",
                        candidate("lacking", "").replace("parameters: {", "parameters: {team: \"[a-z]+\", "))
                .file("tasks/late.yaml", Templates.bounded("late", TOLERANT))
                .file("tasks/plain.yaml", Templates.bounded("plain", LOADED))
                .file("tasks/loaded.yaml", Templates.bounded("loaded", LOADED))
                .file("tasks/loaded.candidate.yaml", candidate("loaded", """
                        sequence: [{vault:kv.read: 1..*}, vault:kv.write]
                        rules: [{absence: vault:kv.read, after: vault:kv.write}]"""));
    }

    private static final String LOADED = TOLERANT + """
            limits: {task: [{capacity: 1000000, per: 1s}]}
            rules: [{bounded: vault:kv.write, at-most: 20, same: [resource]}]""";

    private static String candidate(String name, String bounds) {
        return Templates.bounded(name, TOLERANT + bounds)
                .replaceFirst("\n", "\ncandidate: true  # beside the one that runs\n");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static TestAgent started(RunningGateway at, String template) {
        return Templates.started(at, HUMAN, WORKLOADS, template);
    }

    private static List<JsonObject> decisions(RunningGateway at, TestAgent agent) {
        return at.records().stream()
                .map(TestAgent::json)
                .filter(record ->
                        "decision".equals(record.string("kind")) && agent.task().equals(record.string("task")))
                .toList();
    }

    private static double counted(RunningGateway at, String template, String outcome) {
        return at.value("errand.candidate.decisions", "template", template, "outcome", outcome);
    }

    private static String told(JsonObject record) {
        JsonObject candidate = record.object("candidate");
        return record.string("outcome") + " " + record.string("code")
                + (candidate == null
                        ? ""
                        : " / " + candidate.string("outcome") + " " + candidate.string("code") + " "
                                + new JsonBoolean(true).equals(candidate.get("partial")));
    }

    @Test
    void differences_standInTheRecord_andAreCounted_andAuditNamesRuleCallsAndRuns() {
        assertThat(counted(gateway, "watched", "stricter"))
                .as("registered before its use")
                .isZero();
        TestAgent agent = started(gateway, "watched");
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            statuses.add(agent.get(gateway, READ).statusCode());
        }
        assertThat(statuses).containsExactly(200, 200, 200, 403);
        List<JsonObject> records = decisions(gateway, agent);
        assertThat(records.stream().map(CandidateIT::told))
                .containsExactly(
                        "permit null",
                        "permit null",
                        "permit null / deny rule-violation false",
                        "deny budget-exhausted / deny rule-violation false");
        assertThat(records.get(0).members()).containsKey("candidate");
        JsonObject stricter = Objects.requireNonNull(records.get(2).object("candidate"));
        assertThat(stricter.members().keySet())
                .containsExactlyInAnyOrder("revision", "outcome", "code", "detail", "partial");
        assertThat(stricter.string("revision")).startsWith("sha-256:");
        assertThat(stricter.string("detail")).contains("tasks/watched.candidate.yaml:");
        assertThat(counted(gateway, "watched", "same")).isEqualTo(3);
        assertThat(counted(gateway, "watched", "stricter")).isEqualTo(1);
        assertThat(counted(gateway, "watched", "looser")).isZero();

        String log = gateway.directory().resolve("data/provenance").toString();
        Run audit = run("audit", "candidate", "--log", log, "--template", "watched");
        assertThat(audit.code).as(audit.err).isZero();
        assertThat(audit.out)
                .contains("stricter: 1 call of 1 run")
                .containsPattern("tasks/watched\\.candidate\\.yaml:[0-9]+ rule-violation: 1 call of 1 run")
                .contains(String.valueOf(records.get(2).string("decision")), "runs: " + agent.task());
        JsonObject json =
                TestAgent.json(run("audit", "candidate", "--log", log, "--template", "watched", "--json").out);
        assertThat(json.string("template")).isEqualTo("watched");
        assertThat(run("audit", "candidate", "--log", log, "--template", "none").code)
                .isEqualTo(2);
    }

    @Test
    void grants_areJudged_alsoOfCallsThatWereRefusedBeforeTheStep() {
        TestAgent agent = started(gateway, "grants");
        assertThat(agent.call(gateway, "POST", READ, "{}").statusCode()).isEqualTo(200);
        assertThat(agent.call(gateway, "DELETE", READ, null).statusCode()).isEqualTo(403);
        assertThat(agent.get(gateway, OTHER).statusCode()).isEqualTo(403);
        TestAgent narrow = agent.child(
                "{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"secret/docs/payments/b\"}}}",
                "{}",
                null);
        assertThat(narrow.get(gateway, READ).statusCode()).isEqualTo(403);
        assertThat(decisions(gateway, agent).stream().map(CandidateIT::told))
                .containsExactly(
                        "permit null / deny not-granted false",
                        "deny not-granted / permit null false",
                        "deny constraint-violated",
                        "deny constraint-violated");
        assertThat(counted(gateway, "grants", "stricter")).isEqualTo(1);
        assertThat(counted(gateway, "grants", "looser")).isEqualTo(1);
        assertThat(counted(gateway, "grants", "same")).isEqualTo(2);
    }

    @Test
    void candidateThatCannotJudge_isCounted() {
        TestAgent agent = started(gateway, "lacking");
        assertThat(agent.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(told(decisions(gateway, agent).get(0))).isEqualTo("permit null");
        assertThat(counted(gateway, "lacking", "unjudged")).isEqualTo(1);
    }

    @Test
    void candidateThatComesLater_judgesPartially_andPromotedItIsEnforced() throws Exception {
        TestAgent early = started(gateway, "late");
        assertThat(early.get(gateway, READ).statusCode()).isEqualTo(200);
        write("tasks/late.candidate.yaml", candidate("late", "rules: [{bounded: vault:kv.read, at-most: 1}]"));
        awaitTaken();
        assertThat(early.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(early.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(decisions(gateway, early).stream().map(CandidateIT::told))
                .containsExactly("permit null", "permit null", "permit null / deny rule-violation true");

        Path directory = gateway.directory();
        String running = Files.readString(directory.resolve("tasks/late.yaml"));
        Run promoted = run("promote", "late", "--config", directory.toString());
        assertThat(promoted.code).as(promoted.err).isZero();
        assertThat(directory.resolve("tasks/late.candidate.yaml")).doesNotExist();
        assertThat(directory.resolve("tasks/late.yaml.before")).hasContent(running);
        assertThat(Files.readString(directory.resolve("tasks/late.yaml")))
                .isEqualTo(candidate("late", "rules: [{bounded: vault:kv.read, at-most: 1}]")
                        .replaceFirst("candidate: true.*\n", ""));
        awaitTaken();
        TestAgent fresh = started(gateway, "late");
        assertThat(fresh.get(gateway, READ).statusCode()).isEqualTo(200);
        assertThat(fresh.get(gateway, READ).statusCode()).isEqualTo(403);
        assertThat(early.get(gateway, READ).statusCode())
                .as("a running task keeps its revision")
                .isEqualTo(200);
    }

    /** With {@code -Derrand.candidate.calls=10000} as many as the acceptance asks for. */
    @Test
    void noAnswerChanges_underLoad() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<List<String>>> plain = new ArrayList<>();
            List<Future<List<String>>> beside = new ArrayList<>();
            for (int agent = 0; agent < 8; agent++) {
                long seed = agent;
                plain.add(threads.submit(() -> answers("plain", seed)));
                beside.add(threads.submit(() -> answers("loaded", seed)));
            }
            for (int agent = 0; agent < 8; agent++) {
                assertThat(beside.get(agent).get()).isEqualTo(plain.get(agent).get());
            }
        } finally {
            threads.shutdownNow();
        }
        double judged = counted(gateway, "loaded", "same")
                + counted(gateway, "loaded", "stricter")
                + counted(gateway, "loaded", "looser");
        assertThat(judged).as("every call was judged").isEqualTo(CALLS / 8 * 8);
        assertThat(counted(gateway, "loaded", "stricter")).isPositive();
        assertThat(counted(gateway, "loaded", "unjudged")).isZero();
    }

    private static List<String> answers(String template, long seed) {
        TestAgent agent = started(gateway, template);
        Random random = new Random(seed);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < CALLS / 8; i++) {
            String target = READ + random.nextInt(3);
            HttpResponse<String> answer = random.nextInt(3) == 0
                    ? agent.call(gateway, "POST", target, "{}")
                    : agent.get(gateway, random.nextInt(10) == 0 ? OTHER : target);
            answers.add(answer.statusCode() + " "
                    + answer.headers().firstValue("Errand-Code").orElse("") + " "
                    + answer.headers().firstValue("Errand-Operation").orElse(""));
        }
        return answers;
    }

    private static void write(String file, String text) throws IOException {
        Files.writeString(gateway.directory().resolve(file), text);
    }

    private static void awaitTaken() {
        String revision = new ConfigurationFiles(gateway.directory()).revision(new Faults());
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        LivePolicies live = gateway.context().getBean(LivePolicies.class);
        ConfigurationLook.at(gateway.context());
        while (!live.report().fileRevision().equals(revision)) {
            assertThat(System.nanoTime()).as("waited for a minute").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        assertThat(live.report().faults()).isEmpty();
    }

    private record Run(int code, String out, String err) {}

    private static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Errand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = command.execute(arguments);
        return new Run(code, out.toString(), err.toString());
    }
}
