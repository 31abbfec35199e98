package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.SessionStore;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.RedisLink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** All replicas of a store have the same keys of the pages, with and without a state key. */
class RedisSessionStoreIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private static Path directory;

    private static RedisProcess redis;
    private static RedisLink link;

    @BeforeAll
    static void start() throws Exception {
        redis = new RedisProcess(directory);
        link = RedisLink.open(redis.address(), Duration.ofSeconds(5), Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(SOON)).isTrue();
    }

    @AfterAll
    static void stop() throws Exception {
        link.close();
        redis.close();
    }

    private static SessionStore store(List<SecretKey> stateKeys) {
        return new RedisSessionStore(link, Duration.ofSeconds(5), () -> stateKeys);
    }

    private static SecretKey secret(int first) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) first;
        return new SecretKeySpec(bytes, "HmacSHA256");
    }

    @Test
    void withoutAStateKey_theFirstThatAsksKeepsOneInTheStore() {
        List<List<SecretKey>> seen = Mono.zip(
                        List.of(
                                store(List.of()).keys(),
                                store(List.of()).keys(),
                                store(List.of()).keys()),
                        all -> List.of((List<SecretKey>) all[0], (List<SecretKey>) all[1], (List<SecretKey>) all[2]))
                .block(SOON);
        assertThat(seen).hasSize(3).containsOnly(seen.get(0));
        assertThat(seen.get(0))
                .singleElement()
                .satisfies(key -> assertThat(key.getEncoded()).hasSize(32).isNotEqualTo(new byte[32]));
        assertThat(store(List.of()).keys().block(SOON)).isEqualTo(seen.get(0));
    }

    @Test
    void withStateKeys_theirsAreDerived_inTheSameOrder() {
        List<SecretKey> two = store(List.of(secret(1), secret(2))).keys().block(SOON);
        assertThat(two).hasSize(2).doesNotHaveDuplicates().doesNotContain(secret(1), secret(2));
        assertThat(store(List.of(secret(2))).keys().block(SOON)).containsExactly(two.get(1));
    }
}
