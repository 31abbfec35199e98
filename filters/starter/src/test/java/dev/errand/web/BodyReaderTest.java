package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.errand.jose.ProofClaim;
import dev.errand.task.TaskKey;
import dev.errand.task.Tasks;
import dev.errand.token.Human;
import dev.errand.web.BodyReader.Body;
import dev.errand.web.BodyReader.Bounds;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.local.LocalChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;

class BodyReaderTest {
    private static final ByteBufAllocator DIRECT = UnpooledByteBufAllocator.DEFAULT;
    private static final Human ALICE = new Human("https://idp.example.org", "alice");
    private static final TaskKey TASK = new TaskKey("t-1234567890123456789012");
    private static final Duration SOON = Duration.ofSeconds(10);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<ByteBuf> buffers = new ArrayList<>();
    private final AtomicBoolean cancelled = new AtomicBoolean();

    @AfterEach
    void everyBuffer_wasReleased() {
        assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
    }

    private BodyReader reader(Duration deadline, int atOnce, int perTask, int perHuman) {
        return new BodyReader(new Bounds(deadline, atOnce, perTask, perHuman)).observedBy(registry);
    }

    private double waiting() {
        return registry.get("errand.bodies.waiting").gauge().value();
    }

    private DataBuffer buffer(String text) {
        ByteBuf buffer = DIRECT.directBuffer().writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        buffers.add(buffer);
        return new NettyDataBufferFactory(DIRECT).wrap(buffer);
    }

    private ServerHttpRequest request(Flux<DataBuffer> body, long length) {
        HttpHeaders headers = new HttpHeaders();
        if (length >= 0) {
            headers.setContentLength(length);
        }
        return new BodyRequest(HttpMethod.PUT, headers, body.doOnCancel(() -> cancelled.set(true)));
    }

    private Mono<Body> read(BodyReader reader, Flux<DataBuffer> body, int maxBytes) {
        return read(reader, request(body, -1), maxBytes, owner(Tasks.proof()));
    }

    private static Mono<Body> read(BodyReader reader, ServerHttpRequest request, int maxBytes, BodyReader.Owner owner) {
        return reader.read(request, maxBytes, owner, Schedulers.parallel());
    }

    private static BodyReader.Owner owner(ProofClaim proof) {
        return new BodyReader.Owner(TASK, ALICE, proof);
    }

