package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.state.StoreUnavailableException;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.ApprovalQuestion.Limit;
import dev.errand.task.AskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.web.BodyReader;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.ReplayedBody;
import dev.errand.web.refusal.Refusals;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Leads a call that needs a human's approval from one step to the next: reads its body, and makes the step with what is asked. If
 * that step would open a request, makes the step once more with the answer of the human's limit. Thread-safe.
 */
record AskedCalls(Refusals refusals, BodyReader bodies, RequestLimits limits, ShownBodies shown) {
    /** Makes the next step. */
    @FunctionalInterface
    public interface Next {
        Mono<Void> step(Call.Granted call, ServerWebExchange exchange, TaskStep.Call step, RequestReservation opening);
    }

    /**
     * Leads a call about which humans are asked whatever plan and rules say. What it asks is worked out before its first step.
     *
     * @param why why they are asked, as a sentence
     */
    public Mono<Void> always(
            Call.Granted call, ServerWebExchange exchange, AskPolicy ask, TaskStep.Call step, String why, Next next) {
        return follow(call, exchange, ask, step, new Denial(DenyReason.APPROVAL_REQUIRED, "approval", why), next);
    }

    /** Leads on a call whose step said that a human must be asked. */
    public Mono<Void> follow(
            Call.Granted call,
            ServerWebExchange exchange,
            AskPolicy ask,
            TaskStep.Call step,
            Denial objection,
            Next next) {
        ApprovalQuestion known = step.asking();
        if (known != null) {
            return open(call, exchange, ask, step, known, next);
        }
        if (call.body() != null || isBodyless(exchange.getRequest().getHeaders())) {
            return asked(call, exchange, call.body(), step, objection, next);
        }
        Mono<Void> repeated = refusals.refuseRepeated(exchange, call);
        return repeated != null ? repeated : read(call, exchange, step, objection, next);
    }

    private Mono<Void> open(
            Call.Granted call,
            ServerWebExchange exchange,
            AskPolicy ask,
            TaskStep.Call step,
            ApprovalQuestion known,
            Next next) {
        return limits.enter(known.call(), call.caller().chain().root().human(), ask.limit())
                .publishOn(call.loop())
                .flatMap(entered -> {
                    RequestReservation opening = entered.orElse(RequestReservation.NONE);
                    Limit limit =
                            entered.isEmpty() ? Limit.UNASKED : opening.isAdmitted() ? Limit.ADMITTED : Limit.FULL;
                    return next.step(call, exchange, step.asking(known.with(limit)), opening);
                })
                .onErrorResume(
                        StoreUnavailableException.class,
                        away -> refusals.unavailable(exchange, call, "the state store is unavailable"));
    }

    private Mono<Void> asked(
            Call.Granted call,
            ServerWebExchange exchange,
            byte @Nullable [] body,
            TaskStep.Call step,
            Denial objection,
            Next next) {
        ApprovalQuestion asked = AskedCall.of(
                call,
                exchange.getRequest().getHeaders(),
                body,
                exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR),
                shown);
        return asked == null
                ? refusals.deny(exchange, call, unasked(objection, "since it is longer than what people can be shown"))
                : next.step(call, exchange, step.asking(asked), RequestReservation.NONE);
    }

    private Mono<Void> read(
            Call.Granted call, ServerWebExchange exchange, TaskStep.Call step, Denial objection, Next next) {
        Caller caller = call.caller();
        BodyReader.Owner owner =
                new BodyReader.Owner(caller.taskKey(), caller.chain().root().human(), caller.proof());
        return bodies.read(exchange.getRequest(), AskedBody.MAX_BYTES, owner, call.loop())
                .flatMap(body -> {
                    if (!(body instanceof BodyReader.Body.Whole whole)) {
                        return missing(call, exchange, (BodyReader.Body.Missing) body, objection);
                    }
                    ServerWebExchange replaying = ReplayedBody.in(exchange, whole);
                    Call.Granted read = call.withBody(whole.bytes());
                    read.attachTo(replaying);
                    Mono<Void> rest = asked(read, replaying, whole.bytes(), step, objection, next);
                    return whole.isCounted() ? rest.doFinally(end -> whole.leave()) : rest;
                });
    }

    private Mono<Void> missing(
            Call.Granted call, ServerWebExchange exchange, BodyReader.Body.Missing why, Denial objection) {
        return switch (why) {
            case GONE -> {
                exchange.getResponse().setStatusCode(HttpStatus.BAD_REQUEST);
                yield exchange.getResponse().setComplete();
            }
            case TOO_LONG ->
                refusals.deny(
                        exchange,
                        call,
                        unasked(objection, "since its body is longer than " + AskedBody.MAX_BYTES + " bytes"));
            case TOO_MANY ->
                refusals.undecided(
                        exchange,
                        call,
                        new Denial(
                                DenyReason.RATE_EXCEEDED,
                                "approval",
                                "the gateway reads as many bodies as it may at once: repeat the call"));
            case TOO_SLOW, MALFORMED -> {
                exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
                yield refusals.deny(
                        exchange,
                        call,
                        new Denial(
                                DenyReason.MALFORMED_REQUEST,
                                "approval",
                                "the body, which a human would approve, did not arrive whole in time"));
            }
        };
    }

    private static Denial unasked(Denial objection, String because) {
        return objection.unasked("Nobody is asked about this call, " + because + ".");
    }

    private static boolean isBodyless(HttpHeaders headers) {
        return !headers.containsHeader(HttpHeaders.TRANSFER_ENCODING) && headers.getContentLength() <= 0;
    }
}
