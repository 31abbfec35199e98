package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.CutException;
import dev.errand.web.LineMarkers;
import dev.errand.web.refusal.Answers;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/**
 * Answers the errors that no filter answered. Before a route is found the answer is a bare status without a body.
 * After that an error is a fault of the gateway, logged with the decision's id and answered 503. If the upstream had
 * begun an answer that broke off, the answer is 502. A client that went away is no fault. An answer that is already
 * committed is broken off.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
record EdgeErrorHandler(Answers answers) implements WebExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeErrorHandler.class);

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable error) {
        ServerHttpResponse response = exchange.getResponse();
        if (response.isCommitted()) {
            return Mono.error(error);
        }
        if (UpstreamAnswer.isBegun(response)) {
            LOG.debug("the HTTP server has answered already", error);
            response.setStatusCode(null);
            return Mono.empty();
        }
        Call call = Call.find(exchange);
        if (call != null && error instanceof CutException cut) {
            UpstreamAnswer.discard(exchange);
            return answers.withheld(exchange, call, cut.why());
        }
        if (call != null && error instanceof FilteredAnswer.WithheldException) {
            LOG.warn(
                    LineMarkers.VERIFIED,
                    "answer withheld decision={} route={}: {}",
                    call.decision(),
                    call.route(),
                    error.getMessage());
            UpstreamAnswer.discard(exchange);
            return answers.answerWithheld(exchange, call);
        }
        if (call != null && call.progress().answeredNanos() != 0) {
            LOG.warn(
                    LineMarkers.VERIFIED,
                    "answer broke off decision={} route={}: {}",
                    call.decision(),
                    call.route(),
                    error.getClass().getSimpleName());
            LOG.debug("the answer broke off by", error);
            UpstreamAnswer.discard(exchange);
            return answers.answerWithheld(exchange, call);
        }
        if (call != null && call.caller() != null) {
            LOG.error(LineMarkers.VERIFIED, "call failed decision={} route={}", call.decision(), call.route(), error);
            UpstreamAnswer.discard(exchange);
            return answers.notSent(exchange, call, "the gateway failed; the log has the reason");
        }
        HttpStatusCode status =
                error instanceof ResponseStatusException known ? known.getStatusCode() : HttpStatusCode.valueOf(500);
        if (error instanceof IOException || error instanceof AbortedException) {
            LOG.debug("the client went away before its request was there", error);
        } else if (status.is5xxServerError()) {
            LOG.error("a request failed before it was routed", error);
        }
        response.setStatusCode(status);
        response.getHeaders().setContentLength(0);
        return response.setComplete();
    }
}
