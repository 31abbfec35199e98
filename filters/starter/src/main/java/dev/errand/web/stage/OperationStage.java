package dev.errand.web.stage;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import dev.errand.operation.TargetRules;
import dev.errand.operation.jsonrpc.McpHeaders;
import dev.errand.operation.jsonrpc.McpSessions;
import dev.errand.task.SessionId;
import dev.errand.token.Sha256;
import dev.errand.web.BodyReader;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.ReplayedBody;
import dev.errand.web.Target;
import dev.errand.web.refusal.Refusal;
import dev.errand.web.refusal.Refusals;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The operation stage. It refuses a request that has more than one reading, names the operations of the request that will be
 * sent, and checks them against the proof's own demand (AAT-02 steps 7e, 7f), the leaf's grant (step 6b) and the template.
 * Thread-safe.
 */
record OperationStage(Refusals refusals, BodyReader bodies) {
    /** A call whose request has one reading, as far as the target and the headers say. */
    private record Reading(
            Call.Identified call,
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            OperationCatalogue catalogue,
            JudgedHeaders headers) {
        /** The same call with this body before it. */
        Reading in(ServerWebExchange replayed) {
            return new Reading(call, replayed, chain, catalogue, headers);
        }
    }

    Mono<Void> filter(Call.Identified call, ServerWebExchange exchange, GatewayFilterChain chain, String prefix) {
        OperationCatalogue catalogue = call.arrived().revision().policies().catalogue(prefix);
        if (catalogue == null) {
            return refusals.unavailable(exchange, call, "the route's catalogue is not loaded");
        }
        ServerHttpRequest request = exchange.getRequest();
        String method = call.arrived().method();
        HeaderView sent = HeaderView.asSent(request.getHeaders());
        Optional<String> refusal = catalogue.refuse(method, call.arrived().rawTarget(), sent);
        if (refusal.isEmpty()) {
            refusal = Upgrades.refuse(method, request.getHeaders());
        }
        if (refusal.isPresent()) {
            return refusals.deny(exchange, call, malformed(refusal.get()));
        }
        JudgedHeaders headers = JudgedHeaders.of(sent, catalogue.headers());
        URI url = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        CatalogueRequest head = new CatalogueRequest(
                Upgrades.isSpdy(request.getHeaders()) ? "GET" : method,
                Target.path(request.getURI(), url),
                Target.query(request.getURI(), url),
                headers.forwarded(),
                null);
        Reading reading = new Reading(call, exchange, chain, catalogue, headers);
        return catalogue.needsBody(head) ? readBody(reading, head) : named(reading, head);
    }

    private Mono<Void> readBody(Reading reading, CatalogueRequest head) {
        Call.Identified call = reading.call;
        Mono<Void> repeated = refusals.refuseRepeated(reading.exchange, call);
        if (repeated != null) {
            return repeated;
        }
        Caller caller = call.caller();
        BodyReader.Owner owner =
                new BodyReader.Owner(caller.taskKey(), caller.chain().root().human(), caller.proof());
        int most = reading.catalogue.maxBodyBytes();
        return bodies.read(reading.exchange.getRequest(), most, owner, call.loop())
                .flatMap(body -> body instanceof BodyReader.Body.Whole whole
                        ? withBody(reading, head, whole)
                        : missing(call, reading.exchange, (BodyReader.Body.Missing) body, most));
    }

    private Mono<Void> withBody(Reading reading, CatalogueRequest head, BodyReader.Body.Whole body) {
        CatalogueRequest whole =
                new CatalogueRequest(head.method(), head.path(), head.query(), head.headers(), body.bytes());
        Mono<Void> rest = named(reading.in(ReplayedBody.in(reading.exchange, body)), whole);
        return body.isCounted() ? rest.doFinally(end -> body.leave()) : rest;
    }

    private Mono<Void> missing(
            Call.Identified call, ServerWebExchange exchange, BodyReader.Body.Missing why, int maxBytes) {
        if (why == BodyReader.Body.Missing.GONE) {
            // The agent is gone: nobody reads this answer, and nothing was decided.
            exchange.getResponse().setStatusCode(HttpStatus.BAD_REQUEST);
            return exchange.getResponse().setComplete();
        }
        if (why == BodyReader.Body.Missing.TOO_SLOW) {
            // The gateway no longer waits for the rest of the body.
            exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
        }
        String detail = detail(why, maxBytes);
        return why == BodyReader.Body.Missing.TOO_MANY
                ? refusals.undecided(exchange, call, new Denial(DenyReason.RATE_EXCEEDED, "operation", detail))
                : refusals.deny(exchange, call, malformed(detail));
    }

    private String detail(BodyReader.Body.Missing why, int maxBytes) {
        return switch (why) {
            case TOO_LONG -> "the body names the operation and may have " + maxBytes + " bytes";
            case TOO_SLOW ->
                "the body names the operation and must arrive within "
                        + bodies.deadline().toMillis() + " ms";
            case TOO_MANY ->
                "the body names the operation, and the gateway reads as many bodies as it may at once: repeat the call";
            case MALFORMED, GONE -> "the body names the operation, and a chunk of it is malformed";
        };
    }

