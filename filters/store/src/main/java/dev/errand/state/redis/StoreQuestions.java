package dev.errand.state.redis;

import dev.errand.loop.EndOfTurn;
import dev.errand.state.StoreUnavailableException;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.state.redis.link.Script;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Sends single commands to the store for work outside of calls. An answer may take four times the timeout of a step.
 * Thread-safe, never blocking.
 *
 * @param link the connection; the caller must close it
 */
record StoreQuestions(RedisLink link, Duration timeout) {
    private static final int PATIENCE = 4;

    <T extends @Nullable Object> Mono<T> ask(
            Function<RedisClusterAsyncCommands<byte[], byte[]>, CompletableFuture<T>> question) {
        return within(() -> link.ask(question));
    }

    /** Runs a script over one key. */
    Mono<byte[]> run(Script script, byte[] key, byte[][] arguments) {
        return within(() -> link.run(script, new byte[][] {key}, arguments, EndOfTurn.NOW));
    }

    <T extends @Nullable Object> Mono<T> within(Supplier<CompletableFuture<T>> question) {
        return RedisTaskIndex.within(question)
                .timeout(
                        timeout.multipliedBy(PATIENCE),
                        Mono.error(() -> new StoreUnavailableException("the state store did not answer in time")));
    }
}
