package dev.errand.web;

import dev.errand.credential.UpstreamCredential;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.OperationCall;
import dev.errand.operation.jsonrpc.ListAnswer;
import dev.errand.task.SessionId;
import dev.errand.task.TaskOutcome;
import dev.errand.upstream.Echo;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A call as far as it is known, as one value for each stage: {@link Arrived}, {@link Presenting}, {@link Identified},
 * {@link Named}, {@link Granted}, {@link Permitted}, {@link Forwarded}. Each stage makes its value from the value before
 * it, and puts the new value in the place of the old one on the exchange. The values are immutable. What changes while a
 * call is under way is its {@link Progress}.
 */
public sealed interface Call {
    /** What was known when the call arrived. */
    Arrived arrived();

    /** The verified caller; null before {@link Identified}. */
    default @Nullable Caller caller() {
        return null;
    }

    /** The operations that the call means; empty before {@link Named}. */
    default List<OperationCall> operations() {
        return List.of();
    }

    /** The digest of the operations' arguments; null before {@link Named}. */
    default @Nullable String argsHash() {
        return null;
    }

    /** The names of the headers that are removed; empty before {@link Named}. */
    default List<String> removed() {
        return List.of();
    }

    /** What was granted; null before {@link Granted}. */
    default @Nullable Granted granted() {
        return null;
    }

    /** The id of the call's decision. */
    default String decision() {
        return arrived().decision();
    }

    /** The id of the call's route. */
    default String route() {
        return arrived().route();
    }

    /** The event loop of the agent's connection. */
    default Scheduler loop() {
        return arrived().loop();
    }

    /** How far the call is. */
    default Progress progress() {
        return arrived().progress();
    }

    /** Puts this value on the exchange, in the place of the value before it. */
    default void attachTo(ServerWebExchange exchange) {
        exchange.getAttributes().put(Call.class.getName(), this);
    }

    /** The exchange's call, or null if no filter of the gateway's own began one. */
    static @Nullable Call find(ServerWebExchange exchange) {
        return exchange.getAttribute(Call.class.getName());
    }

    /** The exchange's call as that stage left it. An {@link IllegalStateException} says that the stage has not run. */
    static <C extends Call> C of(ServerWebExchange exchange, Class<C> stage) {
        Call call = find(exchange);
        if (!stage.isInstance(call)) {
            throw new IllegalStateException(
                    "the call is not " + stage.getSimpleName() + ": a stage before it is missing");
        }
        return stage.cast(call);
    }

    /**
     * A request that has found its route.
     *
     * @param startedNanos when it arrived, {@link System#nanoTime}
     * @param rawTarget the request-target as it stood in the request line
     * @param traceparent the span of the call upstream
     * @param revision the revision that judges the call from beginning to end
     * @param gatewayName the name of the route at the gateway that asks for the decision; null on the traffic port
     */
    record Arrived(
            String decision,
            long startedNanos,
            String route,
            String method,
            String rawTarget,
            String traceparent,
            Revision revision,
            Scheduler loop,
            Progress progress,
            @Nullable String gatewayName)
            implements Call {
        /** A call that arrives now at the traffic port. */
        public static Arrived now(
                String route, String method, String rawTarget, String traceparent, Revision revision, Scheduler loop) {
            return now(route, method, rawTarget, traceparent, revision, loop, null);
        }

        public static Arrived now(
                String route,
                String method,
                String rawTarget,
                String traceparent,
                Revision revision,
                Scheduler loop,
                @Nullable String gatewayName) {
            return new Arrived(
                    DecisionIds.next(),
                    System.nanoTime(),
                    route,
                    method,
                    rawTarget,
                    traceparent,
                    revision,
                    loop,
                    new Progress(),
                    gatewayName);
        }

        @Override
        public Arrived arrived() {
            return this;
        }

        /** The request-target without its query. */
        public String rawPath() {
            int mark = rawTarget.indexOf('?');
            return mark < 0 ? rawTarget : rawTarget.substring(0, mark);
        }
    }

