package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Three replicas' connections to one store. */
final class RedisReplicas implements AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(5);
    private final List<RedisLink> links = new ArrayList<>();

    RedisReplicas(RedisAddress address) throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            RedisLink link = RedisLink.open(address, TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
            links.add(link);
            assertThat(link.awaitAnswer(Duration.ofSeconds(10))).isTrue();
        }
    }

    <T> List<T> each(Function<RedisLink, T> made) {
        return links.stream().map(made).toList();
    }

    @Override
    public void close() {
        links.forEach(RedisLink::close);
    }
}
