package dev.errand.agent.call;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** Who a call is made for, as the call sees it. Used on the event loop only. */
public interface Tool {
    /** More of the body can be taken. */
    void pump();

    /** Leave to send the body. */
    void goOn();

    /** An answer below 200. */
    void inform(HttpResponse head);

    /**
     * The head of the answer.
     *
     * @param retryAfter whether the tool is told when to come again
     * @param unasked whether the tool waits for leave to send its body, which it will not get
     */
    void answer(HttpResponse head, boolean retryAfter, boolean unasked);

    /** A part of the answer, whose buffer is the tool's from now on. */
    void answerPart(HttpContent part);

    /** All that came so far is to be seen. */
    void flush();

    /** Whether more of the answer can be taken. */
    boolean isWritable();

    /** The companion's own answer, instead of the gateway's. */
    void ownAnswer(FullHttpResponse answer);

    /** The answer is whole. */
    void callEnded();

    /** The answer cannot be finished. */
    void abort();

    /** The connection to the gateway is HTTP no more, and the tool's from now on. */
    void upgrade(HttpResponse head, Channel back);
}
