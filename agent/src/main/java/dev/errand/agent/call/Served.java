package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpContent;

/** A request of a tool that is being served. Used on the event loop only. */
public interface Served {
    /** Whether a part of the body can be taken now. */
    boolean takesBody();

    /** Takes the next part of the body. The receiver owns the part's buffer from now on. */
    void take(HttpContent part);

    /** Everything that had arrived from the tool was read. The receiver may flush. */
    void flush();

    /** The tool can take more of the answer. */
    void resume();

    /** The tool has gone. */
    void cancel();
}
