package dev.errand.trust;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A parsed document that follows its source: each call returns the newest valid revision. Thread-safe; never blocks.
 */
public interface LiveDocument<T> extends AutoCloseable {
    /** The newest valid revision, at once; null if there is none, or if it is too old. */
    @Nullable T current();

    /** The newest valid revision. If there is none yet, it is fetched; an error if that fails. */
    Mono<T> get();

    /**
     * Fetches a revision now. Concurrent callers share one fetch. Within the cool-down after the last fetch, or if the
     * fetch fails, the same as {@link #get}.
     */
    Mono<T> refresh();

    /** Why the source's latest revision was refused, for health; null if there is no fault. */
    @Nullable String fault();

    @Override
    void close();

    /** Parses the bytes of a source. */
    interface Parser<T> {
        /** The document. The message of an exception says what is wrong, and quotes no secret. */
        T parse(byte[] bytes) throws MalformedDocumentException;
    }

    /** The source's bytes are not a valid document. */
    final class MalformedDocumentException extends Exception {
        private static final long serialVersionUID = 1L;

        /** @param message what is wrong, and how to correct it */
        public MalformedDocumentException(String message) {
            super(message);
        }
    }

    /** The source could not be read, and there is no revision that is recent enough. */
    final class UnavailableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnavailableException(String message) {
            super(message);
        }
    }
}
