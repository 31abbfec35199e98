package dev.errand.agent.call;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** The tool for which a call is made. The call sends the parts of the answer to it. Used on the event loop only. */
public interface Tool {
    /** The call can take more of the request body. */
    void pump();

    /** The gateway asks for the body ({@code 100 Continue}). */
    void goOn();

    /** An interim answer, with a status below 200. */
    void inform(HttpResponse head);

    /**
     * The head of the answer.
     *
     * @param retryAfter whether the tool gets {@code Retry-After}
     * @param unasked whether the tool still waits for {@code 100 Continue}, which will not come
     */
    void answer(HttpResponse head, boolean retryAfter, boolean unasked);

    /** A part of the answer. The tool owns its buffer from now on. */
    void answerPart(HttpContent part);

    /** Sends the parts that were received so far to the tool. */
    void flush();

    /** Whether the tool can take more of the answer. */
    boolean isWritable();

    /** The companion's own answer, instead of the gateway's. */
    void ownAnswer(FullHttpResponse answer);

    /** The answer is whole. */
    void callEnded();

    /** The answer cannot be finished. */
    void abort();

    /** The connection to the gateway changes its protocol. It belongs to the tool from now on. */
    void upgrade(HttpResponse head, Channel back);
}
