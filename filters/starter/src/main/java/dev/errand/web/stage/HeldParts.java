package dev.errand.web.stage;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.Mono;

/**
 * The parts of one event stream that wait to be written. Each part is flushed on its own, so it travels as a
 * publisher. Spring (until the head is sent) and Reactor Netty (between flushes) queue publishers, and drop them
 * without a release when the agent leaves. Parts that nobody took by then are released here. Thread-safe.
 */
final class HeldParts {
    private final Queue<AtomicReference<@Nullable DataBuffer>> held = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    /** The buffer as a part; the part's subscriber takes it. */
    Publisher<DataBuffer> hold(DataBuffer buffer) {
        AtomicReference<@Nullable DataBuffer> part = new AtomicReference<>(buffer);
        held.add(part);
        if (over) {
            release();
        }
        return Mono.defer(() -> {
            held.remove(part);
            return Mono.justOrEmpty(part.getAndSet(null));
        });
    }

    /** Releases the parts after the stream has ended in any way: no part is taken any more. */
    void release() {
        over = true;
        for (AtomicReference<@Nullable DataBuffer> part = held.poll(); part != null; part = held.poll()) {
            DataBuffer buffer = part.getAndSet(null);
            if (buffer != null) {
                DataBufferUtils.release(buffer);
            }
        }
    }
}
