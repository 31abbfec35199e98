package dev.errand.loop;

import io.netty.resolver.AddressResolverGroup;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.TransportConfig;

/**
 * Connections to upstreams, pooled for each event loop by itself: a call is sent, and answered, on the loop that reads its
 * agent's connection (see {@link Continuation}). From one pool for all, every other call's request and answer would change
 * threads once more. Calls of open routes, which go on elsewhere, have a pool in common. Thread-safe.
 */
public final class LoopConnections implements ConnectionProvider {
    /**
     * The fewest connections to one upstream that a loop may be left with: as many streams as an agent may be expected to
     * have at once on one HTTP/2 connection (RFC 9113 section 6.5.2), all of which are one loop's.
     */
    public static final int LEAST_SHARE = 100;

    private final ConnectionProvider.Builder kind;
    private final ConnectionProvider common;
    private final Map<Scheduler, ConnectionProvider> own = new ConcurrentHashMap<>();
    private int made;

    private LoopConnections(ConnectionProvider.Builder kind) {
        this.kind = kind;
        this.common = kind.build();
    }

    /**
     * Pools as the given one, with its most connections to one upstream dealt out evenly, to the loops and to all else; the
     * given one itself where a share would be less than {@link #LEAST_SHARE}, or where there is but one loop.
     *
     * @param whole a pool from which nothing was taken yet
     * @param loops how many event loops there are, 1 or more
     */
    public static ConnectionProvider of(ConnectionProvider whole, int loops) {
        int share = whole.maxConnections() / (loops + 1);
        ConnectionProvider.Builder kind = whole.mutate();
        return kind == null || loops < 2 || share < LEAST_SHARE
                ? whole
                : new LoopConnections(kind.maxConnections(share));
    }

    @Override
    public Mono<? extends Connection> acquire(
            TransportConfig config,
            ConnectionObserver observer,
            @Nullable Supplier<? extends SocketAddress> remote,
            @Nullable AddressResolverGroup<?> resolver) {
        return pool(Continuation.of(observer.currentContext())).acquire(config, observer, remote, resolver);
    }

    private ConnectionProvider pool(Scheduler scheduler) {
        return scheduler instanceof EventLoopScheduler ? own.computeIfAbsent(scheduler, loop -> another()) : common;
    }

    /** Under a name of its own, by which its meters differ from the others'. */
    private synchronized ConnectionProvider another() {
        made++;
        return kind.name(common.name() + "-" + made).build();
    }

    @Override
    public void disposeWhen(SocketAddress address) {
        pools().forEach(pool -> pool.disposeWhen(address));
    }

    @Override
    public Mono<Void> disposeLater() {
        return Flux.fromStream(this::pools)
                .flatMap(ConnectionProvider::disposeLater)
                .then();
    }

    @Override
    public void dispose() {
        disposeLater().subscribe();
    }

    private Stream<ConnectionProvider> pools() {
        return Stream.concat(Stream.of(common), own.values().stream());
    }

    /** To one upstream, of each pool. */
    @Override
    public int maxConnections() {
        return common.maxConnections();
    }

    @Override
    public @Nullable String name() {
        return common.name();
    }
}
