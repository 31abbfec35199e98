package dev.errand.agent.call;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A refusal that came before the end of a body of unknown length. If the body turns out to be short, the call is sent
 * again. Else the tool gets the refusal. At most 64 KiB of the refusal are held here. Used on the event loop only.
 */
final class EarlyRefusal {
    private static final int MOST = 64 << 10;

    private final Call call;
    private final HttpResponse head;
    private final Refusal refusal;
    private final RetryPolicy.Again again;
    private final Attempt attempt;
    private final long due;
    private final List<HttpContent> parts = new ArrayList<>();
    private int size;
    private boolean complete;

    EarlyRefusal(Call call, HttpResponse head, Refusal refusal, RetryPolicy.Again again, Attempt attempt) {
        this.call = call;
        this.head = head;
        this.refusal = refusal;
        this.again = again;
        this.attempt = attempt;
        this.due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(again.millis());
    }

    HttpResponse head() {
        return head;
    }

    Refusal refusal() {
        return refusal;
    }

    Attempt attempt() {
        return attempt;
    }

    /** The repeat, after what is left of its wait. */
    RetryPolicy.Again again() {
        long left = TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime());
        long waited = again.millis() - left;
        return new RetryPolicy.Again(Math.max(0, left), again.announced(), Math.max(0, again.askableMillis() - waited));
    }

    /** Takes a part of an answer. A part of another attempt's answer is released. */
    void take(Attempt from, HttpContent part) {
        if (from != attempt) {
            part.release();
            return;
        }
        parts.add(part);
        size += part.content().readableBytes();
        complete = part instanceof LastHttpContent;
        if (size > MOST && !complete) {
            pass();
        }
    }

    /** More of the body has come. At its end the call is sent again, if it is not too late. */
    void grown(KeptBody body) {
        if (!body.isKept() || body.isWhole() && call.repeats().isTooLate(refusal)) {
            pass();
        } else if (body.isWhole()) {
            drop();
            call.repeatAfter(this);
        }
    }

    /** Passes the refusal to the tool, since the body is too long or too slow. */
    void pass() {
        call.pass(this);
        parts.forEach(call::answerPart);
        parts.clear();
        if (complete) {
            call.ended();
        } else if (attempt.passOn()) {
            call.answerPaused();
        } else {
            call.noAnswer(true);
        }
    }

    /** Releases the refusal, and closes its connection. */
    void drop() {
        attempt.giveUp();
        parts.forEach(ReferenceCountUtil::release);
        parts.clear();
    }
}
