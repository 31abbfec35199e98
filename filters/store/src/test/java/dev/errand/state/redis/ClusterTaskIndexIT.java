package dev.errand.state.redis;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The index on a cluster of three masters. */
class ClusterTaskIndexIT extends TaskIndexContract {
    @TempDir
    static Path directory;

    private static RedisCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new RedisCluster(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @Override
    List<RedisProcess> servers() {
        return cluster.nodes();
    }
}
