package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.task.TaskOutcome;
import dev.errand.web.Call;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The answer to a call that was refused: counted and recorded, and ready to be sent.
 *
 * @param counted what the task's state says of the denial, or null
 * @param line how it is logged
 */
public record Reply(
        Answers answers,
        ServerWebExchange exchange,
        Call call,
        Refusal refusal,
        TaskOutcome.@Nullable Denied counted,
        Line line) {
    /** How a refusal is logged. */
    enum Line {
        /** On a line of its own, as a verified caller's. */
        OWN,
        /** On a line of its own, marked as one that anybody can cause. */
        UNVERIFIED,
        /** Not at all: it is only counted, so that a flood fills no log. */
        COUNTED,
        /** Not at all: the line of the request for approval tells of the call. */
        NONE
    }

    /** Sends the answer. */
    public Mono<Void> send() {
        return answers.send(this);
    }

    Denial why() {
        return refusal.why();
    }

    TaskOutcome.@Nullable RateAdvice rate() {
        return counted == null ? null : counted.rate();
    }

    /** The request for a human's approval that stands, or null. */
    TaskOutcome.@Nullable Asked asked() {
        return counted == null ? null : counted.asked();
    }

    /** Whether the call met a request for approval that was open already. Then it is no denial. */
    boolean isWaiting() {
        return counted != null && counted.waits();
    }

    /** Whether this denial ended the task or the token. */
    boolean isInterrupted() {
        return counted != null && counted.interruption() != null;
    }
}
