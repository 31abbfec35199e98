package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StartStore;
import dev.errand.state.StartStoreContract;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.EmbeddedRedis;
import dev.errand.state.redis.link.RedisLink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class RedisStartStoreIT extends StartStoreContract {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static EmbeddedRedis redis;
    private static RedisLink link;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(TIMEOUT)).isTrue();
    }

    @AfterAll
    static void stop() {
        link.close();
        redis.close();
    }

    @Override
    protected List<? extends StartStore> replicas() {
        return List.of(new RedisStartStore(link, TIMEOUT, Seal.NONE), new RedisStartStore(link, TIMEOUT, Seal.NONE));
    }
}
