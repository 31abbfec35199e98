package dev.errand.state.redis;

import dev.errand.state.StartStore;
import dev.errand.state.StartStoreContract;
import dev.errand.state.redis.link.RedisAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class ClusterStartStoreIT extends StartStoreContract {
    private static RedisCluster cluster;
    private static RedisReplicas replicas;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        cluster = new RedisCluster(directory);
        replicas = new RedisReplicas(RedisAddress.parse(cluster.urls()));
    }

    @AfterAll
    static void stop() throws Exception {
        replicas.close();
        cluster.close();
    }

    @Override
    protected List<? extends StartStore> replicas() {
        return replicas.each(link -> new RedisStartStore(link, RedisReplicas.TIMEOUT, Seal.NONE))
                .subList(0, 2);
    }
}
