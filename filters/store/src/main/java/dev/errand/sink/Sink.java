package dev.errand.sink;

import java.util.List;

/**
 * Copies the records of the log to one other place. Each sink has a thread of its own, on which it may block. A sink
 * need not be thread-safe, but {@link #deliver} must end by itself in bounded time. The constructor must not connect.
 */
public interface Sink extends AutoCloseable {
    /**
     * Delivers the records in their order. When the method returns, all of them were accepted. After a failure it is
     * called again with the same records.
     *
     * @throws SinkUnavailableException if any was not accepted; the message says why and contains no secret
     */
    void deliver(List<SinkRecord> records) throws SinkUnavailableException, InterruptedException;

    @Override
    void close();
}
