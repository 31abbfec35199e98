package dev.errand.web;

import dev.errand.web.BodyReader.Body;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/** One body being read, on the event loop of its connection. */
final class BodyReading extends BaseSubscriber<DataBuffer> {
    /** How long a body may take before it needs a place. */
    static final int PATIENCE_MILLIS = 25;

    /** How many bytes of a body may be kept without a place. */
    static final int SMALL = 64 * 1024;

    private static final byte[] NOTHING = new byte[0];

    private final BodyReader.Bounds bounds;
    private final BodyPlaces places;
    private final MonoSink<Body> sink;
    private final ServerHttpRequest request;
    private final Scheduler loop;
    private final int announced;
    private final int maxBytes;
    private final BodyReader.@Nullable Owner owner;
    private final AtomicBoolean over = new AtomicBoolean();
    private byte[] bytes = NOTHING;
    private int length;
    private volatile BodyPlaces.@Nullable Place place;
    private volatile @Nullable Disposable timer;

    /** @param announced the content length, or -1 */
    BodyReading(
            BodyReader.Bounds bounds,
            BodyPlaces places,
            MonoSink<Body> sink,
            ServerHttpRequest request,
            int announced,
            int maxBytes,
            BodyReader.@Nullable Owner owner,
            Scheduler loop) {
        this.bounds = bounds;
        this.places = places;
        this.sink = sink;
        this.request = request;
        this.loop = loop;
        this.announced = announced;
        this.maxBytes = maxBytes;
        this.owner = owner;
    }

    void begin() {
        sink.onCancel(() -> {
            over.set(true);
            end();
            giveBack();
            cancel();
        });
        request.getBody().subscribe(this);
        if (!over.get()) {
            long patience = Math.min(PATIENCE_MILLIS, bounds.deadline().toMillis());
            after(patience, this::outOfPatience);
        }
    }

    @Override
    public Context currentContext() {
        return Context.of(sink.contextView());
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    protected void hookOnNext(DataBuffer buffer) {
        try {
            if (over.get()) {
                return;
            }
            int more = buffer.readableByteCount();
            if (more > maxBytes - length) {
                miss(Body.Missing.TOO_LONG);
                return;
            }
            if (length + more > bytes.length) {
                bytes = Arrays.copyOf(bytes, capacity(length + more));
            }
            buffer.read(bytes, length, more);
            length += more;
        } finally {
            DataBufferUtils.release(buffer);
        }
        if (length > SMALL) {
            count();
        }
    }

    /**
     * The length of the array. Bytes that were only announced get no memory: the array is twice as long as the bytes
     * that have arrived, and at most as long as the body may be.
     */
    private int capacity(int needed) {
        int most = announced >= needed ? announced : maxBytes;
        if (bytes.length > 0) {
            return Math.min(most, 2 * needed);
        }
        return announced < 0 ? needed : Math.max(needed, Math.min(most, SMALL));
    }

    @Override
    protected void hookOnComplete() {
        if (MalformedBody.isOf(request)) {
            miss(Body.Missing.MALFORMED);
        } else if (over.compareAndSet(false, true)) {
            end();
            BodyPlaces.Place kept = length > SMALL ? place : null;
            if (kept == null) {
                giveBack();
            }
            byte[] whole = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
            sink.success(new Body.Whole(whole, kept));
        }
    }

    @Override
    protected void hookOnError(Throwable error) {
        if (Upload.isOfTheSender(error)) {
            miss(Body.Missing.GONE);
        } else if (over.compareAndSet(false, true)) {
            end();
            giveBack();
            sink.error(error);
        }
    }

    private void outOfPatience() {
        if (!over.get() && count()) {
            long left = Math.max(0, bounds.deadline().toMillis() - PATIENCE_MILLIS);
            after(left, () -> miss(Body.Missing.TOO_SLOW));
        }
    }

    /** Takes a place unless the body has one; false if there is none. */
    private synchronized boolean count() {
        if (place == null) {
            place = places.take(owner);
            if (place == null) {
                miss(Body.Missing.TOO_MANY);
                return false;
            }
            if (over.get()) {
                giveBack();
            }
        }
        return true;
    }

    private void miss(Body.Missing why) {
        if (over.compareAndSet(false, true)) {
            end();
            giveBack();
            cancel();
            bytes = NOTHING;
            sink.success(why);
        }
    }

    private void after(long millis, Runnable due) {
        timer = loop.schedule(due, millis, TimeUnit.MILLISECONDS);
    }

    private void end() {
        Disposable due = timer;
        if (due != null) {
            due.dispose();
        }
    }

    private void giveBack() {
        BodyPlaces.Place taken = place;
        if (taken != null) {
            taken.giveBack();
        }
    }
}
