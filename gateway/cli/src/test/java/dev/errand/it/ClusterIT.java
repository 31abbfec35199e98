package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Patience;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisCluster;
import dev.errand.state.redis.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running gateway on a real Redis Cluster of three masters, a slot of which moves, and one of which dies. */
class ClusterIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    /** A second, and what a busy machine adds. */
    private static final Duration RECOVERY = Duration.ofMillis(2000);

    @TempDir
    static Path directory;

    private static RedisCluster cluster;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        Path keys = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        cluster = new RedisCluster(directory.resolve("cluster"));
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(String.join(",", cluster.urls()), keys)
                .property("errand.state.timeout", "500ms")
                .start();
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        upstream.close();
        cluster.close();
    }

    private static int status(TestAgent agent) {
        return agent.get(gateway, TestAgent.READ).statusCode();
    }

    private static void assertOverSoon(String what, TestAgent agent) throws Exception {
        long begin = System.nanoTime();
        while (status(agent) != 200) {
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).as(what).isLessThan(Patience.of(RECOVERY));
            TimeUnit.MILLISECONDS.sleep(20);
        }
        System.out.println(what + ": over after " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    }

    @Test
    void journey_onACluster_runsToItsEnd() {
        for (int i = 0; i < 6; i++) {
            TestAgent root = TestAgent.explore(gateway, HUMAN, WORKLOADS);
            assertThat(status(root)).isEqualTo(200);
            TestAgent child = root.child();
            assertThat(status(child)).isEqualTo(200);
            Attempt seen = Attempt.by(child);
            assertThat(seen.send(gateway).status()).isEqualTo(200);
            assertThat(seen.send(gateway).status()).isEqualTo(401);
            root.end(gateway);
            assertThat(status(child)).isEqualTo(401);
        }
    }

    @Test
    void slotMoved_callsPassWhileItMoves() throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        int slot = cluster.slot(agent.task());
        TestAgent other = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        while (cluster.slot(other.task()) == slot) {
            other = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        }
        RedisProcess from = cluster.owner(slot);
        RedisProcess to = cluster.nodes().stream()
                .filter(node -> node != from)
                .findFirst()
                .orElseThrow();
        assertThat(status(agent)).isEqualTo(200);
        Attempt seen = Attempt.by(agent);
        assertThat(seen.send(gateway).status()).isEqualTo(200);
        upstream.forget();

        cluster.beginMove(slot, from, to);
        for (int i = 0; i < 10; i++) {
            assertThat(status(agent)).isEqualTo(200);
        }
        assertThat(status(other)).as("a task of another slot").isEqualTo(200);
        cluster.moveKeys(slot, from, to);
        cluster.endMove(slot, from, to);
        assertOverSoon("SLOT_MOVED", agent);
        assertThat(seen.send(gateway).status()).as("its proof is used").isEqualTo(401);
        assertThat(cluster.owner(slot)).isSameAs(to);
    }

    @Test
    void masterKilledAndRestarted_refusesItsTasksOnly() throws Exception {
        TestAgent agent = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        RedisProcess owner = cluster.owner(cluster.slot(agent.task()));
        TestAgent other = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        while (cluster.owner(cluster.slot(other.task())) == owner) {
            other = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        }
        assertThat(status(agent)).isEqualTo(200);
        upstream.forget();
        owner.kill();
        try {
            assertThat(status(agent)).isEqualTo(503);
            assertOverSoon("MASTER_KILLED, tasks of others", other);
        } finally {
            owner.start();
        }
        RedisProcess.until(
                "the master serves again, which it does two seconds after its start",
                () -> owner.command("CLUSTER", "INFO").contains("cluster_state:ok"));
        assertOverSoon("MASTER_KILLED", agent);
    }
}
