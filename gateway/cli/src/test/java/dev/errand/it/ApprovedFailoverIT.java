package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.Approver.Asked;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.TcpProxy;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store with a replica, which is promoted: an approval that was used is used for good, and one whose use the replica does not have
 * lets no call out.
 */
class ApprovedFailoverIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Approver ALICE = new Approver(HUMAN, "alice");
    private static final String DOC = "/vault/v1/secret/data/docs/payments/a";

    @TempDir
    Path directory;

    private static HttpResponse<String> write(RunningGateway gateway, TestAgent agent, String text) {
        return agent.call(
                gateway, "POST", DOC, Map.of("Content-Type", "application/json"), "{\"data\":\"" + text + "\"}");
    }

    @Test
    void usedApproval_isUsedBehindAFailover_andAnUnconfirmedUseLetsNothingOut() throws Exception {
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        try (RedisProcess first = new RedisProcess(directory.resolve("first"));
                TcpProxy replication = new TcpProxy(first.port());
                RedisProcess second =
                        new RedisProcess(directory.resolve("second"), "replicaof 127.0.0.1 " + replication.port());
                TcpProxy network = new TcpProxy(first.port());
                RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(HUMAN, WORKLOADS)
                        .upstream(upstream)
                        .sharing("redis://127.0.0.1:" + network.port(), keys)
                        .file("tasks/careful.yaml", Approver.template("careful", Approver.BY, ""))
                        .start()) {
            RedisProcess.until(
                    "the replica follows",
                    () -> second.info("replication", "master_link_status").equals("up"));
            TestAgent agent = Templates.started(gateway, HUMAN, WORKLOADS, "careful");
            Asked used = Asked.of(write(gateway, agent, "x"));
            assertThat(ALICE.approve(gateway, used).statusCode()).isEqualTo(200);
            assertThat(write(gateway, agent, "x").statusCode()).isEqualTo(200);
            Asked late = Asked.of(write(gateway, agent, "y"));
            assertThat(ALICE.approve(gateway, late).statusCode()).isEqualTo(200);

            replication.cut();
            HttpResponse<String> unsent = write(gateway, agent, "y");
            assertThat(unsent.statusCode()).as(unsent.body()).isEqualTo(503);
            assertThat(unsent.headers().firstValue("Errand-Code")).hasValue("decision-unavailable");
            assertThat(unsent.headers().firstValue("Errand-Sent")).hasValue("no");
            assertThat(upstream.seen()).hasSize(1);

            first.kill();
            second.command("REPLICAOF", "NO", "ONE");
            network.leadTo(second.port());
            network.disconnect();
            RedisProcess.until(
                    "the gateway is back",
                    () -> write(gateway, agent, "x")
                            .headers()
                            .firstValue("Errand-Code")
                            .orElse("permitted")
                            .equals("approval-required"));
            assertThat(Asked.of(write(gateway, agent, "x")).id()).isNotEqualTo(used.id());
            // What was given back, or what the replica had: in either case it passes once.
            assertThat(write(gateway, agent, "y").statusCode()).isEqualTo(200);
            assertThat(write(gateway, agent, "y").headers().firstValue("Errand-Code"))
                    .hasValue("approval-required");
            assertThat(upstream.seen()).hasSize(2);
        }
    }
}
