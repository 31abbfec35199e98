package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.TaskStore;
import dev.errand.state.TaskStoreContract;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.seal.Seal;
import dev.errand.state.redis.server.EmbeddedRedis;
import dev.errand.task.record.TaskFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** While the number of an upgrade is raised some replicas write the format before and others the newest; each reads both. */
class MixedFormatsIT extends TaskStoreContract {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final List<RedisLink> LINKS = new ArrayList<>();
    private static final List<RedisTaskStore> STORES = new ArrayList<>();
    private static EmbeddedRedis redis;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = EmbeddedRedis.start(directory, 0, false);
        for (int format : new int[] {TaskFormat.OLDEST, TaskFormat.NEWEST, TaskFormat.OLDEST}) {
            RedisLink link = RedisLink.open(redis.address(), TIMEOUT, StateListener.NONE);
            assertThat(link.awaitAnswer(Duration.ofSeconds(5))).isTrue();
            LINKS.add(link);
            STORES.add(new RedisTaskStore(link, TIMEOUT, StateListener.NONE, new RecordTerms(format, Seal.NONE)));
        }
    }

    @AfterAll
    static void stop() {
        LINKS.forEach(RedisLink::close);
        redis.close();
    }

    @Override
    protected List<? extends TaskStore> replicas() {
        return STORES;
    }

    @Override
    protected int histories() {
        return 200;
    }
}
