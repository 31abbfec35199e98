package dev.errand.web.send;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpResponseDecoderSpec;

/**
 * Puts {@link AnswerDecoder} into connections to upstreams, in the place of Netty's {@code HttpClientCodec}. That codec
 * keeps bytes after an answer, and takes them for the answer to the next request. Thread-safe.
 *
 * @param spec the bounds of an answer's head, as the client has them
 */
record UpstreamWire(HttpResponseDecoderSpec spec) {
    private static final String ENCODER = "errand.requests";
    private static final String STREAM = "errand.interim";

    /** To be called on the connection's event loop before each request is written; only the first changes the connection. */
    public void prepare(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        ChannelHandler codec = pipeline.get(NettyPipeline.HttpCodec);
        if (codec instanceof HttpClientCodec) {
            AnswerDecoder decoder = new AnswerDecoder(new HttpDecoderConfig()
                    .setMaxInitialLineLength(spec.maxInitialLineLength())
                    .setMaxHeaderSize(spec.maxHeaderSize())
                    .setMaxChunkSize(spec.maxChunkSize())
                    .setValidateHeaders(spec.validateHeaders())
                    .setInitialBufferSize(spec.initialBufferSize())
                    .setAllowDuplicateContentLengths(spec.allowDuplicateContentLengths())
                    .setAllowPartialChunks(spec.allowPartialChunks()));
            // Two handlers in this order, so that a WebSocket's handshake finds both and removes them. The codec is
            // removed last: bytes that it has read already then go to the decoder, which may close the connection.
            pipeline.addBefore(NettyPipeline.HttpCodec, ENCODER, new AskedEncoder(decoder));
            pipeline.replace(codec, NettyPipeline.HttpCodec, decoder);
        } else if (codec == null
                && pipeline.get(STREAM) == null
                && pipeline.get(NettyPipeline.H2ToHttp11Codec) != null) {
            pipeline.addAfter(NettyPipeline.H2ToHttp11Codec, STREAM, new StreamAnswers());
        }
    }
}
