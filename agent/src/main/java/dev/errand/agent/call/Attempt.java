package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/** One attempt to send a call, and the answer to this attempt. Used on the event loop only. */
final class Attempt implements AnswerListener, Connections.Taker {
    private static final int SWITCHING = 101;

    private final Call call;
    private @Nullable BackConnection connection;
    private boolean over;
    private boolean written;
    private boolean withChain;
    private boolean dropped;
    private boolean reusable;
    private boolean deaf;

    Attempt(Call call) {
        this.call = call;
    }

    @Override
    public void connected(BackConnection taken) {
        if (over) {
            taken.release();
            return;
        }
        connection = taken;
        taken.listen(this);
        withChain = call.writeTo(taken);
        written = true;
        taken.flush();
        taken.read();
        call.canTakeMore();
    }

    @Override
    public void failed(Throwable why) {
        if (!over) {
            over = true;
            call.noAnswer(false);
        }
    }

    boolean isWritable() {
        return deaf || connection != null && connection.isWritable();
    }

    void write(HttpContent part) {
        BackConnection open = connection;
        if (open == null || deaf) {
            part.release();
        } else {
            open.write(part);
        }
    }

    void flush() {
        if (connection != null) {
            connection.flush();
        }
    }

    /** The tool can take more of the answer. */
    void resume() {
        if (connection != null) {
            connection.read();
        }
    }

    @Override
    public void head(HttpResponse head) {
        if (head.status().code() == SWITCHING) {
            BackConnection switched = connection;
            over = true;
            connection = null;
            if (switched != null) {
                call.switched(head, switched.handOver());
            }
        } else if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            call.informed(head);
        } else {
            reusable = HttpUtil.isKeepAlive(head);
            dropped = call.answered(head, withChain);
            if (dropped && !call.isSent() && call.repeats().early() == null) {
                // The rest of the body goes with the next attempt, so this connection cannot be used again.
                reusable = false;
                giveUp();
            }
        }
    }

    @Override
    public void body(HttpContent part) {
        boolean last = part instanceof LastHttpContent;
        EarlyRefusal early = call.repeats().early();
        if (dropped && early != null) {
            early.take(this, part);
        } else if (dropped) {
            part.release();
        } else {
            call.answerPart(part);
        }
        // An interim head (a status below 200) has a last part, too. That part does not end the answer.
        if (last && !over && call.hasHead(dropped)) {
            end();
        }
    }

    private void end() {
        BackConnection used = connection;
        connection = null;
        over = true;
        if (used != null && reusable && !deaf && call.isSent()) {
            used.release();
        } else if (used != null) {
            used.close();
        }
        if (!dropped) {
            call.ended();
        }
    }

    @Override
    public void pause() {
        call.answerPaused();
        if (connection != null && (dropped || call.toolTakesMore())) {
            connection.read();
        }
    }

    @Override
    public void writable() {
        call.canTakeMore();
    }

    @Override
    public void broken() {
        connection = null;
        boolean counts = !over && !dropped;
        over = true;
        if (counts) {
            call.noAnswer(written);
        }
    }

    /**
     * Gives the tool the rest of the answer. The gateway gets no more of the body, since a part of the body is lost.
     *
     * @return whether the connection is still open, so that more of the answer can come
     */
    boolean passOn() {
        dropped = false;
        deaf = true;
        resume();
        return connection != null;
    }

    /** Ends the attempt by closing its connection to the gateway. */
    void giveUp() {
        over = true;
        BackConnection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
