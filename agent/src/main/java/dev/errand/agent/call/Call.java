package dev.errand.agent.call;

import dev.errand.agent.net.BackConnection;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call of a tool: sent with a proof of its own, sent again where its refusal allows that, and answered once. Used on the
 * event loop only.
 */
public final class Call implements Served {
    private final CallRoom room;
    private final Tool tool;
    private final HttpMethod method;
    private final String target;
    private final HttpHeaders headers;
    private final boolean expects;
    private final @Nullable AwsBody coded;
    private final boolean undecodable;
    private final @Nullable HeldPart held;
    private final KeptBody body;
    private final Patience patience;
    private @Nullable Attempt attempt;
    private @Nullable ScheduledFuture<?> next;
    private boolean hasHead;
    private boolean over;

    /** @param target of the gateway */
    public Call(CallRoom room, Tool tool, HttpRequest request, String target) {
        this.room = room;
        this.tool = tool;
        this.method = request.method();
        this.target = room.gateway().address().base() + target;
        this.headers = RequestHeaders.cleaned(
                request.headers(), room.gateway().address().authority());
        this.expects = HttpUtil.is100ContinueExpected(request);
        boolean inChunks = AwsBody.isNeeded(request.headers());
        this.coded = inChunks ? AwsBody.of(headers, target) : null;
        this.undecodable = inChunks && coded == null;
        this.held = coded != null && coded.isHeld() ? new HeldPart(room.parts(), coded.length()) : null;
        this.body = new KeptBody(headers);
        this.patience = new Patience(System.nanoTime(), room.patience().toNanos());
    }

    /** Begins to serve it. */
    public void begin() {
        if (undecodable) {
            malformed("X-Amz-Decoded-Content-Length does not say how long the body is");
        } else if (held != null) {
            held.enter(() -> {
                leave();
                tool.pump();
            });
        } else {
            send();
        }
    }

    private void leave() {
        if (expects) {
            tool.goOn();
        }
    }

    /** Sends it. */
    private void send() {
        next = null;
        Attempt sending = new Attempt(this);
        attempt = sending;
        room.gateway().take(sending);
    }

    @Override
    public boolean takesBody() {
        if (held != null && attempt == null && !body.isWhole()) {
            return held.isAdmitted();
        }
        Attempt sending = attempt;
        return over || (sending == null ? body.isRepeatable() : sending.isWritable());
    }

    @Override
    public void take(HttpContent part) {
        if (coded == null || over) {
            takePlain(part);
            return;
        }
        try {
            coded.decode(part, headers, this::takePlain);
        } catch (AwsChunks.MalformedChunksException e) {
            malformed(String.valueOf(e.getMessage()));
        }
    }

    private void takePlain(HttpContent part) {
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
        } else {
            sending.write(part);
        }
    }

    /** The body cannot be decoded: nothing, or not all, was sent. */
    private void malformed(String why) {
        drop();
        tool.ownAnswer(OwnAnswer.text(HttpResponseStatus.BAD_REQUEST, "errand agent: " + why));
        tool.callEnded();
    }

    private void drop() {
        over = true;
        body.forget();
        if (held != null) {
            held.leave();
        }
        if (next != null) {
            next.cancel(false);
        }
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

    /** Writes the call as far as it came; whether the chain went with it. */
    boolean writeTo(BackConnection connection) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers.copy());
        if (expects && body.hasBegun()) {
            request.headers().remove(HttpHeaderNames.EXPECT);
        }
        int query = target.indexOf('?');
        String path = target.substring(room.gateway().address().base().length(), query < 0 ? target.length() : query);
        boolean withChain = room.task().sign(request.headers(), method.name(), path, !body.isRepeatable());
        connection.write(request);
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
        room.task().learnNonce(head.headers());
        room.task().chainKnown(true);
        room.tally().count(head, null);
        tool.upgrade(head, back);
    }

    /** Takes the head of an answer; whether the rest of it is not for the tool. */
    boolean answered(HttpResponse head, boolean withChain) {
        room.task().learnNonce(head.headers());
        Refusal refusal = Refusal.of(head);
        boolean retryAfter = true;
        if (refusal == null && head.headers().contains("Errand-Decision")) {
            room.task().chainKnown(true);
        } else if (refusal != null) {
            if (refusal.code().equals("chain-incomplete")) {
                room.task().chainKnown(false);
            }
            Patience.Verdict verdict = patience.judge(refusal, body.isRepeatable(), withChain, System.nanoTime());
            if (verdict instanceof Patience.Again again) {
                repeat(refusal, again);
                return true;
            }
            retryAfter = verdict instanceof Patience.Pass pass && pass.withRetryAfter();
        }
        hasHead = true;
        body.forget();
        room.tally().count(head, refusal);
        tool.answer(head, retryAfter, expects && !body.hasBegun());
        return false;
    }

    private void repeat(Refusal refusal, Patience.Again again) {
        attempt = null;
        String announced = again.announced();
        if (announced != null) {
            room.notes()
                    .accept("waiting for approval of "
                            + (refusal.operation() == null ? method.name() + " " + target : refusal.operation()) + ": "
                            + announced + " (at most " + refusal.approvalSeconds() + " s, decision "
                            + refusal.decision()
                            + ")");
        }
        next = room.gateway().loop().schedule(this::send, again.millis(), TimeUnit.MILLISECONDS);
        tool.pump();
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

    /** The gateway cannot be reached, or its answer was lost. */
    void noAnswer(boolean sent) {
        attempt = null;
        drop();
        if (hasHead) {
            tool.abort();
        } else {
            tool.ownAnswer(OwnAnswer.noAnswer(sent));
            tool.callEnded();
        }
    }

    /** The tool is gone: nothing is sent for it any more. */
    @Override
    public void cancel() {
        drop();
    }
}
