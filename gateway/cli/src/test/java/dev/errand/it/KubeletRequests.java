package dev.errand.it;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The requests of an apiserver to a kubelet, on one connection. A followed log has five lines, half a second apart. */
final class KubeletRequests extends SimpleChannelInboundHandler<FullHttpRequest> {
    static final String CODEC = "codec";
    static final String WHOLE = "whole";
    private static final String COMMANDS = "v4.channel.k8s.io";
    private static final Map<String, List<String>> ATTACHED = Map.of(
            "command", List.of("echo", "from", "the", "container"), "output", List.of("1"), "error", List.of("1"));
    private static final int LINES = 5;
    private static final int PAUSE_MILLIS = 500;

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        QueryStringDecoder asked = new QueryStringDecoder(request.uri());
        List<String> path = List.of(asked.path().substring(1).split("/"));
        switch (path.get(0)) {
            case "containerLogs" -> log(context, path.get(2), asked.parameters().containsKey("follow"));
            case "exec" -> upgrade(context, COMMANDS, new KubeletExec(asked.parameters()));
            case "attach" -> upgrade(context, COMMANDS, new KubeletExec(ATTACHED));
            case "portForward" -> upgrade(context, "portforward.k8s.io", new KubeletPorts());
            default ->
                context.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND))
                        .addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static void log(ChannelHandlerContext context, String pod, boolean follow) {
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        HttpUtil.setTransferEncodingChunked(head, true);
        head.headers().set("Content-Type", "text/plain");
        context.write(head);
        line(context, pod, 1, follow ? PAUSE_MILLIS : 0);
    }

    private static void line(ChannelHandlerContext context, String pod, int number, int pause) {
        byte[] line = ("line " + number + " of " + pod + "\n").getBytes(StandardCharsets.UTF_8);
        context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(line)));
        if (number == LINES) {
            context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(ChannelFutureListener.CLOSE);
        } else {
            context.executor().schedule(() -> line(context, pod, number + 1, pause), pause, TimeUnit.MILLISECONDS);
        }
    }

    private void upgrade(ChannelHandlerContext context, String protocol, KubeletStreams streams) {
        FullHttpResponse agreed =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        agreed.headers()
                .set("Connection", "Upgrade")
                .set("Upgrade", "SPDY/3.1")
                .set("X-Stream-Protocol-Version", protocol);
        context.writeAndFlush(agreed);
        context.pipeline()
                .addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1))
                .addLast(streams)
                .remove(WHOLE);
        context.pipeline().remove(this);
        // Last, since what it has read ahead goes on to the frames' codec.
        context.pipeline().remove(CODEC);
    }
}
