package dev.errand.loop;

import io.netty.resolver.AddressResolverGroup;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.TransportConfig;

/**
 * Connections to upstreams, a part of them kept for each event loop: a call that is on the loop of its agent's connection
 * (see {@link Continuation}) is sent and answered there. From one pool for all, every other call's request and answer would
 * change threads once more. A loop whose part is in use takes of what all have in common, and waits for that; so do calls
 * that are on no loop of their own. Thread-safe.
 */
public final class LoopConnections implements ConnectionProvider {
    /** Connections to one upstream that a loop is given at least; where there are not as many to give, nothing is dealt out. */
    static final int LEAST_SHARE = 8;

    private final ConnectionProvider common;
    private final int loops;
    private final int share;
    private final Map<Scheduler, ConnectionProvider> own = new ConcurrentHashMap<>();
    private final AtomicInteger made = new AtomicInteger();

    private LoopConnections(ConnectionProvider common, int loops, int share) {
        this.common = common;
        this.loops = loops;
        this.share = share;
    }

    /**
     * As many connections to one upstream as the given pool has at most, of the same settings: half of them dealt out to the
     * loops evenly, half for all. The given pool itself where that leaves a loop with fewer than {@value #LEAST_SHARE}, and
     * where there is but one loop.
     *
     * @param whole a pool from which nothing was taken yet
     * @param loops how many event loops there are, 1 or more
     */
    public static ConnectionProvider of(ConnectionProvider whole, int loops) {
        ConnectionProvider.Builder builder = whole.mutate();
        int share = whole.maxConnections() / 2 / loops;
        if (builder == null || loops < 2 || share < LEAST_SHARE) {
            return whole;
        }
        int left = whole.maxConnections() - loops * share;
        return new LoopConnections(builder.maxConnections(left).build(), loops, share);
    }

    @Override
    @SuppressWarnings("unchecked") // of whatever kind of connection: nothing but an error is looked at
    public Mono<? extends Connection> acquire(
            TransportConfig config,
            ConnectionObserver observer,
            @Nullable Supplier<? extends SocketAddress> remote,
            @Nullable AddressResolverGroup<?> resolver) {
        ConnectionProvider near = pool(Continuation.of(observer.currentContext()));
        Mono<? extends Connection> connection = near.acquire(config, observer, remote, resolver);
        return near == common
                ? connection
                : ((Mono<Connection>) connection).onErrorResume(PoolAcquirePendingLimitException.class, inUse ->
                        (Mono<Connection>) common.acquire(config, observer, remote, resolver));
    }

    /** A connection opened off the loop would be on any loop, and stay in the pool of this one. */
    private ConnectionProvider pool(Scheduler scheduler) {
        if (!(scheduler instanceof EventLoopScheduler loop) || !loop.isHere()) {
            return common;
        }
        ConnectionProvider pool = own.get(loop);
        return pool != null ? pool : own.computeIfAbsent(loop, its -> another());
    }

    /** A pool in which nobody waits, under a name of its own by which its meters differ from the others'. */
    private ConnectionProvider another() {
        int number = made.incrementAndGet();
        ConnectionProvider.Builder builder = common.mutate();
        if (builder == null || number > loops) {
            return common;
        }
        return builder.name(common.name() + "-" + number)
                .maxConnections(share)
                .pendingAcquireMaxCount(0)
                .build();
    }

    @Override
    public void disposeWhen(SocketAddress address) {
        pools().forEach(pool -> pool.disposeWhen(address));
    }

    @Override
    public Mono<Void> disposeLater() {
        return Flux.fromStream(this::pools)
                .flatMapDelayError(ConnectionProvider::disposeLater, loops + 1, 1)
                .then();
    }

    @Override
    public void dispose() {
        disposeLater().subscribe();
    }

    private Stream<ConnectionProvider> pools() {
        return Stream.concat(Stream.of(common), own.values().stream());
    }

    @Override
    public int maxConnections() {
        return common.maxConnections() + loops * share;
    }

    @Override
    public @Nullable String name() {
        return common.name();
    }
}
