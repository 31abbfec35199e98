package dev.errand.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.Patience;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
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
    /** Longer than a busy machine takes to open all connections. */
    private static final Duration PATIENCE = Patience.of(Duration.ofMillis(300));

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final LoopResources loops = preferNative -> LoopResources.colocate(group);
    private final EventLoop first = (EventLoop) group.next();
    private final EventLoop second = (EventLoop) group.next();
    private final Scheduler onFirst = new EventLoopScheduler(first);
    private final Scheduler onSecond = new EventLoopScheduler(second);

    private final Set<Channel> accepted = ConcurrentHashMap.newKeySet();

    private volatile Sinks.One<String> soon = Sinks.one();
    private volatile Sinks.One<String> late = Sinks.one();
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
                        .get("/soon", (request, response) -> response.sendString(soon.asMono()))
                        .get("/late", (request, response) -> response.sendString(late.asMono())))
                .bindNow();
    }

    private void pool(int most, int ofLoops) {
        pool(most, ofLoops, SOON);
    }

    private void pool(int most, int ofLoops, Duration patience) {
        pools = LoopConnections.of(
                ConnectionProvider.builder("test").maxConnections(most).build(), loops, ofLoops, patience);
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
                .responseConnection((answer, connection) -> {
                    EventLoop answered = connection.channel().eventLoop();
                    return connection.inbound().receive().aggregate().asString().thenReturn(answered);
                })
                .single()
                .contextWrite(context -> Continuation.on(loop, context))
                .subscribeOn(from);
    }

    private Disposable begin(Scheduler from) {
        return begin("/late", from);
    }

    private Disposable begin(String path, Scheduler from) {
        return client.get()
                .uri(path)
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
    void loop_thatUsesUpItsPart_takesOfTheCommonOnes_thenOfTheOthers_andThenWaits() {
        pool(40, 2, PATIENCE);
        assertThat(call(onSecond).block(SOON)).isSameAs(second);
        for (int i = 0; i < 40; i++) {
            begin(onFirst);
        }
        await(40);
        assertThatThrownBy(() -> call(onFirst).block(SOON))
                .hasMessageContaining("Pool#acquire(Duration) has been pending for more than the configured timeout of "
                        + PATIENCE.toMillis() + "ms");
        assertThatThrownBy(() -> call(onSecond).block(SOON)).isInstanceOf(RuntimeException.class);
        assertThat(accepted).hasSize(40);
    }

    @Test
    void partThatAnotherLoopUsedUp_remainsOfItsLoop() {
        pool(32, 2);
        assertThat(call(onSecond).block(SOON)).isSameAs(second);
        List<Disposable> begun = begin(onFirst, 32);
        await(32);
        answerLate(begun);
        for (int i = 0; i < 8; i++) {
            assertThat(call(onSecond).block(SOON)).isSameAs(second);
        }
        assertThat(accepted).hasSize(32);
    }

    @Test
    void callsOfNoLoop_haveAllConnections_alsoThoseOfPartsThatNoLoopTook() {
        pool(32, 2, PATIENCE);
        begin(Schedulers.boundedElastic(), 32);
        await(32);
        assertThatThrownBy(() -> call(onFirst).block(SOON)).hasMessageContaining(PATIENCE.toMillis() + "ms");
        assertThat(accepted).hasSize(32);
    }

    @Test
    void callThatWaits_isServedByWhatIsGivenBack_ofWhicheverPart_alsoByClosing() {
        for (boolean closing : new boolean[] {false, true}) {
            for (Scheduler from : List.of(onFirst, onSecond, Schedulers.boundedElastic())) {
                late = Sinks.one();
                soon = Sinks.one();
                accepted.clear();
                pool(32, 2);
                Disposable early = begin("/soon", onFirst);
                await(1);
                List<Disposable> begun = begin(onSecond, 31);
                await(32);
                Mono<EventLoop> waiting = call(from).cache();
                waiting.subscribe(answered -> {}, failure -> {});
                if (closing) {
                    early.dispose();
                } else {
                    soon.tryEmitValue("soon");
                }
                assertThat(waiting.block(SOON)).isNotNull();
                answerLate(begun);
                pools.disposeLater().block(SOON);
            }
        }
    }

    @Test
    void callsThatWait_areServedInTheirOrder_andNotOvertaken() throws Exception {
        pool(32, 2);
        List<Disposable> begun = begin(onFirst, 32);
        await(32);
        Queue<Integer> order = new ConcurrentLinkedQueue<>();
        CountDownLatch answered = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            int number = i;
            call(i % 2 == 0 ? onFirst : onSecond)
                    .doOnNext(loop -> order.add(number))
                    .doFinally(end -> answered.countDown())
                    .subscribe(loop -> {}, failure -> {});
            settle();
        }
        Thread.sleep(200); // until the first, whom each newcomer lets look, is in the line again
        begun.get(0).dispose();
        assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(List.copyOf(order)).isSorted().hasSize(100);
    }

    /** Two ways of speaking to one upstream have their own connections: who waits for the one is not in the other's way. */
    @Test
    void callsThatWait_areNotHeldUpByThoseThatSpeakToTheUpstreamInAnotherWay() throws Exception {
        pool(32, 2);
        begin(onFirst, 32);
        await(32);
        Disposable stuck = call(onFirst).subscribe(answered -> {}, failure -> {});
        settle();
        client = client.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 12_345);
        List<Disposable> others = begin(onFirst, 32);
        await(64);
        Mono<EventLoop> waiting = call(onFirst).cache();
        waiting.subscribe(answered -> {}, failure -> {});
        settle();
        others.get(0).dispose();
        assertThat(waiting.block(SOON)).isNotNull();
        assertThat(stuck.isDisposed()).isFalse();
    }

    @Test
    void disposed_tellsThoseWhoWait() throws Exception {
        pool(32, 2);
        begin(onFirst, 32);
        await(32);
        Mono<EventLoop> waiting = call(onFirst).cache();
        waiting.subscribe(answered -> {}, failure -> {});
        Thread.sleep(200); // until it has looked once more, and waits
        pools.disposeLater().block(SOON);
        assertThatThrownBy(() -> waiting.block(SOON)).hasMessageContaining("shut down");
    }

    /** While an upstream that takes no connection is tried by as many as may, those who wait are let try as these fail. */
    @Test
    void callThatWaits_isLetTry_whenAConnectionCannotBeOpened() throws Exception {
        pool(32, 2);
        upstream.disposeNow();
        Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
        CountDownLatch done = new CountDownLatch(90);
        for (int i = 0; i < 90; i++) {
            call(onFirst).doFinally(end -> done.countDown()).subscribe(loop -> {}, failed::add);
        }
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(failed).hasSize(90).allMatch(failure -> failure instanceof ConnectException);
    }

    /** As many callers as connections, of all loops and of none: none waits longer than it takes to give one back. */
    @Test
    void asManyCallersAsConnections_neverLackOne() throws Exception {
        pool(32, 2);
        List<Scheduler> from = List.of(onFirst, onSecond, Schedulers.boundedElastic());
        Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
        CountDownLatch done = new CountDownLatch(32);
        for (int i = 0; i < 32; i++) {
            int caller = i;
            Flux.range(0, 200)
                    .concatMap(n -> call(from.get((caller + n * n) % 3)))
                    .doFinally(end -> done.countDown())
                    .subscribe(loop -> {}, wrong::add);
        }
        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong).isEmpty();
        assertThat(accepted).hasSizeLessThanOrEqualTo(32);
    }

    /** Waits until both loops have done what they were given. */
    private void settle() throws Exception {
        first.submit(() -> {}).sync();
        second.submit(() -> {}).sync();
    }

    private List<Disposable> begin(Scheduler from, int calls) {
        return IntStream.range(0, calls).mapToObj(i -> begin(from)).toList();
    }

    private void answerLate(List<Disposable> begun) {
        late.tryEmitValue("late");
        long end = System.nanoTime() + SOON.toNanos();
        while (!begun.stream().allMatch(Disposable::isDisposed) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(begun).allMatch(Disposable::isDisposed);
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

    /** Also where another loop is the first to send, during a turn of this one. */
    @Test
    void loop_opensConnectionsOnItselfFromItsFirstTurn() throws Exception {
        LoopResources fresh = LoopResources.create("fresh", 2, true);
        try {
            ConnectionProvider dealtOut =
                    LoopConnections.of(ConnectionProvider.create("whole", 64), fresh, 2, PATIENCE);
            List<EventExecutor> both = new ArrayList<>();
            fresh.onServer(LoopResources.DEFAULT_NATIVE).forEach(both::add);
            assertThat(both).hasSize(2);
            Future<List<EventExecutor>> opened = both.get(1).submit(() -> {
                both.get(0)
                        .submit(() -> fresh.onClient(LoopResources.DEFAULT_NATIVE))
                        .get();
                return Stream.generate(() -> (EventExecutor)
                                fresh.onClient(LoopResources.DEFAULT_NATIVE).next())
                        .limit(4)
                        .toList();
            });
            assertThat(opened.get(10, TimeUnit.SECONDS)).containsOnly(both.get(1));
            dealtOut.dispose();
        } finally {
            fresh.dispose();
        }
    }

    @Test
    void poolTooSmallToDealOut_staysOne() {
        ConnectionProvider whole = ConnectionProvider.create("whole", 31);
        assertThat(LoopConnections.of(whole, loops, 2, PATIENCE)).isSameAs(whole);
        assertThat(LoopConnections.of(whole, loops, 1, PATIENCE)).isSameAs(whole);
        assertThat(LoopConnections.of(ConnectionProvider.newConnection(), loops, 2, PATIENCE))
                .isSameAs(ConnectionProvider.newConnection());
        whole.dispose();
    }

    @Test
    void bound_isThatOfTheWhole() {
        for (int most : new int[] {32, 33, 1000, Integer.MAX_VALUE}) {
            ConnectionProvider dealtOut =
                    LoopConnections.of(ConnectionProvider.create("whole", most), loops, 2, PATIENCE);
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
