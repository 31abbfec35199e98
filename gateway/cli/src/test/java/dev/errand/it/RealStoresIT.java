package dev.errand.it;

import dev.errand.state.redis.StoreLog;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other versions of the store leave when they start again and their default user may do nothing. */
class RealStoresIT {
    @TempDir
    Path directory;

    @Test
    @Tag("redis")
    void redisOfDebian_losesNothing() throws Exception {
        StoreLog.check(RealServer.program("redis", "redis/redis-server"), directory);
    }

    @Test
    @Tag("redis8")
    void redis8_losesNothing() throws Exception {
        StoreLog.check(RealServer.program("redis8", "redis8/redis-server"), directory);
    }

    @Test
    @Tag("valkey")
    void valkey_losesNothing() throws Exception {
        StoreLog.check(RealServer.program("valkey", "valkey/valkey-server"), directory);
    }
}
