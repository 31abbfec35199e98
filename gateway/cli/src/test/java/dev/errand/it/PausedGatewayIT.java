package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway that is stopped ({@code SIGSTOP}) with permitted calls that it has not sent, while the task is interrupted at another one.
 * The upstream is slow and has few connections, so that calls wait for one behind their permit.
 */
@Tag("faults")
class PausedGatewayIT {
    private static final int CALLERS = 64;
    private static final int ROUNDS = 4;
    /** An event loop that is stopped between its last look at a permit and the write sends that call: one each at most. */
    private static final int BEING_WRITTEN = Runtime.getRuntime().availableProcessors();

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final String LOOSE = Templates.bounded("loose", "limits: {task: [{capacity: 100000, per: 1s}]}");

    private final TestHuman human = TestHuman.releaseManager();
    private final TestWorkloads workloads = TestWorkloads.exampleOrg();

    @TempDir
    Path temporary;

    private RunningGateway.Builder replica(SharedRedis redis, RecordingUpstream upstream) {
        return RunningGateway.with()
                .trusting(human, workloads)
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .file("tasks/loose.yaml", LOOSE);
    }

    @Test
    void gatewayThatWasPaused_sendsNoCallOfATaskThatEndedMeanwhile() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try (SharedRedis redis = new SharedRedis(temporary);
                RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway other = replica(redis, upstream).start();
                GatewayProcess paused = new GatewayProcess(replica(redis, upstream)
                        .property("errand.state.timeout", "500ms")
                        .property("spring.cloud.gateway.server.webflux.httpclient.pool.max-connections", "4")
                        .property("spring.cloud.gateway.server.webflux.httpclient.pool.acquire-timeout", "20000"))) {
            upstream.answer(seen -> RecordingUpstream.Answer.of(200, "{}").after(Duration.ofMillis(20)));
            AgentClient client = new AgentClient(
                    paused.address(),
                    RunningGateway.ISSUER,
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
            for (int round = 0; round < ROUNDS; round++) {
                upstream.forget();
                TestAgent agent = Templates.started(other, human, workloads, "loose");
                List<Future<Integer>> callers = new ArrayList<>();
                for (int i = 0; i < CALLERS; i++) {
                    callers.add(threads.submit(() -> callUntilEnded(client, agent)));
                }
                while (upstream.seen().size() < (round == 0 ? 10 : 3) * CALLERS) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                signal(paused, "-STOP");
                interrupt(other, agent.task());
                // What was sent before the stop has arrived by then.
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
                int sent = upstream.seen().size();
                signal(paused, "-CONT");
                for (Future<Integer> caller : callers) {
                    assertThat(caller.get(60, TimeUnit.SECONDS)).isEqualTo(401);
                }
                assertThat(upstream.seen().size()).as("calls, round %s", round).isBetween(sent, sent + BEING_WRITTEN);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** The last status: that of an ended task, if all goes well. */
    private static int callUntilEnded(AgentClient client, TestAgent agent) {
        int status = 0;
        for (int calls = 0; calls < 1000 && status != 401; calls++) {
            status = client.call(agent.key().agent(), agent.token(), List.of(), "GET", TestAgent.READ, Map.of(), null)
                    .statusCode();
        }
        return status;
    }

    private static void interrupt(RunningGateway gateway, String task) throws Exception {
        HttpResponse<String> answer = TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + gateway.managementPort() + "/tasks/" + task + "/interrupt"))
                        .header("Authorization", "Bearer " + gateway.operatorToken())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"why\":\"stop\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static void signal(GatewayProcess gateway, String name) throws Exception {
        Process kill =
                new ProcessBuilder("kill", name, Long.toString(gateway.process().pid())).start();
        assertThat(kill.waitFor()).isZero();
    }
}
