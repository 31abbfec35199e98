package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.scenario.Difference;
import dev.errand.offline.scenario.Scenario;
import dev.errand.offline.scenario.Scenario.Approve;
import dev.errand.offline.scenario.Scenario.Instructed;
import dev.errand.offline.scenario.ScenarioReader;
import dev.errand.offline.scenario.ScenarioRun;
import dev.errand.template.Policies;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Scenarios of tools behind MCP, played by HTTP through a gateway on their own configuration, a task for each: what becomes of a
 * call is what {@code errand test} says. By default these are the scenarios of {@code examples/agentdojo}. {@code
 * load-tests/judgement --live} names a directory with others by {@code -Djudgement.live}.
 */
class LiveRunsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Pattern OTHERWISE =
            Pattern.compile("call (\\d+), .*: expected [a-z-]+, was ([a-z-]+): .*", Pattern.DOTALL);
    private static final Map<String, String> MCP =
            Map.of("Content-Type", "application/json", "Accept", "application/json, text/event-stream");
    private static final String ASKED = "approval-required";

    @Test
    void calls_endAsErrandTestSays() throws IOException {
        String given = System.getProperty("judgement.live");
        Path example = given == null ? Checkout.path("examples/agentdojo") : Path.of(given);
        try (RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .on(example)
                        .trusting(HUMAN, WORKLOADS)
                        .file(
                                "application.yaml",
                                Files.readString(example.resolve("application.yaml"))
                                        .replaceAll("http://127\\.0\\.0\\.1:83\\d\\d", upstream.uri()))
                        .start()) {
            Map<String, Integer> codes = new TreeMap<>();
            Policies policies = Objects.requireNonNull(
                    ConfigurationCheck.check(gateway.directory(), Map.of()).policies());
            for (Path file : Yaml.files(gateway.directory().resolve("tests"))) {
                Scenario scenario = read(file);
                String[] expected = expected(gateway.directory(), policies, scenario);
                TestAgent agent = start(gateway, file, scenario);
                for (int i = 0; i < expected.length; i++) {
                    Scenario.Call call = scenario.calls().get(i);
                    String code = code(gateway, upstream, agent, call);
                    assertThat(code)
                            .as("%s, call %s, %s: the gateway beside errand test", file, i + 1, call.operation())
                            .isEqualTo(expected[i]);
                    codes.merge(code, 1, Integer::sum);
                }
                agent.end(gateway);
            }
            int calls = codes.values().stream().mapToInt(each -> each).sum();
            int permitted = codes.getOrDefault(Scenario.PERMIT, 0);
            int asked = codes.getOrDefault(ASKED, 0);
            assertThat(permitted).isPositive();
            assertThat(asked).isPositive();
            if (given != null) {
                Files.writeString(
                        example.resolve("live.txt"),
                        "live: %d calls, %1$d equal: %d permitted, %d asked, %d refused%n"
                                .formatted(calls, permitted, asked, calls - permitted - asked));
            }
        }
    }

    private static Scenario read(Path file) {
        Faults faults = new Faults();
        Scenario scenario = ScenarioReader.read(file, file.toString(), faults)
                .orElseThrow(() -> new AssertionError(faults.list().toString()));
        assertThat(scenario.pinned()).as("%s: values of the start", file).isEmpty();
        assertThat(scenario.calls())
                .as("%s: calls of tools by the root, one after the other, all answered", file)
                .allMatch(call -> call.operation().contains(":tools.call/")
                        && call.resource().isEmpty()
                        && call.status() != Scenario.UNKNOWN
                        && call.after().isZero()
                        && call.child() == 0
                        && call.approve() == Approve.NOT);
        return scenario;
    }

    /** The code of each call by {@code errand test}. */
    private static String[] expected(Path directory, Policies policies, Scenario scenario) {
        String[] codes = scenario.calls().stream().map(Scenario.Call::expect).toArray(String[]::new);
        List<Difference> differences = ScenarioRun.play(
                directory,
                policies,
                request -> {
                    throw new AssertionError(request);
                },
                scenario);
        for (Difference difference : differences) {
            Matcher otherwise = OTHERWISE.matcher(difference.message());
            assertThat(otherwise.matches()).as(difference.toString()).isTrue();
            codes[Integer.parseInt(otherwise.group(1)) - 1] = otherwise.group(2);
        }
        return codes;
    }

    private static TestAgent start(RunningGateway gateway, Path file, Scenario scenario) {
        assertThat(scenario.instruction()).isEqualTo(Instructed.SAID);
        JsonMembers parameters = new JsonMembers();
        scenario.parameters().forEach((name, value) -> {
            if (value.list()) {
                parameters.put(name, value.values());
            } else {
                parameters.put(name, value.text());
            }
        });
        JsonObject start = new JsonMembers()
                .put("template", scenario.template())
                .put("parameters", parameters.toJson())
                .toJson();
        JsonObject consent = new JsonMembers()
                .put("type", "errand_start")
                .putAll(start.members())
                .toJson();
        return TestAgent.start(
                gateway,
                TestAgent.HTTP,
                TestKey.ed25519("agent"),
                // A human of their own: the questions to one are bounded.
                new TestHuman(HUMAN.issuer(), "user:" + file.getFileName(), HUMAN.key())
                        .token("staff", ",\"authorization_details\":[" + Jcs.canonical(consent) + "]"),
                WORKLOADS.svid("spiffe://example.org/agent/assistant", RunningGateway.ISSUER),
                Jcs.canonical(new JsonMembers()
                        .putAll(start.members())
                        .put("instruction", Jws.object(TestAgent.INSTRUCTION))
                        .toJson()));
    }

    /** The code of the call by the gateway. It reaches the tool, and the tool's answer the agent, if and only if it is permitted. */
    private static String code(
            RunningGateway gateway, RecordingUpstream upstream, TestAgent agent, Scenario.Call call) {
        String body = call.body() == null ? "{}" : Jcs.canonical(call.body());
        upstream.forget();
        upstream.answer(request -> RecordingUpstream.Answer.of(call.status(), body));
        int colon = call.operation().indexOf(':');
        JsonObject tool = new JsonMembers()
                .put("name", call.operation().substring(call.operation().indexOf('/') + 1))
                .put("arguments", call.arguments())
                .toJson();
        HttpResponse<String> answer = agent.call(
                gateway,
                "POST",
                "/" + call.operation().substring(0, colon) + "/mcp",
                MCP,
                Jcs.canonical(new JsonMembers()
                        .put("jsonrpc", "2.0")
                        .put("id", 1)
                        .put("method", "tools/call")
                        .put("params", tool)
                        .toJson()));
        String code = answer.headers().firstValue("Errand-Code").orElse(Scenario.PERMIT);
        if (code.equals(Scenario.PERMIT)) {
            assertThat(upstream.seen()).as(answer.body()).hasSize(1);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(call.status());
            assertThat(answer.body()).isEqualTo(body);
        } else {
            assertThat(upstream.seen()).as(answer.body()).isEmpty();
            assertThat(answer.headers().firstValue("Errand-Approval").isPresent())
                    .as(answer.body())
                    .isEqualTo(code.equals(ASKED));
        }
        return code;
    }
}
