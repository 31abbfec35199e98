package dev.errand.it;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.util.HashMap;
import java.util.Map;

/** Forwarded ports of a pod that is not there: each connection gets one answer of HTTP/1.1 and ends. */
final class KubeletPorts extends KubeletStreams {
    private static final String ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nConnection: close\r\n\r\nfrom the pod\n";

    /** The error stream of the data stream that follows it. */
    private final Map<Integer, Integer> errors = new HashMap<>();

    private int error;

    @Override
    void opened(ChannelHandlerContext context, int stream, String type) {
        if (type.equals("error")) {
            error = stream;
        } else {
            errors.put(stream, error);
        }
    }

    @Override
    void received(ChannelHandlerContext context, int stream, String type, ByteBuf bytes, boolean last) {
        Integer error = errors.remove(stream);
        if (error != null) {
            say(context, stream, bytes(ANSWER), true);
            say(context, error, Unpooled.EMPTY_BUFFER, true);
        }
    }
}
