package dev.errand.web.call;

import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.Flux;

/** Reads along while an answer's body passes. Thread-safe. */
public interface AnswerTap {
    /** The same bytes; the last one may wait for what follows from those before it. */
    Flux<DataBuffer> through(Publisher<? extends DataBuffer> body);

    /** The call is over: what has not passed by now never will. */
    void over();
}
