package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.Approver.Asked;
import java.net.URI;
import java.net.http.HttpRequest;
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
                replicas.add(replica(human, workloads, upstream, redis).start());
            }
            TestAgent agent = Templates.started(replicas.get(0), human, workloads, "careful");
            Asked asked = Asked.of(write(agent, replicas.get(0)));
            assertThat(alice.approve(replicas.get(1), asked).statusCode()).isEqualTo(200);
            onePasses(threads, agent, replicas, upstream);
        } finally {
            threads.shutdownNow();
            replicas.forEach(RunningGateway::close);
        }
    }

    @Test
    void replicaThatTookTheApproval_isKilled_andOneCallPassesAtTheOthers() throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        List<RunningGateway> others = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try (SharedRedis redis = new SharedRedis(directory);
                RecordingUpstream upstream = new RecordingUpstream();
                GatewayProcess taker = new GatewayProcess(replica(human, workloads, upstream, redis))) {
            others.add(replica(human, workloads, upstream, redis).start());
            others.add(replica(human, workloads, upstream, redis).start());
            TestAgent agent = Templates.started(others.get(0), human, workloads, "careful");
            Asked asked = Asked.of(write(agent, others.get(0)));
            HttpRequest approval = HttpRequest.newBuilder(URI.create(taker.address() + "/approvals/" + asked.id()))
                    .header("Authorization", "Bearer " + new Approver(human, "alice").token())
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"decision\":\"approve\",\"digest\":\"" + asked.digest() + "\"}"))
                    .build();
            HttpResponse<String> taken = TestAgent.HTTP.send(approval, HttpResponse.BodyHandlers.ofString());
            taker.process().destroyForcibly().waitFor();
            assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
            onePasses(threads, agent, others, upstream);
        } finally {
            threads.shutdownNow();
            others.forEach(RunningGateway::close);
        }
    }

    private static RunningGateway.Builder replica(
            TestHuman human, TestWorkloads workloads, RecordingUpstream upstream, SharedRedis redis) {
        return RunningGateway.with()
                .trusting(human, workloads)
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .file("tasks/careful.yaml", Approver.template("careful", Approver.BY, ""));
    }

    /** Of many callers at once one passes, and the others are told that a human has to approve. */
    private static void onePasses(
            ExecutorService threads, TestAgent agent, List<RunningGateway> replicas, RecordingUpstream upstream)
            throws Exception {
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
        // On a busy machine a step may take longer than it may.
        assertThat(others).contains("approval-required").isSubsetOf("approval-required", "decision-unavailable");
    }

    private static HttpResponse<String> write(TestAgent agent, RunningGateway gateway) {
        return agent.call(gateway, "POST", DOC, Map.of("Content-Type", "application/json"), "{\"data\":\"x\"}");
    }
}
