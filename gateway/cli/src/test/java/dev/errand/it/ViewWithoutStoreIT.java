package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a holder is told of its task while the state cannot be read. */
class ViewWithoutStoreIT {
    @Test
    void view_whileTheStoreIsAway_isUnavailable(@TempDir Path directory) throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        SharedRedis redis = new SharedRedis(directory);
        try (RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = RunningGateway.with()
                        .trusting(human, workloads)
                        .upstream(upstream)
                        .sharing(redis, redis.keys())
                        .start()) {
            TestAgent agent = TestAgent.explore(gateway, human, workloads);
            assertThat(agent.get(gateway, "/oauth2/task").statusCode()).isEqualTo(200);
            redis.close();
            HttpResponse<String> answer = agent.get(gateway, "/oauth2/task");

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Errand-Code")).hasValue("decision-unavailable");
            assertThat(answer.headers().firstValue("Errand-Decision")).isEmpty();
            assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
            JsonObject problem = TestAgent.json(answer.body());
            assertThat(problem.string("code")).isEqualTo("decision-unavailable");
            assertThat(problem.string("task")).isEqualTo(agent.task());
        } finally {
            redis.close();
        }
    }
}
