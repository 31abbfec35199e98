package dev.errand.web;

import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.jsonrpc.McpHeaders;
import dev.errand.operation.jsonrpc.McpNames;
import dev.errand.operation.jsonrpc.McpSessions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Sends the spans of each call when its answer was written or its agent left. A request that is not a call, such as the start of
 * a task, has no spans. This filter exists only where traces are on. Thread-safe.
 */
public record TraceFilter(Spans spans) implements WebFilter, Ordered {
    private static final String PERMITTED = "permitted";

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        CallTrace trace = new CallTrace();
        trace.attachTo(exchange);
        return chain.filter(exchange)
                .doOnSuccess(done -> finish(exchange, trace))
                .doOnCancel(() -> finish(exchange, trace))
                .doOnError(error -> failed(exchange, trace));
    }

    /** Ends the trace of a call that failed. If no answer has begun, a handler outside of this filter still answers the error. */
    private void failed(ServerWebExchange exchange, CallTrace trace) {
        if (exchange.getResponse().isCommitted()) {
            finish(exchange, trace);
        } else {
            exchange.getResponse().beforeCommit(() -> Mono.fromRunnable(() -> finish(exchange, trace)));
        }
    }

    private void finish(ServerWebExchange exchange, CallTrace trace) {
        Call call = Call.find(exchange);
        if (call != null && trace.end()) {
            spans.add(finished(exchange, call, trace));
        }
    }

    private static FinishedCall finished(ServerWebExchange exchange, Call call, CallTrace trace) {
        ServerHttpResponse answer = exchange.getResponse();
        HttpStatusCode status = answer.getStatusCode();
        String code = answer.getHeaders().getFirst("Errand-Code");
        String operation = answer.getHeaders().getFirst("Errand-Operation");
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("errand.decision", call.decision());
        attributes.put("errand.route", call.route());
        Caller caller = call.caller();
        if (caller != null) {
            attributes.put("errand.task", caller.taskLabel());
            if (!caller.policy().template().isEmpty()) {
                attributes.put("errand.template", caller.policy().template());
            }
        }
        if (operation != null) {
            attributes.put("errand.operation", operation);
        }
        attributes.put("errand.code", code == null ? PERMITTED : code);
        McpNames mcp = isMcp(exchange, call) ? mcp(exchange, operation, attributes) : null;
        String method = call.arrived().method();
        return new FinishedCall(
                Traceparent.received(exchange.getRequest().getHeaders()),
                call.arrived().traceparent(),
                mcp == null ? method + " " + call.route() : mcp.method() + (mcp.tool() == null ? "" : " " + mcp.tool()),
                trace.whole(),
                attributes,
                status == null ? 0 : status.value(),
                code,
                trace.step(),
                call.progress().isSending() ? trace.upstream() : null,
                method,
                call.granted() == null ? null : call.granted().target().getHost());
    }

    private static boolean isMcp(ServerWebExchange exchange, Call call) {
        Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
        String prefix = route == null ? null : StageFilter.catalogue(route);
        OperationCatalogue catalogue =
                prefix == null ? null : call.arrived().revision().policies().catalogue(prefix);
        return catalogue != null && McpSessions.areOf(catalogue);
    }

    /** The conventions of OpenTelemetry for MCP. */
    private static @Nullable McpNames mcp(
            ServerWebExchange exchange, @Nullable String operation, Map<String, String> attributes) {
        HttpHeaders sent = exchange.getRequest().getHeaders();
        McpHeaders.session(sent.getOrEmpty("Mcp-Session-Id")).ifPresent(id -> attributes.put("mcp.session.id", id));
        McpNames names = operation == null ? null : McpNames.of(operation);
        if (names != null) {
            attributes.put("mcp.method.name", names.method());
            if (names.tool() != null) {
                attributes.put("gen_ai.tool.name", names.tool());
            }
        }
        return names;
    }
}
