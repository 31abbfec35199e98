package dev.errand.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

class LoopConnectionsTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final LoopResources loops = preferNative -> LoopResources.colocate(group);
    private final EventLoop first = (EventLoop) group.next();
    private final EventLoop second = (EventLoop) group.next();
    private final Scheduler onFirst = new EventLoopScheduler(first);
    private final Scheduler onSecond = new EventLoopScheduler(second);

    private final Set<Channel> accepted = ConcurrentHashMap.newKeySet();

    private final Sinks.One<String> late = Sinks.one();
    private DisposableServer upstream;
    private ConnectionProvider pools;
    private HttpClient client;

    @BeforeEach
    void start() {
        upstream = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .doOnConnection(connection -> accepted.add(connection.channel()))
                .route(routes -> routes.get("/now", (request, response) -> response.sendString(Mono.just("now")))
                        .get("/late", (request, response) -> response.sendString(late.asMono())))
                .bindNow();
    }

    private void pool(int most, int ofLoops) {
        pools = LoopConnections.of(
                ConnectionProvider.builder("test")
                        .maxConnections(most)
                        .pendingAcquireTimeout(Duration.ofMillis(200))
                        .build(),
                ofLoops);
        client = HttpClient.create(pools).runOn(loops).host("127.0.0.1").port(upstream.port());
    }

    @AfterEach
    void stop() {
        late.tryEmitValue("late");
        if (pools != null) {
            pools.dispose();
        }
        upstream.disposeNow();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    /** The event loop of the connection that a call from there was answered on. */
    private Mono<EventLoop> call(Scheduler from) {
        return call(from, from);
    }

    private Mono<EventLoop> call(Scheduler loop, Scheduler from) {
        return client.get()
                .uri("/now")
                .responseConnection((answer, connection) -> connection
                        .inbound()
                        .receive()
                        .aggregate()
                        .asString()
                        .map(body -> connection.channel().eventLoop()))
                .next()
                .contextWrite(context -> Continuation.on(loop, context))
                .subscribeOn(from);
    }

    private Disposable begin(Scheduler from) {
        return client.get()
                .uri("/late")
                .responseContent()
                .aggregate()
                .contextWrite(context -> Continuation.on(from, context))
                .subscribeOn(from)
                .subscribe(body -> {}, failure -> {});
    }

    @Test
    void call_isAnsweredOnItsOwnLoop_byAConnectionThatIsUsedAgain() {
        pool(300, 2);
        for (int i = 0; i < 10; i++) {
            assertThat(call(onFirst).block(SOON)).isSameAs(first);
            assertThat(call(onSecond).block(SOON)).isSameAs(second);
        }
        assertThat(accepted).hasSize(2);
    }

    @Test
    void loop_thatUsesUpItsPart_takesOfTheCommonOnes_andThenWaits() {
        pool(40, 2);
        for (int i = 0; i < 30; i++) {
            begin(onFirst);
        }
        await(30);
        assertThatThrownBy(() -> call(onFirst).block(SOON))
                .hasMessageContaining("Pool#acquire(Duration) has been pending");
        assertThat(accepted).hasSize(30);
        assertThat(call(onSecond).block(SOON)).isSameAs(second);
        for (int i = 0; i < 12; i++) {
            begin(onSecond);
        }
        await(40);
        assertThatThrownBy(() -> call(onSecond).block(SOON)).isInstanceOf(RuntimeException.class);
        assertThat(accepted).hasSize(40);
    }

    @Test
    void callThatWaits_isServedByWhatIsGivenBack() {
        pool(32, 2);
        for (int i = 0; i < 24; i++) {
            begin(onFirst);
        }
        await(24);
        Mono<EventLoop> waiting = call(onFirst).cache();
        waiting.subscribe(answered -> {}, failure -> {});
        late.tryEmitValue("late");
        assertThat(waiting.block(SOON)).isNotNull();
    }

    private void await(int connections) {
        long end = System.nanoTime() + SOON.toNanos();
        while (accepted.size() < connections && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(accepted).hasSize(connections);
    }

    /** As behind a credential that was read from a file. */
    @Test
    void callThatLeftItsLoop_leavesNoConnectionOfAnotherLoopInItsPool() {
        pool(300, 2);
        for (int i = 0; i < 8; i++) {
            assertThat(call(onFirst, Schedulers.boundedElastic()).block(SOON)).isNotNull();
        }
        for (int i = 0; i < 8; i++) {
            assertThat(call(onFirst).block(SOON)).isSameAs(first);
        }
    }

    @Test
    void callOfNoLoop_isAnsweredByNoLoopsConnection() {
        pool(300, 2);
        call(onFirst).block(SOON);
        assertThat(accepted).hasSize(1);
        String body = client.get()
                .uri("/now")
                .responseContent()
                .aggregate()
                .asString()
                .block(SOON);
        assertThat(body).isEqualTo("now");
        assertThat(accepted).hasSize(2);
    }

    @Test
    void poolTooSmallToDealOut_staysOne() {
        ConnectionProvider whole = ConnectionProvider.create("whole", 31);
        assertThat(LoopConnections.of(whole, 2)).isSameAs(whole);
        assertThat(LoopConnections.of(whole, 1)).isSameAs(whole);
        assertThat(LoopConnections.of(ConnectionProvider.newConnection(), 2))
                .isSameAs(ConnectionProvider.newConnection());
        whole.dispose();
    }

    @Test
    void bound_isThatOfTheWhole() {
        for (int most : new int[] {32, 33, 1000, Integer.MAX_VALUE}) {
            ConnectionProvider dealtOut = LoopConnections.of(ConnectionProvider.create("whole", most), 2);
            assertThat(dealtOut).isInstanceOf(LoopConnections.class);
            assertThat(dealtOut.maxConnections()).isEqualTo(most);
            assertThat(dealtOut.name()).isEqualTo("whole");
            dealtOut.dispose();
        }
    }

    @Test
    void disposed_closesTheConnectionsOfAllLoops() {
        pool(300, 2);
        call(onFirst).block(SOON);
        call(onSecond).block(SOON);
        assertThat(accepted).hasSize(2);
        pools.disposeLater().block(SOON);
        for (Channel connection : accepted) {
            assertThat(connection.closeFuture().awaitUninterruptibly(SOON.toMillis()))
                    .isTrue();
        }
    }

    @Test
    void disposedForAnUpstream_closesItsConnectionsOfAllLoops() {
        pool(300, 2);
        call(onFirst).block(SOON);
        call(onSecond).block(SOON);
        pools.disposeWhen(Objects.requireNonNull(upstream.address()));
        for (Channel connection : accepted) {
            assertThat(connection.closeFuture().awaitUninterruptibly(SOON.toMillis()))
                    .isTrue();
        }
    }
}
