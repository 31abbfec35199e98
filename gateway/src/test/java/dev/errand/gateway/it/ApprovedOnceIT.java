package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.gateway.it.Approver.Asked;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One approval lets one call pass, however many come at once to however many replicas. */
class ApprovedOnceIT {
    private static final int CALLERS = 64;
    private static final String DOC = "/vault/v1/secret/data/docs/payments/a";

    @TempDir
    Path directory;

    @Test
    void manyCallers_onThreeReplicas_onePasses() throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        Approver alice = new Approver(human, "alice");
        List<RunningGateway> replicas = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try (SharedRedis redis = new SharedRedis(directory);
                RecordingUpstream upstream = new RecordingUpstream()) {
            for (int i = 0; i < 3; i++) {
                replicas.add(RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .sharing(redis, redis.keys())
                        .file("tasks/careful.yaml", Approver.template("careful", Approver.BY, ""))
                        .start());
            }
            TestAgent agent = Templates.started(replicas.get(0), human, workloads, "careful");
            Asked asked = Asked.of(write(agent, replicas.get(0)));
            assertThat(alice.approve(replicas.get(1), asked).statusCode()).isEqualTo(200);
            CountDownLatch begin = new CountDownLatch(1);
            List<Future<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                RunningGateway replica = replicas.get(i % replicas.size());
                answers.add(threads.submit(() -> {
                    begin.await();
                    return write(agent, replica);
                }));
            }
            begin.countDown();
            int passed = 0;
            List<String> others = new ArrayList<>();
            for (Future<HttpResponse<String>> answer : answers) {
                HttpResponse<String> got = answer.get();
                if (got.statusCode() == 200) {
                    passed++;
                } else {
                    others.add(got.headers().firstValue("Errand-Code").orElse(got.body()));
                }
            }
            assertThat(passed).as("%s", others).isEqualTo(1);
            assertThat(upstream.seen()).hasSize(1);
            assertThat(others).containsOnly("approval-required");
        } finally {
            threads.shutdownNow();
            replicas.forEach(RunningGateway::close);
        }
    }

    private static HttpResponse<String> write(TestAgent agent, RunningGateway gateway) {
        return agent.call(gateway, "POST", DOC, Map.of("Content-Type", "application/json"), "{\"data\":\"x\"}");
    }
}
