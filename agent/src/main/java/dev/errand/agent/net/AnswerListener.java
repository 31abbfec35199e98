package dev.errand.agent.net;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** Who is told what a connection to the gateway brings. All methods are called on its event loop. */
public interface AnswerListener {
    /** The head of an answer, or one of those with a status below 200 that come before it. */
    void head(HttpResponse head);

    /** A part of the answer's body, whose buffer is the listener's from now on; a {@code LastHttpContent} ends it. */
    void body(HttpContent part);

    /** What could be read now was read: time to flush, and to ask for more. */
    void pause();

    /** The connection takes bytes again. */
    void writable();

    /** The connection ended before the answer did. */
    void broken();
}
