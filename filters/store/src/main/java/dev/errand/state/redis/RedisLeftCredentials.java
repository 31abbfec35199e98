package dev.errand.state.redis;

import dev.errand.state.LeftCredential;
import dev.errand.state.LeftCredentials;
import dev.errand.state.redis.link.RedisLink;
import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.SetArgs;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The left credentials in Redis: the set {@code errand:c} of replicas that stored some and, for each replica,
 * {@code errand:c:a:} its sign of life, {@code errand:c:l:} the hash of its credentials, {@code errand:c:t:} the
 * replica that has taken them on. Thread-safe, never blocking.
 *
 * @param link the connection; the caller must close it
 */
public record RedisLeftCredentials(RedisLink link, Duration timeout, LeftForm form) implements LeftCredentials {
    private static final byte[] REPLICAS = bytes("errand:c");
    private static final byte[] SIGN = {'1'};
    private static final long KEPT_MILLIS = Duration.ofDays(2).toMillis();
    private static final int PAGE = 256;
    private static final int MAX_REPLICAS = 1_000;

    @Override
    public boolean isSealed() {
        return form.isPossible();
    }

    @Override
    public Mono<Boolean> alive(String instance, Duration keep) {
        byte[] key = key("a", instance);
        return this.<@Nullable String>ask(
                        commands -> commands.set(key, SIGN, SetArgs.Builder.xx().px(keep.toMillis()))
                                .toCompletableFuture())
                .map(done -> true)
                .switchIfEmpty(this.<@Nullable String>ask(
                                commands -> commands.set(key, SIGN, SetArgs.Builder.px(keep.toMillis()))
                                        .toCompletableFuture())
                        .map(done -> false));
    }

    @Override
    public Mono<Void> gone(String instance) {
        return ask(commands -> commands.del(key("a", instance)).toCompletableFuture())
                .then();
    }

    @Override
    public Mono<Void> leave(String instance, LeftCredential credential) {
        byte[] key = key("l", instance);
        byte[] value = form.write(key, credential);
        Mono<Long> named =
                ask(commands -> commands.sadd(REPLICAS, bytes(instance)).toCompletableFuture());
        Mono<Boolean> left = ask(
                commands -> commands.hset(key, bytes(credential.id()), value).toCompletableFuture());
        Mono<Boolean> bounded =
                ask(commands -> commands.pexpire(key, KEPT_MILLIS).toCompletableFuture());
        return Mono.when(named, left.then(bounded));
    }

    @Override
    public Mono<Void> remove(String instance, String id) {
        return ask(commands -> commands.hdel(key("l", instance), bytes(id)).toCompletableFuture())
                .then();
    }

    @Override
    public Mono<List<String>> lost() {
        return ask(commands -> commands.smembers(REPLICAS).toCompletableFuture())
                .flatMapMany(Flux::fromIterable)
                .take(MAX_REPLICAS)
                .map(name -> new String(name, StandardCharsets.UTF_8))
                .filterWhen(
                        name -> ask(commands -> commands.exists(key("a", name)).toCompletableFuture())
                                .map(signs -> signs == 0))
                .collectList();
    }

    @Override
    public Mono<Boolean> takeOn(String lost, String by, Duration keep) {
        byte[] key = key("t", lost);
        byte[] name = bytes(by);
        return this.<@Nullable String>ask(commands -> {
                    // A name that expired is removed by this question, and so not by the write.
                    commands.exists(key);
                    return commands.set(key, name, SetArgs.Builder.nx().px(keep.toMillis()))
                            .toCompletableFuture();
                })
                .map(done -> true)
                .defaultIfEmpty(false);
    }

    @Override
    public Flux<LeftCredential> of(String instance) {
        byte[] key = key("l", instance);
        return page(key, ScanCursor.INITIAL)
                .expand(page -> page.isFinished() ? Mono.empty() : page(key, page))
                .concatMapIterable(page -> opened(key, page.getMap()));
    }

    private Mono<MapScanCursor<byte[], byte[]>> page(byte[] key, ScanCursor from) {
        return ask(commands ->
                commands.hscan(key, from, ScanArgs.Builder.limit(PAGE)).toCompletableFuture());
    }

    private List<LeftCredential> opened(byte[] key, Map<byte[], byte[]> page) {
        List<LeftCredential> opened = new ArrayList<>();
        page.forEach((id, value) -> {
            LeftCredential credential = form.read(key, new String(id, StandardCharsets.UTF_8), value);
            if (credential != null) {
                opened.add(credential);
            }
        });
        return opened;
    }

    @Override
    public Mono<Void> forget(String instance) {
        return ask(commands -> commands.hlen(key("l", instance)).toCompletableFuture())
                .flatMap(left -> left > 0
                        ? Mono.empty()
                        : ask(commands ->
                                        commands.srem(REPLICAS, bytes(instance)).toCompletableFuture())
                                .then());
    }

    private <T extends @Nullable Object> Mono<T> ask(
            Function<RedisClusterAsyncCommands<byte[], byte[]>, CompletableFuture<T>> question) {
        return new StoreQuestions(link, timeout).ask(question);
    }

    private static byte[] key(String what, String instance) {
        return bytes("errand:c:" + what + ':' + instance);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
