package dev.errand.credential;

import dev.errand.loop.Continuation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/**
 * A value read from small files, off the event loop. A call of {@link #value} half a second or more after the last
 * reading starts the next reading. The call gets the known value at once, unless the last reading is more than a second
 * old: then it waits for the new one, and continues on its {@link Continuation}. If a reading fails, the last good
 * value stays; {@link #fault} and the log say why. Thread-safe.
 */
final class WatchedFile<T> {
    static final int MAX_BYTES = 64 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long AGAIN_NANOS = 500_000_000L;
    private static final long MOST_NANOS = 1_000_000_000L;

    private final List<Path> files;
    private final Parser<T> parser;
    private final LongSupplier nanoTime;
    private final SingleFlight<T> reading = new SingleFlight<>();
    private volatile @Nullable Reading<T> last;

    /** Makes a value of the files' contents. */
    public interface Parser<T> {
        /** A fault is an {@link IllegalArgumentException} whose message holds no secret. */
        T parse(List<byte[]> contents);
    }

    private record Reading<T>(@Nullable T value, @Nullable String fault, long atNanos) {}

    public WatchedFile(List<Path> files, Parser<T> parser, LongSupplier nanoTime) {
        this.files = List.copyOf(files);
        this.parser = parser;
        this.nanoTime = nanoTime;
    }

    /**
     * The last good value; a {@link CredentialUnavailableException} if there never was one, or if a reading that is waited for
     * takes longer than five seconds.
     */
    public Mono<T> value() {
        return Mono.defer(() -> {
            // Read before `last`: the value of a reading that ends in between is then seen.
            boolean idle = reading.isIdle();
            Reading<T> known = last;
            T value = known == null ? null : known.value();
            long age = known == null ? 0 : nanoTime.getAsLong() - known.atNanos();
            if (value == null || age >= MOST_NANOS) {
                return Continuation.behind(readOnce().timeout(PATIENCE, Mono.error(this::tooSlow)));
            }
            if (age >= AGAIN_NANOS && idle) {
                readOnce().subscribe(next -> {}, failed -> {}); // callers that wait get the error
            }
            return Mono.just(value);
        });
    }

    public Optional<String> fault() {
        Reading<T> known = last;
        return known == null ? Optional.empty() : Optional.ofNullable(known.fault());
    }

    private Mono<T> readOnce() {
        return reading.join(Mono.create(sink -> {
            try {
                Schedulers.boundedElastic().schedule(() -> read(sink));
            } catch (Throwable refused) {
                // Also for an Error, such as that of a missing thread: nothing else would end the reading.
                sink.error(refused);
            }
        }));
    }

    private void read(MonoSink<T> sink) {
        T value;
        try {
            value = read();
        } catch (Throwable failure) {
            if (failure instanceof Error) {
                LOG.error("{}: the file could not be read; the last good value stays", files.get(0), failure);
            }
            sink.error(failure);
            return;
        }
        sink.success(value);
    }

    private T read() {
        Reading<T> before = last;
        T value = before == null ? null : before.value();
        String fault = null;
        try {
            List<byte[]> contents = new ArrayList<>();
            for (Path file : files) {
                contents.add(content(file));
            }
            value = parser.parse(contents);
        } catch (IOException e) {
            fault = files.get(0) + ": cannot be read (" + e.getClass().getSimpleName() + ")";
        } catch (IllegalArgumentException e) {
            fault = files.get(0) + ": " + e.getMessage();
        }
        tell(before == null ? null : before.fault(), fault, value != null);
        last = new Reading<>(value, fault, nanoTime.getAsLong());
        if (value == null) {
            throw new CredentialUnavailableException(fault == null ? files.get(0) + ": no value" : fault);
        }
        return value;
    }

    private CredentialUnavailableException tooSlow() {
        return new CredentialUnavailableException(
                files.get(0) + ": takes longer to read than " + PATIENCE.toSeconds() + " s");
    }

    private void tell(@Nullable String before, @Nullable String now, boolean kept) {
        if (now != null && !now.equals(before)) {
            LOG.warn("{}; {}", now, kept ? "what it held before stays in use" : "calls that need it are refused");
        } else if (now == null && before != null) {
            LOG.info("{}: can be used again", files.get(0));
        }
    }

    private static byte[] content(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IllegalArgumentException("more than " + MAX_BYTES + " bytes");
            }
            return content;
        }
    }
}
