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
import reactor.netty.transport.TransportConfig;

/**
 * Connections to upstreams, a part of them kept for each event loop: a call that is on the loop of its agent's connection
 * (see {@link Continuation}) is sent and answered there. From one pool for all, every other call's request and answer would
 * change threads once more. A loop whose part is in use takes of what all have in common, then of the parts of others; so do
 * calls that are on no loop of their own. Who finds none waits for whichever is given back first. Thread-safe.
 */
public final class LoopConnections implements ConnectionProvider {
    /** Connections to one upstream that a loop is given at least; where there are not as many to give, nothing is dealt out. */
    static final int LEAST_SHARE = 8;

    /** Calls that wait for a connection to one upstream at most, for each connection that it may have. */
    private static final int WAITING_PER_CONNECTION = 2;

    private final ConnectionProvider common;
    private final int most;
    private final Duration patience;
    private final List<Part> parts;
    private final Map<Scheduler, Part> own = new ConcurrentHashMap<>();
    private final Map<SocketAddress, WaitingLine> lines = new ConcurrentHashMap<>();

    private LoopConnections(ConnectionProvider.Builder whole, String name, int most, int loops, Duration patience) {
        int share = most / 2 / loops;
        this.most = most;
        this.patience = patience;
        whole.pendingAcquireMaxCount(0);
        this.common = whole.maxConnections(most - loops * share).build();
        this.parts = IntStream.rangeClosed(1, loops)
                .mapToObj(number -> new Part(
                        whole.name(name + "-" + number).maxConnections(share).build()))
                .toList();
    }

    /** A pool in which nobody waits, under a name of its own by which its meters differ from the others'. */
    private static final class Part {
        private final ConnectionProvider pool;
        private final AtomicReference<@Nullable EventLoopScheduler> loop = new AtomicReference<>();

        Part(ConnectionProvider pool) {
            this.pool = pool;
        }
    }

    /**
     * As many connections to one upstream as the given pool has at most, of the same settings: half of them dealt out to the
     * loops evenly, half for all. The given pool itself where that leaves a loop with fewer than {@value #LEAST_SHARE}, and
     * where there is but one loop.
     *
     * @param whole a pool from which nothing was taken yet
     * @param loops how many event loops there are, 1 or more
     * @param patience how long a call waits for a connection at most; without bound if zero or less
     */
    public static ConnectionProvider of(ConnectionProvider whole, int loops, Duration patience) {
        ConnectionProvider.Builder builder = whole.mutate();
        if (builder == null || loops < 2 || whole.maxConnections() / 2 / loops < LEAST_SHARE) {
            return whole;
        }
        return new LoopConnections(builder, String.valueOf(whole.name()), whole.maxConnections(), loops, patience);
    }

    @Override
    public Mono<? extends Connection> acquire(
            TransportConfig config,
            ConnectionObserver observer,
            @Nullable Supplier<? extends SocketAddress> remote,
            @Nullable AddressResolverGroup<?> resolver) {
        SocketAddress upstream = Objects.requireNonNull(remote).get();
        Scheduler scheduler = Continuation.of(observer.currentContext());
        Wanted wanted = new Wanted(config, givingBack(upstream).then(observer), () -> upstream, resolver);
        Mono<Connection> any = any(wanted, scheduler);
        return any.onErrorResume(failure -> {
            if (failure instanceof PoolAcquirePendingLimitException) {
                return line(upstream).inTurn(any, scheduler).doOnError(notOpened -> givenBack(upstream));
            }
            givenBack(upstream); // it could not be opened, and another may be
            return Mono.error(failure);
        });
    }

    /** What a pool is asked. */
    private record Wanted(
            TransportConfig config,
            ConnectionObserver observer,
            Supplier<? extends SocketAddress> remote,
            @Nullable AddressResolverGroup<?> resolver) {
        @SuppressWarnings("unchecked") // of whatever kind of connection: nothing but an error is looked at
        Mono<Connection> from(ConnectionProvider pool) {
            return (Mono<Connection>) pool.acquire(config, observer, remote, resolver);
        }
    }

    /** A connection out of the first pool that has one: the loop's own, the common, the others'. */
    private Mono<Connection> any(Wanted wanted, Scheduler scheduler) {
        Part near = part(scheduler);
        return near == null
                ? orOfParts(wanted.from(common), wanted, null)
                : orElse(wanted.from(near.pool), () -> orOfParts(wanted.from(common), wanted, near));
    }

    private Mono<Connection> orOfParts(Mono<Connection> first, Wanted wanted, @Nullable Part near) {
        return orElse(first, () -> {
            Mono<Connection> any = Mono.error(() -> new PoolAcquirePendingLimitException(0));
            for (Part part : parts) {
                if (part != near) {
                    any = orElse(any, () -> ofAnother(part, wanted));
                }
            }
            return any;
        });
    }

    /** Opened on its loop if there is one to open, so that the part remains one of that loop's connections. */
    private static Mono<Connection> ofAnother(Part part, Wanted wanted) {
        Mono<Connection> connection = wanted.from(part.pool);
        EventLoopScheduler loop = part.loop.get();
        return loop == null ? connection : connection.subscribeOn(loop);
    }

    private static Mono<Connection> orElse(Mono<Connection> first, Supplier<Mono<Connection>> second) {
        return first.onErrorResume(PoolAcquirePendingLimitException.class, inUse -> second.get());
    }

    /** A connection opened off the loop would be on any loop, and stay in the pool of this one. */
    private @Nullable Part part(Scheduler scheduler) {
        if (!(scheduler instanceof EventLoopScheduler loop) || !loop.isHere()) {
            return null;
        }
        Part part = own.get(loop);
        return part != null ? part : own.computeIfAbsent(loop, this::unclaimed);
    }

    private @Nullable Part unclaimed(Scheduler scheduler) {
        for (Part part : parts) {
            if (part.loop.compareAndSet(null, (EventLoopScheduler) scheduler)) {
                return part;
            }
        }
        return null;
    }

    private WaitingLine line(SocketAddress upstream) {
        int places = (int) Math.min(Integer.MAX_VALUE, (long) most * WAITING_PER_CONNECTION);
        return lines.computeIfAbsent(upstream, its -> new WaitingLine(places, patience));
    }

    /** Tells those who wait for the upstream when a connection is back in its pool, or its place there is free. */
    private ConnectionObserver givingBack(SocketAddress upstream) {
        return (connection, state) -> {
            if (state == ConnectionObserver.State.RELEASED) {
                givenBack(upstream);
            } else if (state == ConnectionObserver.State.DISCONNECTING) {
                connection.channel().closeFuture().addListener(closed -> givenBack(upstream));
            }
        };
    }

    private void givenBack(SocketAddress upstream) {
        WaitingLine line = lines.isEmpty() ? null : lines.get(upstream);
        if (line != null) {
            line.givenBack();
        }
    }

    @Override
    public void disposeWhen(SocketAddress address) {
        pools().forEach(pool -> pool.disposeWhen(address));
    }

    @Override
    public Mono<Void> disposeLater() {
        return Flux.fromStream(this::pools)
                .flatMapDelayError(ConnectionProvider::disposeLater, parts.size() + 1, 1)
                .then();
    }

    @Override
    public void dispose() {
        disposeLater().subscribe();
    }

    private Stream<ConnectionProvider> pools() {
        return Stream.concat(Stream.of(common), parts.stream().map(part -> part.pool));
    }

    @Override
    public int maxConnections() {
        return most;
    }

    @Override
    public @Nullable String name() {
        return common.name();
    }
}
