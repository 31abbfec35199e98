package dev.errand.sink;

import java.util.List;

/**
 * Takes the records of the log to one place elsewhere. Used by one thread, its own, on which it may block: so it needs
 * not be thread-safe, but {@link #deliver} must end by itself in bounded time. Constructing one connects to nothing.
 */
public interface Sink extends AutoCloseable {
    /**
     * Delivers the records in their order; once it returns, all of them were accepted. After a failure the same records
     * come again.
     *
     * @throws SinkUnavailableException if any was not accepted; the message says why and holds no secret
     */
    void deliver(List<SinkRecord> records) throws SinkUnavailableException, InterruptedException;

    @Override
    void close();
}
