package dev.errand.loop;

import io.netty.resolver.AddressResolverGroup;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.TransportConfig;

/**
 * Connections to upstreams. Each event loop has its own part of them. A call is sent and answered on the loop of its
 * agent's connection (see {@link Continuation}). With one pool for all loops, many requests and answers would have to
 * change threads once more. A loop whose part is in use takes from the common part, then from the parts of other loops.
 * A call that is not on a loop takes from the common part first. A call that finds no connection waits in a line for
 * the next one that is given back, in any part. Thread-safe.
 */
public final class LoopConnections implements ConnectionProvider {
    /**
     * The fewest connections to one upstream in a loop's part. If there are not enough for that, the pool is not
     * divided.
     */
    static final int LEAST_SHARE = 8;

    private final Pool common;
    private final List<Pool> parts;
    private final List<Pool> all;
    private final int most;
    private final Duration patience;
    private final Map<Scheduler, Pool> own = new ConcurrentHashMap<>();
    private final Map<Upstream, WaitingLine<Pool>> lines = new ConcurrentHashMap<>();

    private LoopConnections(ConnectionProvider.Builder whole, String name, int most, int loops, Duration patience) {
        int share = most / 2 / loops;
        this.most = most;
        this.patience = patience;
        whole.pendingAcquireMaxCount(0);
        this.common = new Pool(whole.maxConnections(most - loops * share).build());
        this.parts = IntStream.rangeClosed(1, loops)
                .mapToObj(number -> new Pool(
                        whole.name(name + "-" + number).maxConnections(share).build()))
                .toList();
        this.all = Stream.concat(Stream.of(common), parts.stream()).toList();
    }

    /**
     * A pool in which no caller waits for a connection. Its own name keeps its meters apart from those of other pools.
     */
    private static final class Pool {
        private final ConnectionProvider connections;

        /** The loop that owns this part; null for the common part, and for a part that no loop has claimed yet. */
        private final AtomicReference<@Nullable EventLoopScheduler> loop = new AtomicReference<>();

        Pool(ConnectionProvider connections) {
            this.connections = connections;
        }
    }

    /** The key by which pools separate connections: the address, and the hash of the transport's configuration. */
    private record Upstream(SocketAddress address, int channelHash) {}

    /**
     * Divides the connections of a pool: half of them evenly among the loops, half for all. Returns the given pool
     * itself if a loop would have fewer than {@value #LEAST_SHARE}, or if there is only one loop.
     *
     * @param whole a pool that was not used yet
     * @param resources the event loops of server and client; they are started
     * @param loops the number of loops, 1 or more
     * @param patience how long a call waits for a connection at most; without bound if zero or less
     */
    public static ConnectionProvider of(
            ConnectionProvider whole, LoopResources resources, int loops, Duration patience) {
        ConnectionProvider.Builder builder = whole.mutate();
        if (builder == null || loops < 2 || whole.maxConnections() / 2 / loops < LEAST_SHARE) {
            return whole;
        }
        // A loop opens connections on itself only from the turn after the client's loops were started, so they are
        // started now. Otherwise a loop's part could get a connection of another loop. It would stay there and attract
        // more: when it is given back, the other loop runs the part's queue and opens the next connection on itself.
        resources.onClient(LoopResources.DEFAULT_NATIVE);
        return new LoopConnections(builder, String.valueOf(whole.name()), whole.maxConnections(), loops, patience);
    }

    @Override
    public Mono<? extends Connection> acquire(
            TransportConfig config,
            ConnectionObserver observer,
            @Nullable Supplier<? extends SocketAddress> remote,
            @Nullable AddressResolverGroup<?> resolver) {
        SocketAddress address = Objects.requireNonNull(remote).get();
        Wanted wanted = new Wanted(config, observer, address, resolver, Continuation.of(observer.currentContext()));
        if (line(wanted) != null) {
            return inLine(wanted);
        }
        return any(wanted, null).onErrorResume(failure -> {
            if (failure instanceof PoolAcquirePendingLimitException) {
                return inLine(wanted);
            }
            givenBack(wanted, null); // this place is free now, so another call may try
            return Mono.error(failure);
        });
    }

    /** The arguments of a request for a connection, and the scheduler of its call. */
    private record Wanted(
            TransportConfig config,
            ConnectionObserver observer,
            SocketAddress address,
            @Nullable AddressResolverGroup<?> resolver,
            Scheduler scheduler) {
        Upstream upstream() {
            return new Upstream(address, config.channelHash());
        }
    }