    private Mono<Void> named(Reading reading, CatalogueRequest request) {
        Call.Identified call = reading.call;
        ServerWebExchange exchange = reading.exchange;
        OperationCatalogue catalogue = reading.catalogue;
        Resolution resolution = catalogue.resolve(request);
        boolean spdy = Upgrades.isSpdy(exchange.getRequest().getHeaders());
        if (!(resolution instanceof Resolution.Resolved resolved)) {
            return refusals.deny(exchange, call, spdy ? Upgrades.noSpdy() : unnamed(resolution));
        }
        JudgedHeaders headers =
                reading.headers.by(rules(catalogue, resolved.calls())).on(call, exchange);
        String doubled = headers.doubled(exchange);
        boolean refused = !headers.unlisted().isEmpty() && refusesUnlisted(headers.rules(), resolved.calls());
        Call.Named named = new Call.Named(
                call,
                resolved.calls(),
                Sha256.labelOf(Jcs.canonicalBytes(arguments(resolved.calls()))),
                refused || headers.isWhole() ? List.of() : headers.named());
        if (doubled != null) {
            return refusals.deny(exchange, named, malformed(doubled));
        }
        if (refused) {
            return refusals.deny(
                    exchange, named, malformed(unlisted(headers.unlisted().get(0))));
        }
        URI url = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        URI target = Target.of(url, resolved.path(), resolved.query());
        if (target == null) {
            return refusals.deny(exchange, named, malformed("the target has a character that no URL may have"));
        }
        boolean webSocket = Upgrades.isWebSocket(exchange.getRequest().getHeaders());
        Denial upgrade = webSocket || spdy ? Upgrades.refuse(named.operations(), resolved.searched()) : null;
        if (upgrade != null) {
            return refusals.deny(exchange, named, upgrade);
        }
        boolean mcp = McpSessions.areOf(catalogue);
        Refusal refusal = Grants.refuse(named, mcp);
        if (refusal != null) {
            return refusals.deny(exchange, named, refusal);
        }
        if (spdy) {
            return refusals.deny(exchange, named, Upgrades.noSpdy());
        }
        if (webSocket || connects(named.operations())) {
            call.progress().last();
        }
        new Call.Granted(
                        named,
                        target,
                        request.path(),
                        headers.rules(),
                        request.body(),
                        resolved.searched(),
                        Grants.listed(catalogue, named),
                        mcp ? sessions(catalogue, request) : null)
                .attachTo(exchange);
        return reading.chain.filter(exchange);
    }

    /** The rules for the headers of a call: of each operation, the headers that are its arguments pass. */
    static HeaderRules rules(OperationCatalogue catalogue, List<OperationCall> calls) {
        HeaderRules rules = catalogue.headers(calls.get(0).operation().id());
        for (int i = 1; i < calls.size(); i++) {
            rules = rules.and(catalogue.headers(calls.get(i).operation().id()));
        }
        return rules;
    }

    static boolean refusesUnlisted(HeaderRules rules, List<OperationCall> calls) {
        for (OperationCall pair : calls) {
            if (rules.refusesUnlisted(pair.operation().effect())) {
                return true;
            }
        }
        return false;
    }

    static String unlisted(String name) {
        return TargetRules.named(name)
                + " is on no list of headers that pass: leave it out, or let the catalogue name it under headers: pass";
    }

    private static Call.Granted.Mcp sessions(OperationCatalogue catalogue, CatalogueRequest request) {
        return new Call.Granted.Mcp(
                catalogue.name(),
                McpHeaders.session(request.headers())
                        .map(id -> SessionId.of(catalogue.name(), id))
                        .orElse(null));
    }

    private static boolean connects(List<OperationCall> calls) {
        for (OperationCall pair : calls) {
            if (pair.operation().effect() == Effect.CONNECT) {
                return true;
            }
        }
        return false;
    }

    private static Denial unnamed(Resolution resolution) {
        if (resolution instanceof Resolution.Malformed malformed) {
            return malformed(malformed.why());
        }
        if (resolution instanceof Resolution.Ambiguous ambiguous) {
            return new Denial(
                    DenyReason.AMBIGUOUS_OPERATION,
                    "operation",
                    "the request matches " + String.join(" and ", ambiguous.candidates()) + " equally well");
        }
        return new Denial(DenyReason.UNKNOWN_OPERATION, "operation", ((Resolution.Unknown) resolution).why());
    }

    private static Denial malformed(String why) {
        return new Denial(DenyReason.MALFORMED_REQUEST, "operation", why);
    }

    /** The value that is hashed: the arguments of the only operation, or an array of the arguments of several. */
    private static JsonValue arguments(List<OperationCall> calls) {
        if (calls.size() == 1) {
            return calls.get(0).arguments();
        }
        return new JsonArray(
                calls.stream().<JsonValue>map(OperationCall::arguments).toList());
    }
}
