package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The two examples of the page "Your agent in ten lines" that need the command {@code errand agent}: a shell script and a CI
 * job. The command is its jar, or the class path that the property {@code errand.agent} names.
 */
@EnabledOnOs(OS.LINUX)
class AgentCommandPageIT {
    private static final Page PAGE = new Page("docs/agents.md");

    @TempDir
    private Path directory;

    /** The {@code errand} that the shell finds. */
    @BeforeEach
    void command() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String jar = RunningGateway.repository()
                .resolve("agent/target/errand-agent.jar")
                .toString();
        Path errand = Files.writeString(
                Files.createDirectory(directory.resolve("bin")).resolve("errand"),
                """
                #!/bin/sh
                [ "$1" = agent ] || exit 2
                shift
                exec '%s' -Xmx64m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' dev.errand.agent.Agent "$@"
                """.formatted(java, System.getProperty("errand.agent", jar)));
        Files.setPosixFilePermissions(errand, PosixFilePermissions.fromString("rwx------"));
    }

    private String shell(Triage triage, String script, Map<String, String> environment) throws Exception {
        Path file = Files.writeString(directory.resolve("script.sh"), triage.at(directory, script));
        ProcessBuilder builder = new ProcessBuilder("sh", "-e", file.toString()).directory(directory.toFile());
        builder.environment()
                .put(
                        "PATH",
                        directory.resolve("bin")
                                + File.pathSeparator
                                + builder.environment().get("PATH"));
        builder.environment().putAll(environment);
        ServerProcess.Outcome outcome = ServerProcess.end(builder, "");
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        return outcome.text();
    }

    @Test
    void script_callsAndEndsItsTask() throws Exception {
        try (Triage triage = Triage.start()) {
            assertThat(shell(triage, PAGE.block("# a script"), Map.of()))
                    .contains("errand agent: task t-", "{\"title\":\"Printer\"}{\"title\":\"Printer\"}");
            assertThat(triage.tickets().seen())
                    .extracting(seen -> seen.method() + ' ' + seen.target())
                    .containsExactly("GET /v1/tickets/17", "POST /v1/tickets/17/comments");
            assertThat(triage.tickets().last().text()).isEqualTo("{\"text\":\"done\"}");
            assertEnded(triage);
        }
    }

    @Test
    void job_callsAndEndsItsTask() throws Exception {
        Map<?, ?> file =
                (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(PAGE.block("# .gitlab-ci.yml"));
        Map<?, ?> job = (Map<?, ?>) file.get("triage");
        assertThat(job.get("id_tokens")).isEqualTo(Map.of("HUMAN", Map.of("aud", "errand")));
        String script = String.join(
                "\n",
                ((List<?>) job.get("script")).stream().map(String::valueOf).toList());
        try (Triage triage = Triage.start()) {
            assertThat(shell(triage, script, Map.of("HUMAN", Triage.human())))
                    .contains("errand agent: task t-", "{\"title\":\"Printer\"}");
            assertThat(triage.tickets().seen()).hasSize(1);
            assertEnded(triage);
        }
    }

    @Test
    @Tag("agent-python")
    void python_belowTheCompanion_hasAChildOfItsOwn() throws Exception {
        AgentLibraries libraries = new AgentLibraries(directory);
        Files.writeString(directory.resolve("reader.py"), PAGE.block("# below a companion"));
        below(
                AgentLibraries.python() + " reader.py",
                Map.of("PYTHONPATH", libraries.wheel().toString()));
    }

    @Test
    @Tag("agent-node")
    void node_belowTheCompanion_hasAChildOfItsOwn() throws Exception {
        Files.writeString(new AgentLibraries(directory).tarball().resolve("reader.mjs"), """
                import { Task } from 'errand-agent';
                const allow = { 'tickets:ticket.read': { resource: { constraint_type: 'exact', value: '17' } } };
                const reader = await Task.below({ allow, calls: 3 });
                console.log(await (await reader.fetch('/tickets/v1/tickets/17')).json());
                await reader.end();
                """);
        below("node node/reader.mjs", Map.of());
    }

    /** Runs a program that calls once as a child, after which its companion calls once itself. */
    private void below(String program, Map<String, String> environment) throws Exception {
        String script = PAGE.block("# a script")
                .replace("-- sh -ec '", "--derive 1 -- sh -ec '\n" + program)
                .replaceAll("(?m)^ *curl .*/comments\"\\R", "");
        try (Triage triage = Triage.start()) {
            assertThat(shell(triage, script, environment)).contains("'Printer'", "{\"title\":\"Printer\"}");
            assertThat(triage.gateway().records())
                    .filteredOn(line -> line.contains("\"outcome\":\"permit\""))
                    .extracting(line -> line.split("\"jkt\"", -1).length - 1)
                    .containsExactly(2, 1);
        }
    }

    private static void assertEnded(Triage triage) {
        assertThat(triage.gateway().records())
                .filteredOn(line -> line.contains("\"kind\":\"end"))
                .singleElement()
                .asString()
                .contains("completed");
    }
}