    /**
     * A connection of the first pool that has one. The pool that has just got a connection back is tried first, or else
     * the loop's own part; then the others, the common part before those of other loops.
     */
    private Mono<Connection> any(Wanted wanted, @Nullable Pool given) {
        Pool near = near(wanted.scheduler());
        Pool first = given != null ? given : near != null ? near : common;
        return orElse(of(first, wanted), () -> {
            Mono<Connection> any = Mono.error(() -> new PoolAcquirePendingLimitException(0));
            for (Pool pool : all) {
                if (pool != first) {
                    any = orElse(any, () -> of(pool, wanted));
                }
            }
            return any;
        });
    }

    private static Mono<Connection> orElse(Mono<Connection> first, Supplier<Mono<Connection>> second) {
        return first.onErrorResume(PoolAcquirePendingLimitException.class, inUse -> second.get());
    }

    /** A connection of this pool. A loop's part is used on that loop, so that a new connection belongs to that loop. */
    @SuppressWarnings("unchecked") // the kind of connection does not matter: only an error is looked at
    private Mono<Connection> of(Pool pool, Wanted wanted) {
        Mono<Connection> connection = (Mono<Connection>) pool.connections.acquire(
                wanted.config(), givingBack(pool, wanted).then(wanted.observer()), wanted::address, wanted.resolver());
        EventLoopScheduler loop = pool.loop.get();
        return loop == null || loop.isHere() ? connection : connection.subscribeOn(loop);
    }

    /** The part of the loop that the call is on; null if the call is on no loop. */
    private @Nullable Pool near(Scheduler scheduler) {
        if (!(scheduler instanceof EventLoopScheduler loop) || !loop.isHere()) {
            return null;
        }
        Pool part = own.get(loop);
        return part != null ? part : own.computeIfAbsent(loop, its -> unclaimed(loop));
    }

    private @Nullable Pool unclaimed(EventLoopScheduler loop) {
        for (Pool part : parts) {
            if (part.loop.compareAndSet(null, loop)) {
                return part;
            }
        }
        return null;
    }

    private Mono<Connection> inLine(Wanted wanted) {
        Upstream upstream = wanted.upstream();
        return Mono.using(
                () -> lines.compute(
                        upstream,
                        (its, line) -> line == null ? new WaitingLine<Pool>(patience).entered() : line.entered()),
                line -> line.inTurn(given -> any(wanted, given), wanted.scheduler()),
                line -> lines.computeIfPresent(upstream, (its, kept) -> kept.left()));
    }

    private @Nullable WaitingLine<Pool> line(Wanted wanted) {
        return lines.isEmpty() ? null : lines.get(wanted.upstream());
    }

    /** Wakes a waiting call when a connection is back in its pool, or when its place there is free. */
    private ConnectionObserver givingBack(Pool pool, Wanted wanted) {
        return (connection, state) -> {
            if (state == ConnectionObserver.State.RELEASED) {
                givenBack(wanted, pool);
            } else if (state == ConnectionObserver.State.DISCONNECTING) {
                connection.channel().closeFuture().addListener(closed -> givenBack(wanted, pool));
            }
        };
    }

    private void givenBack(Wanted wanted, @Nullable Pool pool) {
        WaitingLine<Pool> line = line(wanted);
        if (line != null) {
            line.givenBack(pool);
        }
    }

    @Override
    public void disposeWhen(SocketAddress address) {
        lines.forEach((upstream, line) -> {
            if (upstream.address().equals(address)) {
                line.close();
            }
        });
        pools().forEach(pool -> pool.disposeWhen(address));
    }

    @Override
    public Mono<Void> disposeLater() {
        return Flux.defer(() -> {
                    lines.values().forEach(WaitingLine::close);
                    return Flux.fromStream(pools());
                })
                .flatMapDelayError(ConnectionProvider::disposeLater, all.size(), 1)
                .then();
    }

    @Override
    public void dispose() {
        disposeLater().subscribe();
    }

    private Stream<ConnectionProvider> pools() {
        return all.stream().map(pool -> pool.connections);
    }

    @Override
    public int maxConnections() {
        return most;
    }

    @Override
    public @Nullable String name() {
        return common.connections.name();
    }
}
