package dev.errand.jose.source;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A parsed document that follows its source: each answer is the newest good revision. Thread-safe; never blocks. */
public interface LiveDocument<T> extends AutoCloseable {
    /** The newest good revision, at once; null if there is none, or if it is older than it may become. */
    @Nullable T current();

    /** The newest good revision. It is fetched first if there is none; an error if the source gives none. */
    Mono<T> get();

    /**
     * A revision that is fetched now. Callers share one fetch. Within the cool-down after the last fetch, or if the fetch
     * fails, as {@link #get}.
     */
    Mono<T> refresh();

    /** Why the source's latest revision could not be taken, for health; null while all is well. */
    @Nullable String fault();

    @Override
    void close();

    /** Turns the bytes of a source into the document. */
    interface Parser<T> {
        /** The document; an exception whose message says what is wrong with it, and quotes no secret. */
        T parse(byte[] bytes) throws MalformedDocumentException;
    }

    /** The source's bytes are not the document that they should be. */
    final class MalformedDocumentException extends Exception {
        private static final long serialVersionUID = 1L;

        /** @param message what is wrong, and how to make it right */
        public MalformedDocumentException(String message) {
            super(message);
        }
    }

    /** The source could not be read, and no revision is young enough to do without it. */
    final class UnavailableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnavailableException(String message) {
            super(message);
        }
    }
}
