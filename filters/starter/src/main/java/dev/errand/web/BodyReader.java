package dev.errand.web;

import dev.errand.jose.ProofClaim;
import dev.errand.task.TaskKey;
import dev.errand.token.Human;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Reads the bodies that are needed to decide. Each buffer is copied to the heap and released when it arrives, so that a
 * body that stays away holds no direct memory. A body has a bound in bytes and a deadline.
 *
 * <p>A body that does not arrive at once takes a place. The number of places is bounded. A body takes its place when bytes
 * are still to come {@value BodyReading#PATIENCE_MILLIS} ms after its reading began, or after its first
 * {@value BodyReading#SMALL} bytes. A body that arrives at once therefore never needs a place, however many slow bodies hold
 * theirs. A small body gives its place back with its last byte. A larger body fills the heap until it was sent on or refused,
 * and gives its place back then. Thread-safe.
 */
public final class BodyReader {
    private final Bounds bounds;
    private final BodyPlaces places;
    private final EventLoops loops = new EventLoops();

    public BodyReader(Bounds bounds) {
        this.bounds = bounds;
        this.places = new BodyPlaces(bounds);
    }

    /**
     * The bounds of the bodies that are waited for.
     *
     * @param deadline within which the last byte of a body must arrive
     * @param atOnce how many bodies may be waited for at once
     * @param perTask how many of one task may be waited for at once
     * @param perHuman how many of all tasks of one human may be waited for at once
     */
    public record Bounds(Duration deadline, int atOnce, int perTask, int perHuman) {
        private static final int MOST = 100_000;
        private static final Duration LONGEST = Duration.ofMinutes(10);

        /** The bounds unless others are configured. */
        public static final Bounds DEFAULT = new Bounds(Duration.ofSeconds(10), 64, 8, 16);

        public Bounds {
            if (deadline.toMillis() < 1 || deadline.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("deadline must be 1ms..10m, was " + deadline.toMillis() + "ms");
            }
            bounded("at-once", atOnce);
            bounded("per-task", perTask);
            bounded("per-human", perHuman);
        }

        private static void bounded(String name, int value) {
            if (value < 1 || value > MOST) {
                throw new IllegalArgumentException(name + " must be 1.." + MOST + ", was " + value);
            }
        }
    }

    /**
     * Whose body it is.
     *
     * @param proof the single use of the proof that came with the request's head
     */
    public record Owner(TaskKey task, Human human, ProofClaim proof) {}

    /** The outcome of reading a body. */
    public sealed interface Body {
        /** The whole body. */
        final class Whole implements Body {
            private final byte[] bytes;
            private final BodyPlaces.@Nullable Place place;

            Whole(byte[] bytes, BodyPlaces.@Nullable Place place) {
                this.bytes = bytes;
                this.place = place;
            }

            /** The bytes themselves, not a copy. */
            public byte[] bytes() {
                return bytes;
            }

            /** Whether the body still has a place, which is given back when it is sent on or refused. */
            public boolean isCounted() {
                return place != null;
            }

            /** Says that the body is no longer kept, and gives its place back. */
            public void leave() {
                if (place != null) {
                    place.giveBack();
                }
            }
        }

        /** Why there is no whole body. */
        enum Missing implements Body {
            TOO_LONG,
            TOO_SLOW,
            /** No place for a body is free. */
            TOO_MANY,
            /** A chunk of it cannot be read. */
            MALFORMED,
            /** Its sender is gone. */
            GONE
        }
    }

    /** Publishes how many bodies have a place now. */
    public BodyReader observedBy(MeterRegistry registry) {
        Gauge.builder("errand.bodies.waiting", places, BodyPlaces::taken)
                .description("Bodies that are needed to decide and still to come, or large and not yet sent on")
                .register(registry);
        return this;
    }

    /** Within what time the last byte must arrive. */
    public Duration deadline() {
        return bounds.deadline();
    }

    /**
     * Reads a body whose sender is not known yet. It counts only towards the bound of all bodies, not towards the bounds of
     * a task or a human.
     */
    public Mono<Body> read(ServerHttpRequest request, int maxBytes) {
        Scheduler loop = loops.find(request);
        return loop == null ? Mono.just(Body.Missing.GONE) : read(request, maxBytes, null, loop);
    }

    /**
     * Reads the body of a verified holder's call.
     *
     * @param loop where the time is kept: the event loop of the connection, which may be closed by now
     */
    public Mono<Body> read(ServerHttpRequest request, int maxBytes, @Nullable Owner owner, Scheduler loop) {
        long length = request.getHeaders().getContentLength();
        if (length > maxBytes) {
            return Mono.just(Body.Missing.TOO_LONG);
        }
        return Mono.create(
                sink -> new BodyReading(bounds, places, sink, request, (int) length, maxBytes, owner, loop).begin());
    }
}
