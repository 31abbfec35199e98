package dev.errand.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * The bytes that the gateway wrote to one connection, and that the operating system does not take since the client does not.
 * Used on the event loop of the connection.
 */
final class UnsentBytes {
    private final Channel channel;
    private long sinceNanos;
    private int first;
    private long pending;
    private long progress;

    UnsentBytes(Channel channel, long nowNanos) {
        this.channel = channel;
        sinceNanos(nowNanos);
    }

    /** Whether there is any. */
    static boolean isAny(Channel channel) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer != null && buffer.totalPendingWriteBytes() > 0;
    }

    /**
     * Since when the client was not seen to take a byte. It took some if less is pending than at the last look, or if the first
     * message is another one or has advanced. What the gateway wrote since then does not count.
     */
    long sinceNanos(long nowNanos) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer == null) {
            return nowNanos;
        }
        int now = System.identityHashCode(buffer.current());
        if (sinceNanos == 0
                || now != first
                || buffer.totalPendingWriteBytes() < pending
                || buffer.currentProgress() != progress) {
            first = now;
            progress = buffer.currentProgress();
            sinceNanos = nowNanos;
        }
        pending = buffer.totalPendingWriteBytes();
        return sinceNanos;
    }
}
