package dev.errand.web;

import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.Flux;

/** Reads along while an answer's body passes. Thread-safe. */
public interface AnswerTap {
    /** Passes on the same bytes. The last byte may wait until the work on the bytes before it is done. */
    Flux<DataBuffer> through(Publisher<? extends DataBuffer> body);

    /** The call is over: no more bytes will pass. */
    void over();
}
