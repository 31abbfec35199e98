package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A task from its start to its end, over HTTP. */
class TaskJourneyIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    @Test
    void task_startCallDeriveCallEnd_runsToItsEnd() {
        TestAgent root = TestAgent.explore(gateway, HUMAN, WORKLOADS);
        assertThat(root.get(gateway, "/vault/v1/secret/data/docs/payments/a").statusCode())
                .isEqualTo(200);

        TestAgent child = root.child();
        assertThat(child.get(gateway, "/vault/v1/secret/data/docs/payments/b").statusCode())
                .isEqualTo(200);

        root.end(gateway);
        var after = child.get(gateway, "/vault/v1/secret/data/docs/payments/c");
        assertThat(after.statusCode()).isEqualTo(401);
        assertThat(TestAgent.json(after.body()).string("code")).isEqualTo("task-ended");
        assertThat(upstream.seen())
                .extracting(RecordingUpstream.Seen::target)
                .containsExactly("/v1/secret/data/docs/payments/a", "/v1/secret/data/docs/payments/b");
    }
}
