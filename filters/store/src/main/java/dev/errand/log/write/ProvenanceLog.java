package dev.errand.log.write;

import dev.errand.log.ProvenanceRecord;
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

    /** The log cannot be written. Carries no stack trace: it is an expected failure mode. */
    final class LogUnavailableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public LogUnavailableException(String message) {
            super(message, null, false, false);
        }
    }
}
