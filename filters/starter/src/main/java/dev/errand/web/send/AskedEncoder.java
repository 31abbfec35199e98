package dev.errand.web.send;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import java.util.List;

/** Writes the requests of one connection to an upstream, and tells its {@link AnswerDecoder} of each. One per connection. */
final class AskedEncoder extends HttpRequestEncoder {
    private final AnswerDecoder answers;

    AskedEncoder(AnswerDecoder answers) {
        this.answers = answers;
    }

    @Override
    protected void encode(ChannelHandlerContext context, Object message, List<Object> out) throws Exception {
        if (message instanceof HttpRequest request) {
            answers.asked(request);
        }
        super.encode(context, message, out);
    }
}
