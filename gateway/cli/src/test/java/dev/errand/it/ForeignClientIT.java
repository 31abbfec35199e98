package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client of {@code clients}, which shares no code with ours, against the running gateway. */
class ForeignClientIT {
    @TempDir
    private Path directory;

    @Test
    void agentMjs_againstTheGateway_runsATaskToItsEnd() throws Exception {
        assumeTrue(nodeIsHere(), "there is no node, 20 or newer, on the path");
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        // The client must follow a gateway that asks for nonces too.
                        .property("errand.proof.nonce", "true")
                        .start()) {
            ServerProcess.Outcome client = ServerProcess.end(
                    new ProcessBuilder(List.of(
                            "node",
                            RunningGateway.repository()
                                    .resolve("clients/agent.mjs")
                                    .toString(),
                            gateway.address().toString(),
                            RunningGateway.ISSUER,
                            Files.writeString(directory.resolve("human.jwt"), human.token())
                                    .toString(),
                            Files.writeString(
                                            directory.resolve("agent.svid"),
                                            workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER))
                                    .toString(),
                            "{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}",
                            "GET",
                            TestAgent.READ)),
                    "");
            assertThat(client.exit()).as(client.text()).isZero();

            JsonObject report = TestAgent.json(client.text());
            assertThat(report.string("task")).startsWith("t-");
            for (String call : List.of("own", "delegated", "remembered")) {
                assertThat(Jcs.canonical(report)).contains("\"" + call + "\":200");
            }
            assertThat(report.string("code")).isEqualTo("task-ended");
            assertThat(upstream.seen()).hasSize(3);
        }
    }

    private static boolean nodeIsHere() throws InterruptedException {
        try {
            ServerProcess.Outcome version = ServerProcess.end(new ProcessBuilder("node", "--version"), "");
            return version.exit() == 0
                    && Integer.parseInt(version.text().strip().substring(1).split("\\.")[0]) >= 20;
        } catch (IOException missing) {
            return false;
        }
    }
}
