package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Requests;
import dev.errand.operation.Resolution;
import dev.errand.operation.jsonrpc.Granted;
import dev.errand.operation.jsonrpc.ListAnswer;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.MediaType;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

class FilteredAnswerTest {
    private static final String LISTED =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"echo\"},{\"name\":\"get-env\"}]}}";

    private final AtomicInteger found = new AtomicInteger();
    private final AnswerSearch search = new AnswerSearch(call -> found.incrementAndGet(), System::nanoTime);

    /** Not begun by any server. */
    private static final class Response extends MockServerHttpResponse {
        @Override
        @SuppressWarnings("unchecked")
        public <T> T getNativeResponse() {
            return (T) new Object();
        }
    }

    private static ListAnswer listing() {
        OperationCatalogue tools = Requests.catalogue("{catalogue: tools, resolver: jsonrpc, path: /mcp}");
        String list = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";
        Resolution found = tools.resolve(Requests.withBody("POST", "/mcp", list, "Content-Type", "application/json"));
        List<OperationCall> calls = ((Resolution.Resolved) found).calls();
        return ListAnswer.of(tools, calls, new Granted() {
                    @Override
                    public boolean permits(String operation, @Nullable JsonObject arguments) {
                        return operation.endsWith("/echo");
                    }

                    @Override
                    public boolean permitsAny(String beginning) {
                        return false;
                    }
                })
                .orElseThrow();
    }

    private static Call listed() {
        Call.Granted one = new PermittedCalls(new InMemoryTaskStore()).verified();
        return new Call.Granted(
                one.named(), one.target(), one.routedPath(), one.headerRules(), null, false, listing(), null);
    }

    /** Each way in which an answer that is searched for the credential of its call is not passed on. */
    @ParameterizedTest
    @ValueSource(strings = {"held", "too long", "never", "error", "encoded"})
    void searchedAnswer_thatMayHoldTheCredential_isWithheldAndLetGo(String why) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        Response response = new Response();
        NettyDataBufferFactory buffers = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);
        String token = SentCredentialTest.TOKEN;
        ByteBuf part = Unpooled.copiedBuffer(token.substring(0, 9), StandardCharsets.UTF_8);
        ByteBuf rest = Unpooled.copiedBuffer(token.substring(9), StandardCharsets.UTF_8);
        if (why.equals("encoded")) {
            response.getHeaders().set("Content-Encoding", "gzip");
        }
        Flux<DataBuffer> first = Flux.just(buffers.wrap(part));
        Flux<DataBuffer> body = switch (why) {
            case "error" -> first.concatWith(Flux.error(new IOException("reset")));
            case "never" -> first.concatWith(Flux.never());
            case "too long" -> first.concatWith(Flux.range(0, 9).map(i -> buffers.wrap(new byte[32 * 1024])));
            default -> first.concatWith(Flux.defer(() -> Flux.just(buffers.wrap(rest))));
        };
        AtomicReference<Throwable> told = new AtomicReference<>();
        new FilteredAnswer(response, clock, () -> SentCredentialTest.searched(true), search)
                .writeAndFlushWith(Flux.just(body))
                .subscribe(null, told::set);
        clock.advanceTimeBy(Duration.ofMinutes(2));
        assertThat(response.isCommitted()).isFalse();
        assertThat(part.refCnt()).isZero();
        assertThat(told.get())
                .isInstanceOf(why.equals("error") ? IOException.class : FilteredAnswer.WithheldException.class);
    }

    /** What follows the first part of an answer that is withheld by its head is not waited for. */
    @ParameterizedTest
    @ValueSource(strings = {"endless", "silent"})
    void answerWithheldByItsHead_isNotReadToItsEnd(String body) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        Response response = new Response();
        response.getHeaders().set("Content-Encoding", "gzip");
        NettyDataBufferFactory buffers = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);
        List<ByteBuf> made = new ArrayList<>();
        Flux<DataBuffer> parts = Flux.range(0, 1000).map(i -> {
            ByteBuf part = Unpooled.buffer().writeBytes(new byte[5]);
            made.add(part);
            return buffers.wrap(part);
        });
        boolean silent = body.equals("silent");
        AtomicReference<Throwable> told = new AtomicReference<>();
        new FilteredAnswer(response, clock, () -> SentCredentialTest.searched(true), search)
                .writeWith(silent ? Flux.never() : parts.concatWith(Flux.never()))
                .subscribe(null, told::set);
        if (silent) {
            assertThat(told.get()).isNull();
            clock.advanceTimeBy(Duration.ofSeconds(61));
        }
        assertThat(told.get()).isInstanceOf(FilteredAnswer.WithheldException.class);
        assertThat(response.isCommitted()).isFalse();
        assertThat(made).hasSize(silent ? 0 : 1).allMatch(part -> part.refCnt() == 0);
    }

    @Test
    void searchedAnswer_thatDoesNotHoldIt_isPassedOn() {
        Response response = new Response();
        DataBuffer buffer = response.bufferFactory().wrap("{\"data\":1}".getBytes(StandardCharsets.UTF_8));
        new FilteredAnswer(response, VirtualTimeScheduler.create(), () -> SentCredentialTest.searched(true), search)
                .writeWith(Flux.just(buffer))
                .block();
        assertThat(response.getBodyAsString().block()).isEqualTo("{\"data\":1}");
    }

    /** Whichever way the gateway writes it: some types are flushed part by part. */
    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/stream+json", "application/x-ndjson"})
    void listThatIsNoEventStream_writtenByParts_isFiltered(String type) {
        Response response = new Response();
        response.getHeaders().setContentType(MediaType.parseMediaType(type));
        FilteredAnswer answer =
                new FilteredAnswer(response, Schedulers.immediate(), FilteredAnswerTest::listed, search);
        DataBuffer buffer = response.bufferFactory().wrap((LISTED + "\n\n").getBytes(StandardCharsets.UTF_8));
        answer.writeAndFlushWith(Flux.just(Mono.just(buffer))).block();
        assertThat(Objects.requireNonNull(response.getBodyAsString().block()))
                .contains("echo")
                .doesNotContain("get-env");
    }

    /** Each way in which a small answer ends before its time. */
    @ParameterizedTest
    @ValueSource(strings = {"never", "error", "too long", "cancel"})
    void smallAnswer_thatDoesNotEnd_isWithheldAndLetGo(String end) {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        Response response = new Response();
        response.getHeaders().setContentLength(9);
        ByteBuf part = Unpooled.buffer().writeBytes(new byte[5]);
        ByteBuf rest = Unpooled.buffer().writeBytes(new byte[17_000]);
        NettyDataBufferFactory buffers = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);
        Flux<DataBuffer> first = Flux.just(buffers.wrap(part));
        Flux<DataBuffer> body = switch (end) {
            case "error" -> first.concatWith(Flux.error(new IOException("reset")));
            case "too long" -> first.concatWith(Flux.just(buffers.wrap(rest)));
            default -> first.concatWith(Flux.never());
        };
        AtomicReference<Throwable> told = new AtomicReference<>();
        Disposable written = new FilteredAnswer(response, clock, () -> null, search)
                .writeWith(body)
                .subscribe(null, told::set);
        if (end.equals("cancel")) {
            written.dispose();
        }
        clock.advanceTimeBy(Duration.ofMinutes(2));
        assertThat(response.isCommitted()).isFalse();
        assertThat(part.refCnt()).isZero();
        assertThat(rest.refCnt()).isEqualTo(end.equals("too long") ? 0 : 1);
        if (!end.equals("cancel")) {
            assertThat(told.get()).isInstanceOf(FilteredAnswer.WithheldException.class);
        }
    }
}
