package dev.errand.state.redis.fleet;

import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.server.EmbeddedRedis;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The index on one server. */
class TaskIndexIT extends TaskIndexContract {
    @TempDir
    static Path directory;

    private static EmbeddedRedis redis;

    @BeforeAll
    static void start() throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @Override
    RedisAddress address() {
        return redis.address();
    }
}
