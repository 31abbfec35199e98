package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** Receives what arrives on a connection to the gateway. All methods are called on the connection's event loop. */
interface AnswerListener {
    /** The head of an answer. Interim heads, with a status below 200, may come before it. */
    void head(HttpResponse head);

    /** A part of the answer's body. The listener owns its buffer from now on. A {@code LastHttpContent} is the last part. */
    void body(HttpContent part);

    /** Everything that had arrived was read. The listener may flush, and ask for more. */
    void pause();

    /** The connection takes bytes again. */
    void writable();

    /** The connection ended before the answer did. */
    void broken();
}
