package dev.errand.web.send;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.util.ReferenceCountUtil;

/**
 * Drops the interim answers (1xx) of one HTTP/2 stream, {@value AnswerDecoder#MAX_INTERIM} of them at most. One more
 * interim answer ends the stream, and so does a 101, which HTTP/2 does not have (RFC 9113 section 8.6). One per stream.
 */
final class StreamAnswers extends ChannelInboundHandlerAdapter {
    private int interim;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof HttpResponse head) || head.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            context.fireChannelRead(message);
            return;
        }
        ReferenceCountUtil.release(message);
        if (head.status().code() == 101 || ++interim > AnswerDecoder.MAX_INTERIM) {
            (head.status().code() == 101 ? Surplus.SWITCH : Surplus.INTERIM).log(context.channel());
            context.close();
        } else if (!context.channel().config().isAutoRead()) {
            context.read();
        }
    }
}
