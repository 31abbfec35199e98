package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.denial.Next;
import dev.errand.json.Printable;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.TaskOutcome;
import dev.errand.token.DelegationToken;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.LineMarkers;
import dev.errand.web.ReplayedBody;
import dev.errand.web.StageFilter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The gateway's own answers: one log line, the headers, and a body in the form of the route's catalogue. An unverified
 * caller learns the code only. Nothing is recorded here: {@link Refusals} has done that, or the call was permitted and its
 * outcome is recorded elsewhere. Thread-safe.
 */
public final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger("dev.errand.denied");

    private static final int MAX_LOGGED = 300;
    private static final int MAX_NAME = 200;

    private final String issuer;
    private final CallMetrics metrics;
    private final OutageLines outages = new OutageLines(System::nanoTime);

    Answers(String issuer, CallMetrics metrics) {
        this.issuer = issuer;
        this.metrics = metrics;
    }

    /** The call was permitted, but the agent gets this denial instead of an upstream's answer. */
    public Mono<Void> withheld(ServerWebExchange exchange, Call call, Denial why) {
        return send(new Reply(this, exchange, call, Refusal.of(why), null, Reply.Line.OWN));
    }

    /** Nothing was sent: the request was not the one that was decided on, or the upstream's credential is missing. */
    public Mono<Void> notSent(ServerWebExchange exchange, Call call, String why) {
        return withheld(exchange, call, new Denial(DenyReason.DECISION_UNAVAILABLE, null, why));
    }

    /**
     * The upstream gave no answer.
     *
     * @param sent whether the upstream may have got the request
     */
    public Mono<Void> upstreamFailed(ServerWebExchange exchange, Call call, boolean timedOut, boolean sent) {
        String detail;
        if (!sent) {
            detail = timedOut ? "the upstream could not be reached in time" : "the upstream could not be reached";
        } else {
            detail = timedOut
                    ? "the upstream did not answer in time: look at the resource before you repeat"
                    : "the upstream broke off before it answered: look at the resource before you repeat";
        }
        return upstreamFailed(exchange, call, timedOut ? 504 : 502, detail);
    }

    /** The upstream's answer has begun and cannot be passed on. The upstream may have done what the call asks for. */
    public Mono<Void> answerWithheld(ServerWebExchange exchange, Call call) {
        return upstreamFailed(
                exchange,
                call,
                502,
                "the upstream answered, but its answer cannot be passed on: look at the resource before you repeat");
    }

    private Mono<Void> upstreamFailed(ServerWebExchange exchange, Call call, int status, String detail) {
        Denial denial = new Denial(DenyReason.UPSTREAM_UNAVAILABLE, null, detail);
        metrics.decided(call, denial.reason());
        return respond(exchange, call, Refusal.of(denial), status, false, null);
    }

    Mono<Void> send(Reply reply) {
        Call call = reply.call();
        Denial denial = reply.why();
        if (reply.isWaiting()) {
            metrics.waiting(call);
        } else {
            metrics.decided(call, denial.reason());
        }
        log(reply);
        HttpHeaders headers = reply.exchange().getResponse().getHeaders();
        Challenge.write(headers, issuer, call.route(), reply.refusal(), reply.rate());
        return respond(
                reply.exchange(),
                call,
                reply.refusal(),
                denial.reason().status(),
                reply.isInterrupted(),
                reply.asked() == null ? null : waiting(reply.asked()));
    }

    private void log(Reply reply) {
        Call call = reply.call();
        Denial denial = reply.why();
        Caller caller = call.caller();
        boolean outage = denial.reason() == DenyReason.DECISION_UNAVAILABLE && reply.line() == Reply.Line.OWN;
        long before = outage ? outages.take(denial.detail()) : 0;
        Level level = switch (reply.line()) {
            case OWN, UNVERIFIED -> before < 0 ? Level.DEBUG : Level.INFO;
            case COUNTED, NONE -> Level.DEBUG;
        };
        if (!LOG.isEnabledForLevel(level)) {
            return;
        }
        boolean stranger = reply.line() == Reply.Line.UNVERIFIED || reply.line() == Reply.Line.COUNTED;
        LOG.atLevel(level)
                .addMarker(stranger ? LineMarkers.UNVERIFIED : LineMarkers.VERIFIED)
                .log(
                        "task={} human={} agent={} operation={} code={} decision={} route={} step={} interrupted={} detail=\"{}\"{}",
                        caller == null ? null : caller.taskLabel(),
                        caller == null
                                ? null
                                : Printable.line(caller.chain().root().human().subject(), MAX_NAME),
                        caller == null ? null : Printable.line(agent(caller), MAX_NAME),
                        operations(call),
                        denial.reason().code(),
                        call.decision(),
                        call.route(),
                        denial.step(),
                        reply.isInterrupted(),
                        Printable.quoted(denial.detail(), MAX_LOGGED),
                        before > 0 ? "; so were " + before + " calls before" : "");
    }

    /** The subject of the nearest holder that has one. */
    private static @Nullable String agent(Caller caller) {
        String agent = null;
        for (DelegationToken token : caller.chain().tokens()) {
            agent = token.actor() == null ? agent : token.actor();
        }
        return agent;
    }

    /** The first operation of the call, and how many more it has; null if none was found. */
    private static @Nullable String operations(Call call) {
        int more = call.operations().size() - 1;
        if (more < 0) {
            return null;
        }
        String first = call.operations().get(0).operation().id();
        return Printable.line(more == 0 ? first : first + "+" + more, MAX_NAME);
    }

    /** The step's denial. For a call that waits for a human it also says where people decide: most tools print only the detail. */
    Denial locating(TaskOutcome.Denied denied) {
        Denial denial = Objects.requireNonNull(denied.denial());
        TaskOutcome.Asked asked = denied.asked();
        return asked == null ? denial : denial.saying(denial.detail() + " People decide at " + uri(asked.request()));
    }

    private String uri(ApprovalRequest request) {
        return issuer + "/approvals/" + request.id();
    }

    private RefusalContent.Waiting waiting(TaskOutcome.Asked asked) {
        ApprovalRequest request = asked.request();
        return new RefusalContent.Waiting(
                request.id(), uri(request), asked.expiresInSeconds(), request.digest(), asked.elicits());
    }

    private Mono<Void> respond(
            ServerWebExchange exchange,
            Call call,
            Refusal refusal,
            int status,
            boolean interrupted,
            RefusalContent.@Nullable Waiting approval) {
        ServerHttpResponse response = exchange.getResponse();
        HttpHeaders headers = response.getHeaders();
        Next next = ErrandHeaders.refused(headers, call, refusal, status, interrupted);
        if (approval != null) {
            ErrandHeaders.waiting(headers, approval);
        }
        Caller caller = call.caller();
        RefusalContent told = new RefusalContent(
                style(exchange, call),
                issuer,
                refusal.told(),
                status,
                call.decision(),
                caller == null ? null : caller.taskLabel(),
                refusal.open(),
                interrupted,
                next,
                headers.getFirst(HttpHeaders.RETRY_AFTER),
                request(exchange, call),
                approval);
        RefusalForm form = RefusalForms.ALL.of(told);
        byte[] body = form.body(told);
        int answered = form.status(told);
        response.setStatusCode(HttpStatusCode.valueOf(answered));
        if (answered != status) {
            // The challenge is only for the status of the refusal's code.
            headers.remove(HttpHeaders.WWW_AUTHENTICATE);
        }
        headers.setContentType(form.contentType());
        headers.setCacheControl("no-store");
        headers.setContentLength(body.length);
        if (call.arrived().method().equals("HEAD")) {
            return response.setComplete();
        }
        DataBuffer buffer = response.bufferFactory().wrap(body);
        return response.writeWith(Mono.just(buffer));
    }

    /** The form of refusals in the route's catalogue, unless the caller asks for a problem. */
    private static RefusalStyle style(ServerWebExchange exchange, Call call) {
        Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        String prefix = route == null ? null : StageFilter.catalogue(route);
        OperationCatalogue catalogue =
                prefix == null ? null : call.arrived().revision().policies().catalogue(prefix);
        return catalogue == null || AcceptedForm.isProblem(exchange.getRequest().getHeaders())
                ? RefusalStyle.PROBLEM
                : catalogue.refusals();
    }

    /** The body that was read to decide; null where none was. */
    private static byte @Nullable [] request(ServerWebExchange exchange, Call call) {
        Call.Granted granted = call.granted();
        return granted == null ? ReplayedBody.of(exchange) : granted.body();
    }
}
