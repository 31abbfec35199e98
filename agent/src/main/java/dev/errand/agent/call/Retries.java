package dev.errand.agent.call;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponse;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Schedules the repeats of one call, asks for the decision that it waits for, and holds a refusal until it is known whether the call can be repeated. Used on
 * the event loop only.
 */
final class Retries {
    private final Call call;
    private final CallResources resources;
    private final RetryPolicy retryPolicy;
    private @Nullable EarlyRefusal early;
    private @Nullable ScheduledFuture<?> next;
    private @Nullable AwaitedDecision decision;
    private boolean givenUp;

    Retries(Call call, CallResources resources) {
        this.call = call;
        this.resources = resources;
        this.retryPolicy =
                new RetryPolicy(System.nanoTime(), resources.patience().toNanos());
    }

    RetryPolicy.Verdict judge(Refusal refusal, boolean repeatable, boolean withChain) {
        return retryPolicy.judge(refusal, repeatable && !givenUp, withChain, System.nanoTime());
    }

    /** Repeats the call no more. Returns whether a repeat was scheduled: then nothing of the call is under way. */
    boolean giveUp() {
        givenUp = true;
        return next != null && !next.isDone();
    }

    /** Whether the tool gets {@code Retry-After} if it gets this refusal now. */
    boolean tellsWhen(Refusal refusal) {
        return retryPolicy.pass(refusal, System.nanoTime()).withRetryAfter();
    }

    /** Whether it is too late to send the call again after this refusal. */
    boolean isTooLate(Refusal refusal) {
        return retryPolicy.isTooLate(refusal, System.nanoTime());
    }

    /** Schedules the next repeat. */
    void later(Refusal refusal, RetryPolicy.Again again) {
        stop();
        String announced = again.announced();
        if (announced != null) {
            resources.notes().accept(refusal.waiting(call.toString(), announced));
        }
        String request = again.askableMillis() > 0 ? refusal.approvalId() : null;
        if (request == null) {
            next = loop().schedule(call::send, again.millis(), TimeUnit.MILLISECONDS);
            return;
        }
        next = loop().schedule(this::sendNow, again.askableMillis(), TimeUnit.MILLISECONDS);
        decision = new AwaitedDecision(resources.gateway(), resources.task(), request, again.millis(), this::sendNow);
        decision.ask();
    }

    private void sendNow() {
        stop();
        call.send();
    }

    /** Holds a refusal until the end of the body, which shows whether the call can be sent again. */
    void hold(HttpResponse head, Refusal refusal, RetryPolicy.Again again, Attempt attempt) {
        EarlyRefusal refused = new EarlyRefusal(call, head, refusal, again, attempt);
        early = refused;
        long millis = retryPolicy.holdMillis(refusal, again, System.nanoTime());
        next = loop().schedule(refused::pass, millis, TimeUnit.MILLISECONDS);
        loop().execute(call::canTakeMore);
    }

    /** The refusal that is held, or null. */
    @Nullable EarlyRefusal early() {
        return early;
    }

    /** Cancels the scheduled repeat, and forgets the refusal that is held. */
    void stop() {
        early = null;
        if (decision != null) {
            decision.stop();
            decision = null;
        }
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private EventLoop loop() {
        return resources.gateway().loop();
    }
}
