package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The client libraries as they are packed: their own tests with the vectors, their types, and a task from its start to its
 * end against a gateway, once with an upstream that breaks off.
 */
class AgentLibrariesIT {
    private static final Path CLIENTS = RunningGateway.repository().resolve("clients");
    private static final Path SCRIPTS = RunningGateway.repository().resolve("gateway/cli/src/test/clients");

    private static final Path LICENSE = RunningGateway.repository().resolve("LICENSE");

    @TempDir
    private static Path packed;

    private static AgentLibraries libraries;

    @TempDir
    private Path directory;

    @BeforeAll
    static void arrange() {
        libraries = new AgentLibraries(packed);
    }

    @Test
    @Tag("agent-python")
    void python_itsOwnTestsAndTypes() throws Exception {
        ServerProcess.Outcome tests =
                libraries.python(CLIENTS.resolve("python"), "-m", "unittest", "discover", "-s", "tests", "-t", ".");
        assertThat(tests.exit()).as(tests.text()).isZero();
        assertThat(tests.text()).containsPattern("Ran [2-9][0-9] tests").doesNotContain("skipped");
        ServerProcess.Outcome types =
                libraries.python(CLIENTS.resolve("python"), "-m", "mypy", "--cache-dir", directory.toString(), "src");
        assertThat(types.exit()).as(types.text()).isZero();
        assertThat(libraries.wheel().resolve("errand_agent-0.1.0.dist-info/licenses/LICENSE"))
                .hasSameBinaryContentAs(LICENSE);
    }

    @Test
    @Tag("agent-node")
    void node_itsOwnTestsAndTypes() throws Exception {
        Path home = libraries.tarball();
        Path module = home.resolve("node_modules/errand-agent");
        assertThat(module.resolve("LICENSE")).hasSameBinaryContentAs(LICENSE);
        copy(CLIENTS.resolve("node/test"), module.resolve("test"));
        copy(CLIENTS.resolve("vectors"), home.resolve("node_modules/vectors"));
        String tests = AgentLibraries.succeeds(
                new ProcessBuilder("node", "--test", "test/vectors.test.js", "test/task.test.js", "test/proxy.test.js")
                        .directory(module.toFile()));
        assertThat(tests).containsPattern("# pass [2-9][0-9]").contains("# skipped 0");

        String tsc = home.resolve("node_modules/typescript/bin/tsc").toString();
        Files.copy(CLIENTS.resolve("node/tsconfig.json"), module.resolve("tsconfig.json"));
        Path made = directory.resolve("types");
        AgentLibraries.succeeds(new ProcessBuilder(
                "node",
                tsc,
                "-p",
                module.toString(),
                "--noEmit",
                "false",
                "--declaration",
                "--emitDeclarationOnly",
                "--outDir",
                made.toString()));
        try (Stream<Path> files = Files.list(made)) {
            for (Path file : files.toList()) {
                assertThat(CLIENTS.resolve("node/types").resolve(file.getFileName()))
                        .as("npm run types")
                        .hasSameTextualContentAs(file);
            }
        }
        Files.copy(SCRIPTS.resolve("agent_types.mts"), home.resolve("agent_types.mts"));
        AgentLibraries.succeeds(new ProcessBuilder(
                        "node",
                        tsc,
                        "--noEmit",
                        "--strict",
                        "--skipLibCheck",
                        "--module",
                        "nodenext",
                        "--target",
                        "es2022",
                        "--lib",
                        "es2022,dom,esnext.disposable",
                        "--types",
                        "node",
                        "agent_types.mts")
                .directory(home.toFile()));
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    @Tag("agent-python")
    void python_aTaskFromItsStartToItsEnd() throws Exception {
        journey(files ->
                libraries.python(files, SCRIPTS.resolve("agent_journey.py").toString()));
    }

    @Test
    @Tag("agent-node")
    void node_aTaskFromItsStartToItsEnd() throws Exception {
        Path home = libraries.tarball();
        Files.copy(SCRIPTS.resolve("agent_journey.mjs"), home.resolve("agent_journey.mjs"));
        journey(files -> ServerProcess.end(
                new ProcessBuilder("node", home.resolve("agent_journey.mjs").toString()).directory(files.toFile()),
                ""));
    }

    /** Runs an agent in a directory with what it needs. */
    private interface Agent {
        ServerProcess.Outcome run(Path files) throws Exception;
    }

    private void journey(Agent agent) throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (RawUpstream upstream = new RawUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(human, workloads)
                        .property("vault.uri", "http://127.0.0.1:" + upstream.port())
                        // A gateway that asks for nonces asks for more.
                        .property("errand.proof.nonce", "true")
                        .start()) {
            upstream.behave((socket, head) -> {
                if (head.startsWith("PUT")) {
                    socket.close();
                    return false;
                }
                RawUpstream.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                return true;
            });
            Path files = Files.createDirectories(directory.resolve("agent"));
            Files.writeString(files.resolve("gateway"), gateway.address().toString());
            Files.writeString(files.resolve("human.jwt"), human.token());
            Files.writeString(files.resolve("refused.jwt"), human.token("strangers", ""));
            Files.writeString(
                    files.resolve("agent.svid"), workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER));
            ServerProcess.Outcome outcome = agent.run(files);
            assertThat(outcome.exit()).as(outcome.text()).isZero();
            JsonObject told = TestAgent.json(outcome.text());
            assertThat(told.string("task")).startsWith("t-");
            assertThat(told.string("passed")).isEqualTo("own delegated remembered grandchild");
            Map<String, String> refusals = Map.of(
                    "start", "invalid_grant",
                    "wider", "not-granted",
                    "spent", "budget-exhausted",
                    "ended", "task-ended",
                    "broken", "upstream-unavailable maybe",
                    "outside", "constraint-violated",
                    "late", "task-ended");
            refusals.forEach(
                    (name, code) -> assertThat(told.string(name)).as(name).isEqualTo(code));
            // What broke off was sent once, and the gateway decided about it once.
            assertThat(upstream.bytes().split("PUT /v1/secret/data/docs/payments/a HTTP", -1))
                    .hasSize(2);
            assertThat(gateway.records())
                    .filteredOn(line -> line.contains("\"method\":\"PUT\"") && line.contains("\"outcome\":\"permit\""))
                    .hasSize(1);
        }
    }
}
