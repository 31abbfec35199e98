package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StartRequestStore;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.RedisLink;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** The requests for tasks in a real Redis: bounds, and one winner of every change. */
class RedisStartRequestsIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LIFE = Duration.ofMinutes(1);

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

    private static StartRequestStore store(int key) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) key;
        SecretKey secret = new SecretKeySpec(bytes, "HmacSHA256");
        return new RedisStartRequests(link, Duration.ofSeconds(5), new SecretSeal(() -> List.of(secret)));
    }

    @Test
    void open_isBoundedForAGroupAndForAll_untilTheFirstEnds() {
        StartRequestStore store = store(1);
        assertThat(store.open("a.1", "a.", 2, 3, 5_000, 1_000).block(SOON)).isEmpty();
        assertThat(store.open("a.2", "a.", 2, 3, 6_000, 1_000).block(SOON)).isEmpty();
        assertThat(store.open("a.3", "a.", 2, 3, 6_000, 1_000).block(SOON)).contains(Duration.ofMillis(4_000));
        assertThat(store.open("b.1", "b.", 2, 3, 7_000, 1_000).block(SOON)).isEmpty();
        assertThat(store.open("c.1", "c.", 2, 3, 7_000, 2_000).block(SOON)).contains(Duration.ofMillis(3_000));
        assertThat(store.open("a.3", "a.", 2, 3, 9_000, 5_000).block(SOON)).isEmpty();
        assertThat(store.over(5_500).block(SOON)).containsExactly("a.1");
        assertThat(store.close("a.1").block(SOON)).isTrue();
        assertThat(store.close("a.1").block(SOON)).isFalse();
        assertThat(store.over(5_500).block(SOON)).isEmpty();
        for (String id : List.of("a.2", "a.3", "b.1")) {
            store.close(id).block(SOON);
        }
    }

    @Test
    void openAtOnce_neverPassesTheBound() {
        StartRequestStore store = store(1);
        Long opened = Flux.range(0, 50)
                .flatMap(i -> store.open("d." + i, "d.", 4, 1_000, 9_000, 1_000), 50)
                .filter(java.util.Optional::isEmpty)
                .count()
                .block(SOON);
        assertThat(opened).isEqualTo(4);
        Flux.range(0, 50).flatMap(i -> store.close("d." + i)).blockLast(SOON);
    }

    @Test
    void swap_hasOneWinner_andAValueOfAnotherKeyCountsAsNone() {
        StartRequestStore store = store(1);
        assertThat(store.swap("x", null, new byte[] {0}, LIFE).block(SOON)).isTrue();
        assertThat(store.swap("x", null, new byte[] {1}, LIFE).block(SOON)).isFalse();
        Long won = Flux.range(1, 20)
                .flatMap(i -> store.swap("x", new byte[] {0}, new byte[] {i.byteValue()}, LIFE), 20)
                .filter(done -> done)
                .count()
                .block(SOON);
        assertThat(won).isEqualTo(1);
        assertThat(store(2).find("x").block(SOON)).isEmpty();
        assertThat(store.find("x").block(SOON).orElseThrow()).hasSize(1);
        assertThat(store.find("y").block(SOON)).isEmpty();
    }

    /** Who reads the store learns nothing of what an agent asks for. */
    @Test
    void value_isNotReadInTheStore() {
        byte[] purpose = "look at invoice 17".getBytes(StandardCharsets.UTF_8);
        assertThat(store(1).swap("z", null, purpose, LIFE).block(SOON)).isTrue();
        try (RedisClient client = RedisClient.create(redis.address().nodes().get(0));
                var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            byte[] stored = connection.sync().get("errand:o:z".getBytes(StandardCharsets.UTF_8));
            assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("invoice");
        }
        assertThat(store(1).find("z").block(SOON))
                .hasValueSatisfying(value -> assertThat(value).isEqualTo(purpose));
        RedisStartRequests unsealed = new RedisStartRequests(link, Duration.ofSeconds(5), new SecretSeal(List::of));
        assertThat(unsealed.swap("w", null, purpose, LIFE).block(SOON)).isTrue();
        assertThat(unsealed.find("w").block(SOON))
                .hasValueSatisfying(value -> assertThat(value).isEqualTo(purpose));
        assertThat(store(1).find("w").block(SOON)).isEmpty();
    }
}
