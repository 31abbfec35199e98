package dev.errand.decision;

import com.google.protobuf.ByteString;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.server.reactive.AbstractServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The answer to a request about which another gateway asks. Its body is kept until the gateway is told. Used on one event loop. */
final class AskedResponse extends AbstractServerHttpResponse {
    private final Runnable begins;
    private ByteString.Output written = ByteString.newOutput();

    /** @param begins runs when the head is final and the body begins */
    AskedResponse(Runnable begins) {
        super(DefaultDataBufferFactory.sharedInstance);
        this.begins = begins;
    }

    /** What was written since this was asked last. */
    ByteString take() {
        ByteString bytes = written.toByteString();
        written = ByteString.newOutput();
        return bytes;
    }

    @Override
    protected Mono<Void> writeWithInternal(Publisher<? extends DataBuffer> body) {
        return Mono.defer(() -> {
            begins.run();
            return Flux.from(body).doOnNext(this::write).then();
        });
    }

    private void write(DataBuffer part) {
        byte[] bytes = new byte[part.readableByteCount()];
        part.read(bytes);
        DataBufferUtils.release(part);
        written.write(bytes, 0, bytes.length);
    }

    @Override
    protected Mono<Void> writeAndFlushWithInternal(Publisher<? extends Publisher<? extends DataBuffer>> body) {
        return writeWithInternal(Flux.from(body).concatMap(part -> part, 0));
    }

    @Override
    protected void applyStatusCode() {
        // Told together with the body.
    }

    @Override
    protected void applyHeaders() {
        // Told together with the body.
    }

    @Override
    protected void applyCookies() {
        // No filter of the gateway sets one.
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getNativeResponse() {
        return (T) this;
    }
}
