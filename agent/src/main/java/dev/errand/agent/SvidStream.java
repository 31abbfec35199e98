package dev.errand.agent;

import dev.errand.holder.AgentException;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;

/** One call of {@code FetchJWTSVID} by gRPC. */
final class SvidStream extends ChannelInboundHandlerAdapter {
    private static final int MOST = 64 << 10;

    private final String audience;
    private final CompletableFuture<String> svid;
    private final ByteArrayOutputStream frame = new ByteArrayOutputStream();

    SvidStream(String audience, CompletableFuture<String> svid) {
        this.audience = audience;
        this.svid = svid;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Http2Headers headers = new DefaultHttp2Headers()
                .method("POST")
                .scheme("http")
                .authority("localhost")
                .path("/SpiffeWorkloadAPI/FetchJWTSVID")
                .set("content-type", "application/grpc")
                .set("te", "trailers")
                .set("workload.spiffe.io", "true");
        context.write(new DefaultHttp2HeadersFrame(headers));
        context.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(SvidMessages.request(audience)), true));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof Http2DataFrame data) {
                byte[] bytes = new byte[data.content().readableBytes()];
                data.content().readBytes(bytes);
                frame.writeBytes(bytes);
                if (frame.size() > MOST) {
                    fail("its answer is too long");
                }
            } else if (message instanceof Http2HeadersFrame headers && headers.isEndStream()) {
                ended(headers.headers());
            } else if (message instanceof Http2ResetFrame) {
                fail("it broke the call off");
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void ended(Http2Headers trailers) {
        CharSequence status = trailers.get("grpc-status");
        CharSequence text = trailers.get("grpc-message");
        String found = SvidMessages.svid(frame.toByteArray());
        if (status != null && !"0".contentEquals(status)) {
            fail("status " + status + (text == null ? "" : ", " + text));
        } else if (found == null) {
            fail("its answer holds none");
        } else {
            svid.complete(found);
        }
    }

    private void fail(String why) {
        svid.completeExceptionally(new AgentException(why));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail("the connection ended");
    }
}