    /**
     * A call whose credentials have the right shape. Nothing of them is verified yet.
     *
     * @param svidRequired whether its route demands a workload identity
     */
    record Presenting(Arrived arrived, Presented presented, boolean svidRequired) implements Call {}

    /** Every value from {@link Identified} on: the caller is verified. */
    sealed interface Verified extends Call {
        /** The call as verification left it. */
        Identified identified();

        @Override
        default Arrived arrived() {
            return identified().arrived();
        }

        @Override
        default Caller caller() {
            return identified().caller();
        }
    }

    /** A call whose caller is verified. */
    record Identified(Arrived arrived, Presented presented, Caller caller) implements Verified {
        @Override
        public Identified identified() {
            return this;
        }
    }

    /**
     * A call whose operations are known.
     *
     * @param argsHash {@code sha-256:} and the digest of the operations' arguments
     * @param removed the names of the headers that are removed by a list, or since no list has them; empty for most
     *     calls
     */
    record Named(Identified identified, List<OperationCall> operations, String argsHash, List<String> removed)
            implements Verified {}

    /** Every value from {@link Granted} on: proof, token and template allow the operations. */
    sealed interface Decided extends Verified {
        @Override
        Granted granted();

        @Override
        default Identified identified() {
            return granted().named().identified();
        }

        @Override
        default List<OperationCall> operations() {
            return granted().named().operations();
        }

        @Override
        default String argsHash() {
            return granted().named().argsHash();
        }

        @Override
        default List<String> removed() {
            return granted().named().removed();
        }
    }

    /**
     * A call whose operations proof, token and template allow, and the request that was decided on.
     *
     * @param target the exact URL that will be sent
     * @param routedPath the path after the route's filters, in the client's spelling
     * @param headerRules the treatment of the request's headers
     * @param body the body that was read for the decision, or for a human to approve; else null
     * @param searched whether the answer is searched for the credential that the gateway sent
     * @param listAnswer filters the answer where it lists operations, else null
     * @param mcp what the call may do to MCP sessions, or null
     */
    record Granted(
            Named named,
            URI target,
            String routedPath,
            HeaderRules headerRules,
            byte @Nullable [] body,
            boolean searched,
            @Nullable ListAnswer listAnswer,
            @Nullable Mcp mcp)
            implements Decided {
        /**
         * The MCP sessions of a call.
         *
         * @param catalogue the prefix of the operations whose answers may give a session
         * @param session the session that the call names, or null
         */
        public record Mcp(String catalogue, @Nullable SessionId session) {}

        /** The MCP session that the call names, or null. */
        public @Nullable SessionId session() {
            return mcp == null ? null : mcp.session();
        }

        /** The same call, whose body was read for a human to approve. */
        public Granted withBody(byte[] read) {
            return new Granted(named, target, routedPath, headerRules, read, searched, listAnswer, mcp);
        }

        @Override
        public Granted granted() {
            return this;
        }
    }

    /**
     * A call that the step on the task's state permitted.
     *
     * @param step the outcome of the step
     */
    record Permitted(Granted granted, TaskOutcome.Permitted step) implements Decided {}

    /**
     * A call whose permit is in the log, and what the gateway adds to its request.
     *
     * @param headers the fields that the gateway adds, by lower-case name
     * @param stripped the canonical names of the fields that the route's credential writes: the client's own are removed
     * @param certificate the TLS context that shows the upstream the gateway's client certificate, or null
     * @param credential the credential that wrote fields among {@code headers}; null if none did
     * @param echo what of the answer is searched for the credential
     */
    record Forwarded(
            Permitted permitted,
            Map<String, String> headers,
            Set<String> stripped,
            @Nullable Mono<SslContext> certificate,
            @Nullable UpstreamCredential credential,
            Echo echo)
            implements Decided {
        /** The same call with these fields of its credential. */
        public Forwarded renewed(Map<String, String> written) {
            Map<String, String> all = new LinkedHashMap<>(headers);
            all.keySet().removeAll(stripped);
            written.forEach((name, value) -> all.put(HopHeaders.canonical(name), value));
            return new Forwarded(permitted, all, stripped, certificate, credential, echo);
        }

        @Override
        public Granted granted() {
            return permitted.granted();
        }
    }
}
