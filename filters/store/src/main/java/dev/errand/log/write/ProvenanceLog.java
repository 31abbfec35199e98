package dev.errand.log.write;

import dev.errand.log.ProvenanceRecord;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The append-only log of one replica. Thread-safe; never blocks the caller. */
public interface ProvenanceLog {
    /**
     * Appends one record. Completes when the record is as durable as configured: handed to the operating system, or on
     * disk. Fails with a {@link LogUnavailableException} if that is impossible: the call must then be refused.
     */
    Mono<Void> append(ProvenanceRecord record);

    /** Whether the last append succeeded. */
    boolean isWritable();

    /**
     * Why the log cannot be written: the error of the operating system, the directory and what is free there; null while it
     * can, or if that is not known.
     */
    default @Nullable String fault() {
        return null;
    }

    /** The log cannot be written. Carries no stack trace: it is an expected failure mode. */
    final class LogUnavailableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public LogUnavailableException(String message) {
            super(message, null, false, false);
        }
    }
}
