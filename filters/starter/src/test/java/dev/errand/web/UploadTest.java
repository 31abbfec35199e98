package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

class UploadTest {
    private final AtomicLong demanded = new AtomicLong();
    private final AtomicBoolean cancelled = new AtomicBoolean();
    private final List<String> sent = new ArrayList<>();
    private final List<Throwable> errors = new ArrayList<>();

    private BaseSubscriber<ByteBuf> send(Flux<DataBuffer> body) {
        BaseSubscriber<ByteBuf> client = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                // Asks when the test says so.
            }

            @Override
            protected void hookOnNext(ByteBuf buffer) {
                sent.add(buffer.toString(StandardCharsets.ISO_8859_1));
                buffer.release();
            }

            @Override
            protected void hookOnError(Throwable error) {
                errors.add(error);
            }
        };
        Flux<DataBuffer> watched = body.doOnRequest(demanded::addAndGet).doOnCancel(() -> cancelled.set(true));
        new Upload(new BodyRequest(HttpMethod.PUT, new HttpHeaders(), watched)).subscribe(client);
        return client;
    }

    private static Flux<DataBuffer> buffers(int count) {
        return Flux.range(0, count)
                .map(i -> DefaultDataBufferFactory.sharedInstance.wrap(
                        Integer.toString(i).getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void body_isReadAsItIsAskedFor() {
        BaseSubscriber<ByteBuf> client = send(buffers(100));
        assertThat(sent).isEmpty();
        client.request(16);
        client.request(3);
        assertThat(demanded).hasValue(19);
        assertThat(sent).hasSize(19).endsWith("18");
    }

    @Test
    void end_andCancellation_passThrough() {
        send(buffers(2)).request(128);
        assertThat(sent).containsExactly("0", "1");
        assertThat(errors).isEmpty();
        send(Flux.never()).cancel();
        assertThat(cancelled).isTrue();
    }

    @Test
    void sender_thatGoes_breaksTheUpload_anyOtherErrorStaysWhatItIs() {
        send(Flux.error(new IOException("reset"))).request(128);
        send(Flux.error(new IllegalStateException("ours"))).request(128);
        assertThat(errors)
                .satisfiesExactly(
                        broken -> assertThat(broken).isInstanceOf(Upload.BrokenException.class),
                        ours -> assertThat(ours).hasMessage("ours"));
    }
}
