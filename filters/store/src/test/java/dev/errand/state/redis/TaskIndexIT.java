package dev.errand.state.redis;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The index on one server. */
class TaskIndexIT extends TaskIndexContract {
    @TempDir
    static Path directory;

    private static RedisProcess redis;

    @BeforeAll
    static void start() throws Exception {
        redis = new RedisProcess(directory, "appendonly no");
    }

    @AfterAll
    static void stop() throws Exception {
        redis.close();
    }

    @Override
    List<RedisProcess> servers() {
        return List.of(redis);
    }
}
