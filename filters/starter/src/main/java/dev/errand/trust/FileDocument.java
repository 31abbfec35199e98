package dev.errand.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A document in a file. It is read again when its bytes change. A revision that does not parse is refused, and the last
 * valid one is kept. Background threads, never event loops, read the file. Thread-safe.
 */
public final class FileDocument<T> implements LiveDocument<T> {
    /** The largest file that is read, in bytes. */
    public static final int MAX_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(FileDocument.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Path file;
    private final Parser<T> parser;
    private final Disposable watch;
    private volatile T value;
    private byte[] seen;
    private volatile @Nullable String fault;

    /**
     * Reads the file now, which blocks, and then watches it.
     *
     * @throws MalformedDocumentException if it cannot be read or does not parse
     */
    public FileDocument(Path file, Parser<T> parser) throws MalformedDocumentException {
        this.file = file;
        this.parser = parser;
        try {
            this.seen = bytes(file);
        } catch (IOException e) {
            throw new MalformedDocumentException(file + " cannot be read");
        }
        this.value = parser.parse(seen);
        this.watch = Schedulers.boundedElastic()
                .schedulePeriodically(this::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public T current() {
        return value;
    }

    @Override
    public Mono<T> get() {
        return Mono.just(value);
    }

    @Override
    public Mono<T> refresh() {
        return Mono.just(value);
    }

    @Override
    public @Nullable String fault() {
        return fault;
    }

    @Override
    public void close() {
        watch.dispose();
    }

    /** Reads the file if it changed. Blocks. */
    synchronized void look() {
        try {
            byte[] now = bytes(file);
            if (!Arrays.equals(now, seen)) {
                seen = now;
                value = parser.parse(now);
                fault = null;
            }
        } catch (IOException e) {
            tell(file + ": cannot be read; the last good revision stays");
            seen = new byte[0];
        } catch (MalformedDocumentException e) {
            tell(file + ": " + e.getMessage() + "; the last good revision stays");
        }
    }

    private void tell(String why) {
        if (!why.equals(fault)) {
            LOG.warn("{}", why);
        }
        fault = why;
    }

    private static byte[] bytes(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("larger than " + MAX_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }
}
