package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.holder.AgentException;
import dev.errand.jose.KeyRing;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.StoreLog;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose default user is off dies together with the gateway: what agents and operators did still holds. */
class HardenedStoreIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    Path temporary;

    private static RunningGateway gateway(RedisProcess redis, Path keys, RecordingUpstream upstream) {
        return RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .sharing(redis.url(), keys)
                .start();
    }

    private static TestAgent start(RunningGateway gateway, String humanToken) {
        String three = TestAgent.EXPLORE.replaceFirst("}$", ",\"calls\":3}");
        return TestAgent.start(gateway, TestKey.ed25519("agent"), humanToken, WORKLOADS, three);
    }

    private static HttpResponse<String> send(RunningGateway gateway, TestAgent agent, String proof) throws Exception {
        return TestAgent.HTTP.send(
                HttpRequest.newBuilder(URI.create(gateway.address() + TestAgent.READ))
                        .header("Authorization", "DPoP " + agent.token())
                        .header("DPoP", proof)
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void budgetsEndingsProofsAndStarts_surviveARestartOfTheStoreAndTheGateway() throws Exception {
        Path keys = temporary.resolve("keys.jwks");
        KeyRing.createIfAbsent(keys);
        try (RedisProcess redis = StoreLog.store(null, temporary.resolve("store"))) {
            String humanToken = HUMAN.token();
            TestAgent running;
            TestAgent child;
            TestAgent revoked;
            TestAgent interrupted;
            String proof;
            try (RecordingUpstream upstream = new RecordingUpstream();
                    RunningGateway one = gateway(redis, keys, upstream)) {
                running = start(one, humanToken);
                child = running.child();
                proof = running.dpop("GET", TestAgent.READ);
                assertThat(send(one, running, proof).statusCode()).isEqualTo(200);
                assertThat(child.get(one, TestAgent.READ).statusCode()).isEqualTo(200);
                child.end(one);
                revoked = start(one, HUMAN.token());
                assertThat(revoked.get(one, TestAgent.READ).statusCode()).isEqualTo(200);
                revoked.end(one);
                interrupted = start(one, HUMAN.token());
                assertThat(OperatorClient.of(one)
                                .post("/tasks/" + interrupted.task() + "/interrupt", "{\"why\":\"a leak\"}")
                                .statusCode())
                        .isEqualTo(200);
                assertThat(OperatorClient.of(one)
                                .post("/tasks/interrupt", "{\"template\":\"ci\",\"why\":\"x\",\"lock\":\"15m\"}")
                                .statusCode())
                        .isEqualTo(200);
            }
            redis.kill();
            redis.start();
            assertThat(redis.log()).doesNotContain("NOPERM");

            try (RecordingUpstream upstream = new RecordingUpstream();
                    RunningGateway anew = gateway(redis, keys, upstream)) {
                assertThat(send(anew, running, proof).body()).contains("invalid-proof");
                assertThat(child.get(anew, TestAgent.READ).body()).contains("task-ended");
                assertThat(running.get(anew, TestAgent.READ).statusCode()).isEqualTo(200);
                assertThat(running.get(anew, TestAgent.READ).body()).contains("budget-exhausted");
                for (TestAgent over : List.of(revoked, interrupted)) {
                    assertThat(over.get(anew, TestAgent.READ).body()).contains("task-ended");
                }
                assertThatThrownBy(() -> start(anew, humanToken))
                        .isInstanceOf(AgentException.class)
                        .hasMessageContaining("invalid_grant");
                assertThat(OperatorClient.of(anew).get("/locks").body()).contains("\"template\":\"ci\"");
                assertThat(OperatorClient.of(anew).get("/tasks").body()).contains(running.task());
            }
        }
    }
}
