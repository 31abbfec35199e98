package dev.errand.agent.call;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponse;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** When one call is sent again, and the refusal that waits until that is known. Used on the event loop only. */
final class Repeats {
    private final Call call;
    private final CallRoom room;
    private final Patience patience;
    private @Nullable EarlyRefusal early;
    private @Nullable ScheduledFuture<?> next;
    private boolean givenUp;

    Repeats(Call call, CallRoom room) {
        this.call = call;
        this.room = room;
        this.patience = new Patience(System.nanoTime(), room.patience().toNanos());
    }

    Patience.Verdict judge(Refusal refusal, boolean repeatable, boolean withChain) {
        return patience.judge(refusal, repeatable && !givenUp, withChain, System.nanoTime());
    }

    /** The call is not sent again. Whether it waited to be sent, so that nothing of it is under way. */
    boolean giveUp() {
        givenUp = true;
        return next != null && !next.isDone();
    }

    /** Whether the tool that gets this refusal now is told when to come again. */
    boolean tellsWhen(Refusal refusal) {
        return patience.pass(refusal, System.nanoTime()).withRetryAfter();
    }

    /** Whether it is too late to send the call again after this refusal. */
    boolean isTooLate(Refusal refusal) {
        return patience.isTooLate(refusal, System.nanoTime());
    }

    /** The call is sent again after a while. */
    void later(Refusal refusal, Patience.Again again) {
        stop();
        String announced = again.announced();
        if (announced != null) {
            room.notes().accept(refusal.waiting(call.toString(), announced));
        }
        next = loop().schedule(call::send, again.millis(), TimeUnit.MILLISECONDS);
    }

    /** Waits for the end of the body, which says whether the call can be sent again. */
    void hold(HttpResponse head, Refusal refusal, Patience.Again again, Attempt attempt) {
        EarlyRefusal refused = new EarlyRefusal(call, head, refusal, again, attempt);
        early = refused;
        long millis = patience.holdMillis(refusal, again, System.nanoTime());
        next = loop().schedule(refused::pass, millis, TimeUnit.MILLISECONDS);
        loop().execute(call::canTakeMore);
    }

    /** The refusal that waits; or null. */
    @Nullable EarlyRefusal early() {
        return early;
    }

    /** Nothing is waited for any more. */
    void stop() {
        early = null;
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private EventLoop loop() {
        return room.gateway().loop();
    }
}
