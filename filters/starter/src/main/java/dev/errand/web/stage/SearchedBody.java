package dev.errand.web.stage;

import dev.errand.web.stage.FilteredAnswer.WithheldException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * The body of one answer as it is searched for the credential that the gateway sent. Bytes at the end of a part that
 * may be the beginning of the credential wait for the next part; never more than the escaped credential has. A body of known length waits until it is whole, so that its head has not gone on
 * either, unless it comes slowly. For one subscriber; thread-safe, as the agent may leave at any time.
 */
final class SearchedBody {
    /** How long a body of known length waits. */
    private static final long WAIT_NANOS = Duration.ofSeconds(10).toNanos();

    private final CredentialSearch search;
    private final AnswerSearch all;
    private final Runnable found;

    // guarded by this
    private final List<DataBuffer> held = new ArrayList<>(2);
    private long begunNanos;
    private long toCome;
    private long taken;
    private boolean over;

    /**
     * @param length how many bytes are to be held until they are whole; 0 for none
     * @param found runs if the body holds the credential, before the subscriber gets the error
     */
    SearchedBody(CredentialSearch search, long length, AnswerSearch all, Runnable found) {
        this.search = search;
        this.all = all;
        this.found = found;
        this.toCome = length;
    }

    /** The body; ends in a {@link WithheldException} before the last byte of the credential. */
    Flux<DataBuffer> of(Publisher<? extends DataBuffer> body) {
        return Flux.from(body)
                .<DataBuffer>handle(this::next)
                .concatWith(Mono.defer(() -> Mono.justOrEmpty(rest())))
                .doFinally(signal -> release());
    }

    private synchronized void next(DataBuffer part, SynchronousSink<DataBuffer> sink) {
        held.add(part);
        if (over) {
            release();
            return;
        }
        if (search.push(part)) {
            release();
            found.run();
            sink.error(new WithheldException(SentCredential.HELD));
            return;
        }
        if (toCome > 0 && taken == 0 && all.hold(toCome)) {
            taken = toCome;
            begunNanos = all.nanoTime();
        }
        toCome -= part.readableByteCount();
        boolean whole = taken == 0 || toCome <= 0 || all.nanoTime() - begunNanos > WAIT_NANOS;
        if (whole) {
            letGo();
            pass(sink);
        }
    }

    /** Passes on what is held, except for the bytes at its end about which the next part decides: these are copied. */
    private void pass(SynchronousSink<DataBuffer> sink) {
        DataBuffer one = joined();
        int waiting = Math.min(search.openBytes(), one.readableByteCount());
        if (waiting > 0) {
            int from = one.writePosition() - waiting;
            ByteBuffer end = ByteBuffer.allocate(waiting);
            one.toByteBuffer(from, end, 0, waiting);
            held.add(one.factory().wrap(end));
            one.writePosition(from);
        }
        if (waiting > 0 && one.readableByteCount() == 0) {
            DataBufferUtils.release(one);
        } else {
            sink.next(one);
        }
    }

    private synchronized @Nullable DataBuffer rest() {
        return held.isEmpty() ? null : joined();
    }

    private DataBuffer joined() {
        DataBuffer one = held.size() == 1 ? held.get(0) : held.get(0).factory().join(List.copyOf(held));
        held.clear();
        return one;
    }

    private void letGo() {
        all.letGo(taken);
        taken = 0;
        toCome = 0;
    }

    private synchronized void release() {
        over = true;
        letGo();
        held.forEach(DataBufferUtils::release);
        held.clear();
    }
}
