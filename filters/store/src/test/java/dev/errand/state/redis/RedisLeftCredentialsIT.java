package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.errand.state.LeftCredential;
import dev.errand.state.StateListener;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.Tasks;
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

/** What replicas leave in a real Redis. */
class RedisLeftCredentialsIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final List<SecretKey> SECRETS = List.of(new SecretKeySpec(new byte[32], "HmacSHA256"));
    private static RedisProcess redis;
    private static RedisLink link;
    private static RedisLeftCredentials left;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = new RedisProcess(directory, "appendonly no");
        link = RedisLink.open(redis.address(), TIMEOUT, Duration.ofSeconds(5), StateListener.NONE);
        assertThat(link.awaitAnswer(Duration.ofSeconds(5))).isTrue();
        left = new RedisLeftCredentials(
                link, TIMEOUT, new LeftForm(new MacSeal(() -> SECRETS), new SecretSeal(() -> SECRETS)));
    }

    @AfterAll
    static void stop() throws Exception {
        link.close();
        redis.close();
    }

    private static LeftCredential credential(String id) {
        return new LeftCredential(
                id, "t-1", "vault", "vault-login", 5, ("hvs." + id).getBytes(StandardCharsets.US_ASCII));
    }

    private static String secrets(String instance) {
        return String.join(
                ",",
                left.of(instance)
                        .map(one -> new String(one.secret(), StandardCharsets.US_ASCII))
                        .sort()
                        .collectList()
                        .block());
    }

    @Test
    void left_isFoundWithItsSecret_untilItIsRemoved() {
        String instance = Tasks.unique("g-");
        left.leave(instance, credential("a")).block();
        left.leave(instance, credential("b")).block();
        assertThat(secrets(instance)).isEqualTo("hvs.a,hvs.b");
        left.remove(instance, "a").block();
        assertThat(secrets(instance)).isEqualTo("hvs.b");
        LeftCredential kept = left.of(instance).blockFirst();
        assertThat(kept.task()).isEqualTo("t-1");
        assertThat(kept.upstream()).isEqualTo("vault");
        assertThat(kept.kind()).isEqualTo("vault-login");
        assertThat(kept.untilMillis()).isEqualTo(5);
    }

    @Test
    void thousands_areAllFound() {
        String instance = Tasks.unique("g-");
        reactor.core.publisher.Flux.range(0, 1_500)
                .flatMap(i -> left.leave(instance, credential("n" + i)), 32)
                .then()
                .block(Duration.ofSeconds(30));
        assertThat(left.of(instance).map(LeftCredential::id).distinct().count().block())
                .isEqualTo(1_500);
    }

    @Test
    void replicaWithoutASign_isLost_andOneOtherTakesItOn() {
        String instance = Tasks.unique("g-");
        assertThat(left.alive(instance, Duration.ofMillis(300)).block())
                .as("the first sign")
                .isFalse();
        left.leave(instance, credential("a")).block();
        assertThat(left.lost().block()).doesNotContain(instance);
        assertThat(left.alive(instance, Duration.ofMillis(300)).block()).isTrue();
        await().until(() -> left.lost().block().contains(instance));
        assertThat(left.takeOn(instance, "g-x", Duration.ofSeconds(20)).block()).isTrue();
        assertThat(left.takeOn(instance, "g-y", Duration.ofSeconds(20)).block()).isFalse();
        left.forget(instance).block();
        assertThat(left.lost().block()).as("something is left still").contains(instance);
        left.remove(instance, "a").block();
        left.forget(instance).block();
        assertThat(left.lost().block()).doesNotContain(instance);
        assertThat(left.alive(instance, Duration.ofSeconds(5)).block())
                .as("it had run out")
                .isFalse();
        left.gone(instance).block();
    }

    @Test
    void storedValue_opensInItsPlaceAlone_andHidesTheSecret() {
        String instance = Tasks.unique("g-");
        byte[] from = ("errand:c:l:" + instance).getBytes(StandardCharsets.UTF_8);
        byte[] to = ("errand:c:l:" + instance + "x").getBytes(StandardCharsets.UTF_8);
        left.leave(instance, credential("a")).block();
        byte[] stored = link.<byte[]>ask(commands -> commands.hget(from, "a".getBytes(StandardCharsets.US_ASCII))
                        .toCompletableFuture())
                .join();
        assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("hvs.");
        link.ask(commands -> commands.hset(to, "a".getBytes(StandardCharsets.US_ASCII), stored)
                        .toCompletableFuture())
                .join();
        assertThat(secrets(instance + "x")).as("another replica's").isEmpty();
        link.ask(commands -> commands.hset(from, "b".getBytes(StandardCharsets.US_ASCII), stored)
                        .toCompletableFuture())
                .join();
        assertThat(secrets(instance)).as("under another id").isEqualTo("hvs.a");
    }

    @Test
    void withoutAStateKey_nothingIsSealed() {
        RedisLeftCredentials bare =
                new RedisLeftCredentials(link, TIMEOUT, new LeftForm(new MacSeal(List::of), new SecretSeal(List::of)));
        assertThat(bare.isSealed()).isFalse();
    }
}
