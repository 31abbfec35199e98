package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.state.redis.link.RunningRedis;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The embedded store is killed while the gateway runs. */
class EmbeddedStoreIT {
    @Test
    void killedStore_isStartedAgain_andKnowsTheTask() throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .start()) {
            TestAgent agent = TestAgent.explore(gateway, human, workloads);
            long before = calls(agent.get(gateway, "/oauth2/task"));
            String path = TestAgent.READ;
            assertThat(agent.get(gateway, path).statusCode()).isEqualTo(200);
            RunningRedis server = RunningRedis.read(gateway.directory().resolve("data/redis"));
            ProcessHandle.of(server.pid()).orElseThrow().destroyForcibly();
            AtomicInteger refused = new AtomicInteger(-1);
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                refused.incrementAndGet();
                return agent.get(gateway, path).statusCode() == 200;
            });
            // A refused call may have been counted: the store's answer to its step came too late.
            // Each loop has its own connection to the store, and the view may come by another one than the call.
            HttpResponse<String> view = await().atMost(Duration.ofSeconds(60))
                    .until(() -> agent.get(gateway, "/oauth2/task"), answer -> answer.statusCode() == 200);
            assertThat(calls(view)).isBetween(before - 2 - refused.get(), before - 2);
        }
    }

    private static long calls(HttpResponse<String> view) {
        return Long.parseLong(view.body().replaceAll("(?s).*\"budgets\":\\{\"calls\":(\\d+).*", "$1"));
    }
}
