package dev.errand.sink;

import java.util.List;

/**
 * Copies the records of the log to one other place. Each sink has one thread of its own, on which it may block. So it
 * need not be thread-safe, but {@link #deliver} must end by itself in bounded time. The constructor makes no
 * connection.
 */
public interface Sink extends AutoCloseable {
    /**
     * Delivers the records in their order. When the method returns, all of them were accepted. After a failure it gets
     * the same records again.
     *
     * @throws SinkUnavailableException if any was not accepted; the message says why and holds no secret
     */
    void deliver(List<SinkRecord> records) throws SinkUnavailableException, InterruptedException;

    @Override
    void close();
}
