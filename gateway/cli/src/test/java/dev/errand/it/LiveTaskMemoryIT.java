package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a live task holds of Redis' memory: its record and what is kept of its start, without what expires within minutes. */
class LiveTaskMemoryIT {
    private static final int TASKS = 100;

    @TempDir
    static Path temporary;

    @Test
    void task_thatWasStartedAndCalled_holdsAtMost700Bytes_andAsManyInTheIndex() throws Exception {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        try (SharedRedis redis = new SharedRedis(temporary);
                RecordingUpstream upstream = new RecordingUpstream();
                RunningGateway gateway = Scene.replica(redis, upstream, human, workloads)) {
            for (int i = 0; i < TASKS; i++) {
                TestAgent agent = TestAgent.explore(gateway, human, workloads);
                assertThat(agent.get(gateway, TestAgent.READ).statusCode()).isEqualTo(200);
            }
            RedisClient client = RedisClient.create(redis.url());
            try (StatefulRedisConnection<String, String> connection = client.connect()) {
                RedisCommands<String, String> commands = connection.sync();
                Map<String, Long> bytes = new TreeMap<>();
                for (String key : commands.keys("*")) {
                    String kind = key.startsWith("{")
                            ? key.replaceFirst("\\{[^}]*\\}(.?).*", "task $1")
                            : key.substring(0, 8);
                    bytes.merge(kind, commands.memoryUsage(key), Long::sum);
                }
                // The entry in the table of expiries, and a share of both tables, which the command leaves out.
                long beside = 2 * (24 + 16) + 16;
                long each = (bytes.get("task ") + bytes.get("errand:s")) / TASKS + beside;
                long index = bytes.entrySet().stream()
                                .filter(kind -> kind.getKey().matches("task [a-zA-Z]+"))
                                .mapToLong(Map.Entry::getValue)
                                .sum()
                        / TASKS;
                System.out.println("bytes by kind of " + TASKS + " tasks: " + bytes + ", a live task: " + each
                        + ", its part of the index: " + index);
                assertThat(each).isLessThanOrEqualTo(700);
                assertThat(index).isLessThanOrEqualTo(700);
            } finally {
                client.shutdown();
            }
        }
    }
}
