package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The client of {@code docs/client}, which shares no code with ours, against the running gateway. */
class ForeignClientIT {
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
            Process process = new ProcessBuilder(List.of(
                            "node",
                            RunningGateway.repository()
                                    .resolve("docs/client/agent.mjs")
                                    .toString(),
                            gateway.address().toString(),
                            RunningGateway.ISSUER,
                            human.token(),
                            workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                            "{\"template\":\"explore\",\"parameters\":{\"project\":\"payments\"}}",
                            "GET",
                            TestAgent.READ))
                    .redirectErrorStream(true)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(out).isZero();

            JsonObject report = TestAgent.json(out);
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
            Process process = new ProcessBuilder("node", "--version").start();
            String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0
                    && Integer.parseInt(version.substring(1).split("\\.")[0]) >= 20;
        } catch (IOException missing) {
            return false;
        }
    }
}
