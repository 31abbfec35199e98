package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpContent;

/** A request of a tool that is being served. Used on the event loop only. */
public interface Served {
    /** Whether a part of the body can be taken now. */
    boolean takesBody();

    /** Takes the next part of the body, whose buffer is its own from now on. */
    void take(HttpContent part);

    /** What the tool sent lately was read. */
    void flush();

    /** The tool takes bytes again. */
    void resume();

    /** The tool is gone. */
    void cancel();
}
