package dev.errand.web.operation;

import dev.errand.bytes.Sha256;
import dev.errand.delegation.Capability;
import dev.errand.delegation.DelegationToken;
import dev.errand.delegation.chain.PopVerifier;
import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import dev.errand.operation.jsonrpc.ListAnswer;
import dev.errand.operation.jsonrpc.McpHeaders;
import dev.errand.operation.jsonrpc.McpSessions;
import dev.errand.task.SessionId;
import dev.errand.web.body.BodyReader;
import dev.errand.web.body.ReplayedBody;
import dev.errand.web.call.Call;
import dev.errand.web.call.Caller;
import dev.errand.web.refusal.Answers;
import dev.errand.web.request.Target;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * The operation stage: refuses what cannot be read in one way only, names what will be sent, and checks it against the
 * proof's own demand (AAT-02 steps 7e, 7f) and the leaf's grant (step 6b). Thread-safe.
 */
final class OperationStage {
    private final Answers answers;
    private final BodyReader bodies;

    OperationStage(Answers answers, BodyReader bodies) {
        this.answers = answers;
        this.bodies = bodies;
    }

    Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain, String prefix) {
        Call call = Call.of(exchange);
        OperationCatalogue catalogue = call.revision.policies().catalogue(prefix);
        if (catalogue == null) {
            return answers.unavailable(exchange, call, "the route's catalogue is not loaded");
        }
        ServerHttpRequest request = exchange.getRequest();
        HeaderView sent = HeaderView.asSent(request.getHeaders());
        HeaderView headers = sent.forwarded(catalogue.headers());
        call.headerRules = catalogue.headers();
        Optional<String> refusal = catalogue.refuse(call.method, call.rawTarget, sent);
        if (refusal.isEmpty()) {
            refusal = Upgrades.refuse(call.method, request.getHeaders());
        }
        if (refusal.isPresent()) {
            return answers.deny(exchange, call, new Denial(DenyReason.MALFORMED_REQUEST, "operation", refusal.get()));
        }
        URI url = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
        CatalogueRequest head = new CatalogueRequest(
                call.method, Target.path(request.getURI(), url), Target.query(request.getURI(), url), headers, null);
        call.routedPath = head.path();
        if (!catalogue.needsBody(head)) {
            return resolved(exchange, chain, call, catalogue, head, url);
        }
        Mono<Void> repeated = answers.refuseRepeated(exchange, call);
        if (repeated != null) {
            return repeated;
        }
        Caller caller = call.caller();
        BodyReader.Owner owner =
                new BodyReader.Owner(caller.taskKey(), caller.chain().root().human(), caller.proof());
        return bodies.read(request, catalogue.maxBodyBytes(), owner, call.loop)
                .flatMap(body -> body instanceof BodyReader.Body.Whole whole
                        ? decided(exchange, chain, call, catalogue, head, whole, url)
                        : missing(exchange, call, (BodyReader.Body.Missing) body, catalogue.maxBodyBytes()));
    }

    private Mono<Void> decided(
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            Call call,
            OperationCatalogue catalogue,
            CatalogueRequest head,
            BodyReader.Body.Whole body,
            URI url) {
        call.body = body.bytes();
        CatalogueRequest whole =
                new CatalogueRequest(head.method(), head.path(), head.query(), head.headers(), body.bytes());
        Mono<Void> rest = resolved(ReplayedBody.in(exchange, body), chain, call, catalogue, whole, url);
        return body.isCounted() ? rest.doFinally(end -> body.leave()) : rest;
    }

    private Mono<Void> missing(ServerWebExchange exchange, Call call, BodyReader.Body.Missing why, int maxBytes) {
        if (why == BodyReader.Body.Missing.GONE) {
            // Nobody reads this answer; nothing was decided.
            exchange.getResponse().setStatusCode(HttpStatus.BAD_REQUEST);
            return exchange.getResponse().setComplete();
        }
        if (why == BodyReader.Body.Missing.TOO_SLOW) {
            // The rest of the body is waited for no longer.
            exchange.getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
        }
        boolean tooMany = why == BodyReader.Body.Missing.TOO_MANY;
        Denial denial = new Denial(
                tooMany ? DenyReason.RATE_EXCEEDED : DenyReason.MALFORMED_REQUEST, "operation", detail(why, maxBytes));
        return tooMany ? answers.undecided(exchange, call, denial) : answers.deny(exchange, call, denial);
    }

    private String detail(BodyReader.Body.Missing why, int maxBytes) {
        return switch (why) {
            case TOO_LONG -> "the body names the operation and may have " + maxBytes + " bytes";
            case TOO_SLOW ->
                "the body names the operation and must arrive within "
                        + bodies.deadline().toMillis() + " ms";
            case TOO_MANY ->
                "the body names the operation, and as many such bodies are waited for as may be: repeat the call";
            case MALFORMED, GONE -> "the body names the operation, and a chunk of it is malformed";
        };
    }

    private Mono<Void> resolved(
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            Call call,
            OperationCatalogue catalogue,
            CatalogueRequest request,
            URI url) {
        Denial denial = name(call, catalogue.resolve(request), url);
        boolean webSocket = Upgrades.isWebSocket(exchange.getRequest().getHeaders());
        if (denial == null && webSocket) {
            denial = Upgrades.refuse(call.calls);
        }
        if (denial == null) {
            denial = demand(call);
        }
        boolean mcp = McpSessions.areOf(catalogue);
        if (denial == null && mcp) {
            denial = lookalike(call);
        }
        if (denial == null) {
            denial = grant(call);
        }
        if (denial != null) {
            return answers.deny(exchange, call, denial);
        }
        call.lasting = webSocket || connects(call.calls);
        if (mcp) {
            call.sessionsOf = catalogue.name();
            call.session = McpHeaders.session(request.headers())
                    .map(id -> SessionId.of(catalogue.name(), id))
                    .orElse(null);
        }
        Capability leaf = call.caller().chain().leaf().capability();
        Capability cap = call.caller().templateGrant();
        call.listAnswer = ListAnswer.of(
                        catalogue,
                        call.calls,
                        (operation, arguments) -> permits(leaf, operation, arguments)
                                && (cap == null || permits(cap, operation, arguments)))
                .orElse(null);
        return chain.filter(exchange);
    }

    private static boolean connects(List<OperationCall> calls) {
        for (OperationCall pair : calls) {
            if (pair.operation().effect() == Effect.CONNECT) {
                return true;
            }
        }
        return false;
    }

    private static boolean permits(Capability capability, String operation, @Nullable JsonObject arguments) {
        return arguments == null
                ? capability.tools().containsKey(operation)
                : capability.check(operation, arguments) instanceof Capability.Check.Granted;
    }

    private static @Nullable Denial name(Call call, Resolution resolution, URI url) {
        if (resolution instanceof Resolution.Resolved resolved) {
            call.calls = resolved.calls();
            call.argsHash = Sha256.labelOf(Jcs.canonicalBytes(arguments(resolved.calls())));
            call.target = Target.of(url, resolved.path(), resolved.query());
            return call.target == null
                    ? new Denial(
                            DenyReason.MALFORMED_REQUEST,
                            "operation",
                            "the target has a character that no URL may have")
                    : null;
        }
        if (resolution instanceof Resolution.Malformed malformed) {
            return new Denial(DenyReason.MALFORMED_REQUEST, "operation", malformed.why());
        }
        if (resolution instanceof Resolution.Ambiguous ambiguous) {
            return new Denial(
                    DenyReason.AMBIGUOUS_OPERATION,
                    "operation",
                    "the request matches " + String.join(" and ", ambiguous.candidates()) + " equally well");
        }
        return new Denial(DenyReason.UNKNOWN_OPERATION, "operation", ((Resolution.Unknown) resolution).why());
    }

    /** One pair hashes as its arguments, several as the array of them. */
    private static JsonValue arguments(List<OperationCall> calls) {
        if (calls.size() == 1) {
            return calls.get(0).arguments();
        }
        return new JsonArray(
                calls.stream().<JsonValue>map(OperationCall::arguments).toList());
    }

    /** What a proof says of the call itself must be the call (AAT-02 steps 7e, 7f). */
    private static @Nullable Denial demand(Call call) {
        Caller.ToolDemand demand = call.caller().toolDemand();
        if (demand == null) {
            return null;
        }
        if (demand.aatPop() && call.calls.size() > 1) {
            return new Denial(DenyReason.INVALID_PROOF, "7e", "the request is several operations: prove it with DPoP");
        }
        OperationCall first = call.calls.get(0);
        if (demand.tool() != null
                && (call.calls.size() > 1
                        || !demand.tool().equals(first.operation().id()))) {
            return new Denial(
                    DenyReason.INVALID_PROOF,
                    "7e",
                    "the proof is for another operation; this is "
                            + first.operation().id());
        }
        if (demand.arguments() != null
                && (call.calls.size() > 1 || !PopVerifier.isSame(demand.arguments(), first.arguments()))) {
            return new Denial(DenyReason.INVALID_PROOF, "7f", "the proof is for other arguments than the request has");
        }
        return null;
    }

    /** An argument that a server which folds names would take for the one that grant, template or rules look at. */
    private static @Nullable Denial lookalike(Call call) {
        Caller caller = call.caller();
        Capability cap = caller.templateGrant();
        for (OperationCall pair : call.calls) {
            String id = pair.operation().id();
            String name = caller.chain().leaf().capability().lookalike(id, pair.arguments());
            if (name == null && cap != null) {
                name = cap.lookalike(id, pair.arguments());
            }
            if (name == null) {
                name = caller.policy().sequence().lookalike(id, pair.arguments());
            }
            if (name != null) {
                return new Denial(
                        DenyReason.MALFORMED_REQUEST,
                        "operation",
                        "an argument differs from '" + name + "' only in letter case or Unicode form: leave it out");
            }
        }
        return null;
    }

    private static @Nullable Denial grant(Call call) {
        DelegationToken leaf = call.caller().chain().leaf();
        Capability cap = call.caller().templateGrant();
        List<String> lacking = new ArrayList<>();
        List<String> violated = new ArrayList<>();
        String argument = "";
        for (OperationCall pair : call.calls) {
            String id = pair.operation().id();
            Capability.Check check = leaf.capability().check(id, pair.arguments());
            if (check instanceof Capability.Check.Granted && cap != null) {
                check = cap.check(id, pair.arguments());
            }
            if (check instanceof Capability.Check.NoSuchTool && !lacking.contains(id)) {
                lacking.add(id);
            } else if (check instanceof Capability.Check.Violated broken && !violated.contains(id)) {
                violated.add(id);
                argument = broken.argument();
            }
        }
        if (!lacking.isEmpty()) {
            call.lacking = List.copyOf(lacking);
            return new Denial(DenyReason.NOT_GRANTED, "6b", "the token does not grant " + String.join(" ", lacking));
        }
        if (!violated.isEmpty()) {
            call.lacking = List.copyOf(violated);
            return new Denial(
                    DenyReason.CONSTRAINT_VIOLATED,
                    "6b",
                    "the token grants " + violated.get(0) + " only with another value of '" + argument + "'");
        }
        return null;
    }
}
