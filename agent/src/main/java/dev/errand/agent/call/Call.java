package dev.errand.agent.call;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call of a tool. It is sent with a proof of its own, sent again if a refusal allows that, and answered once. Used
 * on the event loop only.
 */
public final class Call implements Served {
    private final CallResources resources;
    private final Tool tool;
    private final CallHead outgoing;
    private final boolean expects;
    private final @Nullable AwsBody coded;
    private final boolean undecodable;
    private final @Nullable HeldPart held;
    private final KeptBody body;
    private final Retries retries;
    private @Nullable Attempt attempt;
    private boolean hasHead;
    private boolean over;

    /** @param target path and query, below the gateway's base */
    public Call(CallResources resources, Tool tool, HttpRequest request, String target) {
        this.resources = resources;
        this.tool = tool;
        this.outgoing = CallHead.of(request, target, resources.gateway().address());
        this.expects = HttpUtil.is100ContinueExpected(request);
        boolean inChunks = AwsBody.isNeeded(request.headers());
        this.coded = inChunks ? AwsBody.of(outgoing.headers(), target) : null;
        this.undecodable = inChunks && coded == null;
        this.held = coded != null && coded.isHeld() ? new HeldPart(resources.parts(), coded.length()) : null;
        this.body = new KeptBody(resources.kept(), outgoing.headers());
        this.retries = new Retries(this, resources);
    }

    /** Begins to serve the call. */
    public void begin() {
        if (undecodable) {
            malformed("X-Amz-Decoded-Content-Length does not say how long the body is");
        } else if (held != null) {
            held.enter(() -> {
                if (expects) {
                    tool.goOn();
                }
                tool.pump();
            });
        } else {
            send();
        }
    }

    /** Sends the call once. */
    void send() {
        Attempt sending = new Attempt(this);
        attempt = sending;
        resources.gateway().take(sending);
    }

    @Override
    public boolean takesBody() {
        if (held != null && attempt == null && !body.isWhole()) {
            return held.isAdmitted();
        }
        Attempt sending = attempt;
        return over || (sending == null ? body.isKept() : sending.isWritable());
    }

    @Override
    public void take(HttpContent part) {
        if (coded == null || over) {
            takePlain(part);
            return;
        }
        try {
            coded.decode(part, outgoing.headers(), this::takePlain);
        } catch (AwsChunks.MalformedChunksException e) {
            malformed(String.valueOf(e.getMessage()));
        }
    }

    private void takePlain(HttpContent part) {
        if (part instanceof LastHttpContent last) {
            RequestHeaders.clean(last.trailingHeaders());
        }
        body.add(part);
        Attempt sending = attempt;
        if (over) {
            part.release();
        } else if (held != null) {
            held.add(part);
            if (body.isWhole()) {
                send();
            }
        } else if (sending == null) {
            part.release();
            EarlyRefusal early = retries.early();
            if (early != null) {
                early.grown(body);
            }
        } else {
            sending.write(part);
        }
    }

    /** Answers 400, since the body cannot be decoded. The gateway got nothing, or only a part, of the call. */
    private void malformed(String why) {
        drop();
        answerByItself(OwnAnswer.text(HttpResponseStatus.BAD_REQUEST, "errand agent: " + why));
    }

    /** A tool that still waits for {@code 100 Continue} could send the body next, so its connection is closed. */
    private void answerByItself(FullHttpResponse answer) {
        if (expects && !body.hasBegun()) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        tool.ownAnswer(answer);
        tool.callEnded();
    }

    private void drop() {
        over = true;
        body.forget();
        if (held != null) {
            held.leave();
        }
        EarlyRefusal early = retries.early();
        if (early != null) {
            early.drop();
        }
        retries.stop();
        Attempt sending = attempt;
        attempt = null;
        if (sending != null) {
            sending.giveUp();
        }
    }

    @Override
    public void flush() {
        if (attempt != null) {
            attempt.flush();
        }
    }

