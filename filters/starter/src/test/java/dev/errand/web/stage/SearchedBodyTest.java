package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;

/** What goes on of a body that is searched, and that no buffer is lost, however the body ends. */
class SearchedBodyTest {
    private static final String SECRET = "of/the=gateway\"alone.0";

    private final NettyDataBufferFactory buffers = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);
    private final List<ByteBuf> made = new ArrayList<>();
    private final AtomicInteger found = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();
    private final AnswerSearch all = new AnswerSearch(call -> {}, nanos::get);
    private final StringBuilder passed = new StringBuilder();
    private final AtomicReference<Throwable> error = new AtomicReference<>();
    private final Sinks.Many<DataBuffer> body = Sinks.many().unicast().onBackpressureBuffer();
    private boolean over;
    private int sent;
    private int mostWaiting;

    private Disposable begin(long length, long most) {
        CredentialSearch search = new CredentialSearch(List.of(SECRET), true, most);
        return new SearchedBody(search, length, all, found::incrementAndGet)
                .of(body.asFlux())
                .subscribe(
                        part -> {
                            passed.append(part.toString(StandardCharsets.UTF_8));
                            DataBufferUtils.release(part);
                        },
                        error::set,
                        () -> over = true);
    }

    private void send(String text) {
        ByteBuf part = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        // One reference of the test's own: a part that is released twice would lose it.
        made.add(part.retain());
        sent += part.readableBytes();
        body.tryEmitNext(buffers.wrap(part)).orThrow();
        mostWaiting = Math.max(mostWaiting, sent - passed.length());
    }

    @AfterEach
    void everyBufferIsReleasedOnce_andNothingIsHeld() {
        assertThat(made).allMatch(part -> part.refCnt() == 1);
        made.forEach(ByteBuf::release);
        made.clear();
        assertThat(all.held()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                SECRET,
                "of/the=gateway\\\"alone.0",
                "of\\/the\\u003dgateway\\u0022alone.0",
                "\\u006ff\\/the\\u003Dgateway\\\"alone.0"
            })
    void secret_cutAnywhere_isFoundBeforeItsEnd_andFewOfItsBytesGoOn(String spelled) {
        for (int cut = 0; cut <= spelled.length(); cut++) {
            SearchedBodyTest one = new SearchedBodyTest();
            one.begin(0, Long.MAX_VALUE);
            one.send("{\"a\":\"");
            one.send(spelled.substring(0, cut));
            if (cut < spelled.length()) {
                one.send(spelled.substring(cut) + "\"}");
            }
            assertThat(one.error.get()).as("cut at %d", cut).isInstanceOf(FilteredAnswer.WithheldException.class);
            assertThat(one.found).hasValue(1);
            assertThat(one.passed.length()).as("cut at %d: %s", cut, one.passed).isLessThan("{\"a\":\"".length() + 10);
            one.everyBufferIsReleasedOnce_andNothingIsHeld();
        }
    }

    @Test
    void secret_byteByByte_isFound() {
        begin(0, Long.MAX_VALUE);
        for (int i = 0; i < SECRET.length(); i++) {
            send(SECRET.substring(i, i + 1));
        }
        assertThat(error.get()).isNotNull();
        assertThat(passed).hasToString(SECRET.substring(0, 3));
    }

    @Test
    void body_withoutIt_passesAsItCame_andOnlyABeginningOfTheSecretWaits() {
        begin(0, Long.MAX_VALUE);
        send("one");
        assertThat(passed).hasToString("one");
        send("two ".repeat(50) + SECRET.substring(0, 8));
        assertThat(passed.toString()).startsWith("onetwo two").doesNotContain(SECRET.substring(0, 2));
        send("three");
        assertThat(passed).hasToString("one" + "two ".repeat(50) + SECRET.substring(0, 8) + "three");
        send(SECRET.substring(0, 9));
        body.tryEmitComplete();
        assertThat(passed.toString()).endsWith("three" + SECRET.substring(0, 9));
        assertThat(over).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "of/the, complete",
        "of/the, error",
        "of/the, cancel",
        "of/the, find",
        "of\\/the, complete",
        "\\u006ff\\/the\\u003d, find",
        "\\u006ff\\/the\\u003d, cancel",
        "of/t\\u\\u, complete",
        "of/the\\u, error",
        "of/t\\u00, cancel"
    })
    void partsThatAllEndWithABeginning_waitForNoMoreThanTheEscapedSecret(String beginning, String end) {
        Disposable subscription = begin(0, Long.MAX_VALUE);
        for (int i = 0; i < 2_000; i++) {
            send(beginning.repeat(1 + i % 40));
            assertThat(sent - passed.length()).isLessThanOrEqualTo(6 * SECRET.length());
        }
        for (int i = 0; i < 2_000; i++) {
            send(beginning.substring(i % beginning.length(), i % beginning.length() + 1));
        }
        assertThat(mostWaiting).isBetween(1, 6 * SECRET.length());
        switch (end) {
            case "complete" -> {
                body.tryEmitComplete();
                assertThat(over).isTrue();
                assertThat(passed).hasSize(sent);
            }
            case "error" -> body.tryEmitError(new java.io.IOException("reset"));
            case "cancel" -> subscription.dispose();
            default -> {
                send("\"" + SECRET);
                assertThat(error.get()).isInstanceOf(FilteredAnswer.WithheldException.class);
                assertThat(found).hasValue(1);
            }
        }
        assertThat(passed.toString()).doesNotContain(SECRET);
    }

    @Test
    void bodyOfKnownLength_thatEndsWithABeginning_waitsWithItsEndOnly() {
        String text = "x".repeat(500) + SECRET.substring(0, 5);
        begin(text.length(), Long.MAX_VALUE);
        send(text.substring(0, 300));
        assertThat(passed).isEmpty();
        send(text.substring(300));
        assertThat(all.held()).isZero();
        assertThat(passed.length()).isBetween(505 - 6 * SECRET.length(), 500);
        body.tryEmitComplete();
        assertThat(passed).hasToString(text);
    }

    @Test
    void bodyOfKnownLength_waitsUntilItIsWhole() {
        begin(9, Long.MAX_VALUE);
        send("12345");
        assertThat(passed).isEmpty();
        assertThat(all.held()).isEqualTo(9);
        send("6789");
        assertThat(passed).hasToString("123456789");
        body.tryEmitComplete();
        assertThat(over).isTrue();
    }

    @Test
    void bodyOfKnownLength_thatComesSlowly_passesAsItComes() {
        begin(9, Long.MAX_VALUE);
        send("123");
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        send("45");
        assertThat(passed).hasToString("12345");
        assertThat(all.held()).isZero();
        send("6789");
        assertThat(passed).hasToString("123456789");
    }

    @Test
    void bodiesOfKnownLength_aboveTheBoundOfAll_passAsTheyCome() {
        assertThat(all.hold(AnswerSearch.MOST_HELD)).isTrue();
        begin(9, Long.MAX_VALUE);
        send("12345");
        assertThat(passed).hasToString("12345");
        send("6789");
        all.letGo(AnswerSearch.MOST_HELD);
    }

    @Test
    void secret_behindTheBound_isNotLookedFor() {
        begin(0, 10);
        send("0123456789");
        send(SECRET);
        assertThat(passed).hasToString("0123456789" + SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cancel", "error"})
    void body_thatEndsWhileAPartWaits_isLetGo(String end) {
        Disposable subscription = begin(100, Long.MAX_VALUE);
        send("a part");
        if (end.equals("cancel")) {
            subscription.dispose();
        } else {
            body.tryEmitError(new java.io.IOException("reset"));
        }
        assertThat(passed).isEmpty();
    }
}