    private static String text(Body body) {
        assertThat(body).isInstanceOf(Body.Whole.class);
        return new String(((Body.Whole) body).bytes(), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({"-1, 40", "-1, 15", "15, 15", "40, 40"})
    void body_inPieces_isTheirBytesInOrder(long announced, int maxBytes) {
        Flux<DataBuffer> body =
                Flux.defer(() -> Flux.just(buffer("hello"), buffer(""), buffer(" there"), buffer(" all")));
        Body read = read(reader(SOON, 1, 1, 1), request(body, announced), maxBytes, owner(Tasks.proof()))
                .block(SOON);
        assertThat(text(read)).isEqualTo("hello there all");
        assertThat(waiting()).isZero();
    }

    @Test
    void body_ofNothing_isWhole() {
        assertThat(text(read(reader(SOON, 1, 1, 1), Flux.empty(), 0).block(SOON)))
                .isEmpty();
    }

    @Test
    void body_thatIsTooLong_endsItsReading() {
        Flux<DataBuffer> body = Flux.just("hello", "x", "y").map(this::buffer);
        assertThat(read(reader(SOON, 1, 1, 1), body, 5).block(SOON)).isEqualTo(Body.Missing.TOO_LONG);
        assertThat(cancelled).isTrue();
    }

    @Test
    void body_announcedTooLong_isNotRead() {
        Mono<Body> read = reader(SOON, 1, 1, 1).read(request(Flux.error(new AssertionError("read")), 6), 5);
        assertThat(read.block(SOON)).isEqualTo(Body.Missing.TOO_LONG);
    }

    @Test
    void body_thatStaysAway_isTooSlow_andItsPlaceIsFree() {
        Flux<DataBuffer> body = Flux.defer(() -> Flux.just(buffer("hello"))).concatWith(Flux.never());
        assertThat(read(reader(Duration.ofMillis(100), 1, 1, 1), body, 9).block(SOON))
                .isEqualTo(Body.Missing.TOO_SLOW);
        assertThat(cancelled).isTrue();
        assertThat(waiting()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1,9,9", "9,1,9", "9,9,1"})
    void body_beyondABound_isOneTooMany_untilAnotherHasArrived(int atOnce, int perTask, int perHuman) {
        BodyReader reader = reader(SOON, atOnce, perTask, perHuman);
        Sinks.Many<DataBuffer> first = Sinks.many().unicast().onBackpressureBuffer();
        CompletableFuture<Body> waited = read(reader, first.asFlux(), 9).toFuture();
        await().atMost(SOON).until(() -> waiting() == 1);
        assertThat(read(reader, Flux.never(), 9).block(SOON)).isEqualTo(Body.Missing.TOO_MANY);
        assertThat(text(read(reader, Flux.defer(() -> Flux.just(buffer("at once"))), 9)
                        .block(SOON)))
                .isEqualTo("at once");
        first.tryEmitNext(buffer("late"));
        first.tryEmitComplete();
        assertThat(text(waited.join())).isEqualTo("late");
        assertThat(waiting()).isZero();
        CompletableFuture<Body> next = read(reader, Flux.never(), 9).toFuture();
        await().atMost(SOON).until(() -> waiting() == 1);
        next.cancel(true);
        assertThat(waiting()).isZero();
    }

    @Test
    void bodies_ofOthers_areBoundedOnlyTogether() {
        BodyReader reader = reader(SOON, 3, 1, 1);
        read(reader, Flux.never(), 9).subscribe();
        await().atMost(SOON).until(() -> waiting() == 1);
        BodyReader.Owner other =
                new BodyReader.Owner(new TaskKey("other"), new Human(ALICE.issuer(), "bob"), Tasks.proof());
        read(reader, request(Flux.never(), -1), 9, other).subscribe();
        reader.read(request(Flux.never(), -1), 9).subscribe();
        await().atMost(SOON).until(() -> waiting() == 3);
        assertThat(reader.read(request(Flux.never(), -1), 9).block(SOON)).isEqualTo(Body.Missing.TOO_MANY);
    }

    @Test
    void bodies_ofOneProof_haveOnePlace_andThoseProvenByTheirConnectionHaveTheirOwn() {
        BodyReader reader = reader(SOON, 9, 9, 9);
        ProofClaim caught = Tasks.proof();
        Disposable first =
                read(reader, request(Flux.never(), -1), 9, owner(caught)).subscribe();
        await().atMost(SOON).until(() -> waiting() == 1);
        assertThat(read(reader, request(Flux.never(), -1), 9, owner(caught)).block(SOON))
                .isEqualTo(Body.Missing.TOO_MANY);
        assertThat(waiting()).isEqualTo(1);
        for (ProofClaim other : List.of(Tasks.proof(), ProofClaim.NONE, ProofClaim.NONE)) {
            read(reader, request(Flux.never(), -1), 9, owner(other)).subscribe();
        }
        await().atMost(SOON).until(() -> waiting() == 4);
        first.dispose();
        read(reader, request(Flux.never(), -1), 9, owner(caught)).subscribe();
        await().atMost(SOON).until(() -> waiting() == 4);
    }

    @Test
    void form_ofASenderWhoIsGone_isNotRead() {
        Channel closed = new LocalChannel();
        Connection connection = () -> closed;
        ServerHttpRequest request =
                new BodyRequest(HttpMethod.POST, new HttpHeaders(), Flux.error(new AssertionError("read"))) {
                    @Override
                    @SuppressWarnings("unchecked") // of the server
                    public <T> T getNativeRequest() {
                        return (T) connection;
                    }
                };
        assertThat(reader(SOON, 1, 1, 1).read(request, 9).block(SOON)).isEqualTo(Body.Missing.GONE);
        assertThat(new EventLoops().of(request)).isSameAs(Schedulers.parallel());
    }

    @Test
    void largeBody_keepsItsPlace_untilItIsLeft() {
        BodyReader reader = reader(SOON, 1, 1, 1);
        Flux<DataBuffer> body = Flux.defer(() -> Flux.range(0, 20).map(i -> buffer("x".repeat(8192))));
        Body.Whole whole = (Body.Whole) read(reader, body, 1 << 20).block(SOON);
        assertThat(whole.bytes()).hasSize(20 * 8192);
        assertThat(waiting()).isEqualTo(1);
        whole.leave();
        whole.leave();
        assertThat(waiting()).isZero();
    }

    @Test
    void largeBody_withoutAPlace_isOneTooMany() {
        BodyReader reader = reader(SOON, 1, 1, 1);
        Disposable waited = read(reader, Flux.never(), 9).subscribe();
        await().atMost(SOON).until(() -> waiting() == 1);
        Flux<DataBuffer> body = Flux.defer(() -> Flux.range(0, 20).map(i -> buffer("x".repeat(8192))));
        assertThat(read(reader, body, 1 << 20).block(SOON)).isEqualTo(Body.Missing.TOO_MANY);
        waited.dispose();
        assertThat(waiting()).isZero();
    }

    @Test
    void reading_thatIsCancelled_endsTheBody() {
        Disposable read = read(reader(SOON, 1, 1, 1), Flux.never(), 9).subscribe();
        await().atMost(SOON).until(() -> waiting() == 1);
        read.dispose();
        assertThat(cancelled).isTrue();
        assertThat(waiting()).isZero();
    }

    @Test
    void sender_thatGoes_isNoFaultOfOurs_anyOtherErrorIs() {
        BodyReader reader = reader(SOON, 1, 1, 1);
        Flux<DataBuffer> gone =
                Flux.defer(() -> Flux.just(buffer("x"))).concatWith(Flux.error(new IOException("reset")));
        assertThat(read(reader, gone, 9).block(SOON)).isEqualTo(Body.Missing.GONE);
        Mono<Body> fault = read(reader, Flux.error(new IllegalStateException("ours")), 9);
        assertThatThrownBy(() -> fault.block(SOON)).hasMessage("ours");
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,1,1,'deadline must be 1ms..10m, was 0ms'",
        "600001,1,1,1,'deadline must be 1ms..10m, was 600001ms'",
        "1,0,1,1,'at-once must be 1..100000, was 0'",
        "1,1,-1,1,'per-task must be 1..100000, was -1'",
        "1,1,1,100001,'per-human must be 1..100000, was 100001'"
    })
    void bounds_outOfRange_areNamed(long millis, int atOnce, int perTask, int perHuman, String message) {
        assertThatThrownBy(() -> new Bounds(Duration.ofMillis(millis), atOnce, perTask, perHuman))
                .hasMessage(message);
    }
}