    /** Whether the tool has sent all of the call. */
    boolean isSent() {
        return body.isWhole();
    }

    /** Writes what has come of the call so far. Returns whether the chain went with it. */
    boolean writeTo(BackConnection connection) {
        boolean withChain =
                outgoing.write(connection, resources.task(), expects && body.hasBegun(), !body.isRepeatable());
        if (held == null || body.isRepeatable()) {
            body.replay(connection::write);
        } else {
            held.give(connection::write);
        }
        return withChain;
    }

    void canTakeMore() {
        tool.pump();
    }

    void informed(HttpResponse head) {
        tool.inform(head);
    }

    void switched(HttpResponse head, Channel back) {
        over = true;
        body.forget();
        resources.task().learnNonce(head.headers());
        resources.task().chainKnown(true);
        resources.tally().count(head, null);
        tool.upgrade(head, back);
    }

    /** Takes the head of an answer. Returns true, and keeps it from the tool, if the call is to be sent again. */
    boolean answered(HttpResponse head, boolean withChain) {
        resources.task().learnNonce(head.headers());
        Refusal refusal = Refusal.of(head);
        boolean retryAfter = true;
        if (refusal == null && head.headers().contains("Errand-Decision")) {
            resources.task().chainKnown(true);
        } else if (refusal != null) {
            if (refusal.code().equals("chain-incomplete")) {
                resources.task().chainKnown(false);
            }
            boolean mayBeShort = body.isKept() && (body.hasBegun() || !expects);
            RetryPolicy.Verdict verdict = retries.judge(refusal, body.isRepeatable() || mayBeShort, withChain);
            if (verdict instanceof RetryPolicy.Again again) {
                Attempt refused = Objects.requireNonNull(attempt);
                attempt = null;
                if (body.isRepeatable()) {
                    retries.later(refusal, again);
                    tool.pump();
                } else {
                    retries.hold(head, refusal, again, refused);
                }
                return true;
            }
            retryAfter = verdict instanceof RetryPolicy.Pass pass && pass.withRetryAfter();
        }
        pass(head, refusal, retryAfter);
        return false;
    }

    Retries repeats() {
        return retries;
    }

    /** Sends the call again, after what is left of the refusal's wait. */
    void repeatAfter(EarlyRefusal refused) {
        retries.later(refused.refusal(), refused.again());
        tool.pump();
    }

    /** Passes an early refusal to the tool. */
    void pass(EarlyRefusal refused) {
        retries.stop();
        attempt = refused.attempt();
        pass(refused.head(), refused.refusal(), retries.tellsWhen(refused.refusal()));
    }

    private void pass(HttpResponse head, @Nullable Refusal refusal, boolean retryAfter) {
        hasHead = true;
        boolean unasked = expects && !body.hasBegun();
        body.forget();
        resources.tally().count(head, refusal);
        tool.answer(head, retryAfter, unasked);
    }

    boolean hasHead(boolean dropped) {
        return hasHead || dropped;
    }

    void answerPart(HttpContent part) {
        if (hasHead) {
            tool.answerPart(part);
        } else {
            part.release();
        }
    }

    void answerPaused() {
        tool.flush();
    }

    boolean toolTakesMore() {
        return tool.isWritable();
    }

    @Override
    public void resume() {
        if (attempt != null) {
            attempt.resume();
        }
    }

    void ended() {
        attempt = null;
        drop();
        tool.callEnded();
    }

    /** The gateway cannot be reached ({@code sent} is false), or its answer was lost. */
    void noAnswer(boolean sent) {
        attempt = null;
        drop();
        if (hasHead) {
            tool.abort();
        } else {
            answerByItself(OwnAnswer.noAnswer(sent));
        }
    }

    @Override
    public void cancel() {
        drop();
    }

    @Override
    public String toString() {
        return outgoing.toString();
    }
}
