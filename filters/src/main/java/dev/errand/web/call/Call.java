package dev.errand.web.call;

import dev.errand.operation.OperationCall;
import dev.errand.operation.header.HeaderRules;
import dev.errand.operation.jsonrpc.ListAnswer;
import dev.errand.task.SessionId;
import dev.errand.task.TaskOutcome;
import dev.errand.web.request.DecisionIds;
import dev.errand.web.route.Revision;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Everything that is known of one call, filled in stage by stage: the one exchange attribute that the filters share.
 * Used by one call only, which moves from thread to thread but is never on two at once.
 */
public final class Call {
    private static final String ATTRIBUTE = Call.class.getName();

    // known from the start
    public final String decision = DecisionIds.next();
    public final long startedNanos = System.nanoTime();
    public final String route;
    public final String method;
    public final String rawTarget;
    public final String traceparent;
    /** The revision that judges this call from beginning to end. */
    public final Revision revision;
    /** The event loop of the agent's connection. */
    public final Scheduler loop;

    // identity and delegation
    public @Nullable Presented presented;

    public boolean svidRequired;

    /** The verified caller; null until the proof verified. */
    public @Nullable Caller caller;

    // operation
    public List<OperationCall> calls = List.of();

    /** What becomes of the request's headers: the catalogue's rules, once it is known. */
    public HeaderRules headerRules = HeaderRules.COMMON;

    public @Nullable String argsHash;

    /** Filters the answer where it lists operations, else null. */
    public @Nullable ListAnswer listAnswer;

    /** The prefix of the operations where an answer may give an MCP session, else null. */
    public @Nullable String sessionsOf;

    /** The MCP session that the call names, or null. */
    public @Nullable SessionId session;

    /** The operations that the leaf does not grant, for the challenge. */
    public List<String> lacking = List.of();

    /** A fresh nonce to answer with, where proofs need one. */
    public @Nullable String nonce;

    /** The path as the route's filters left it, in the client's spelling. */
    public String routedPath = "";

    /** The URL that was decided on and will be sent, spelled exactly so. */
    public @Nullable URI target;

    public byte @Nullable [] body;

    // demands and step
    public boolean limits;
    public boolean sequence;

    public volatile TaskOutcome.@Nullable Permitted permit;

    /** Whether the call is known to last before it is answered: a WebSocket, or an operation that connects. */
    public boolean lasting;

    /** Ends the call when its task ends; null before the caller was verified. */
    public @Nullable Live live;

    /** Whether anybody may have caused this refusal: the proof did not verify, or was a repetition. */
    public boolean unverified;

    /** Whether this refusal is only counted, so that a flood fills no log. */
    public boolean countedOnly;

    // provenance and credential: the headers that are ours, by lower-case name
    public Map<String, String> upstreamHeaders = Map.of();

    /** What the route's credential writes, by canonical name: the client's own are removed. */
    public Set<String> strippedHeaders = Set.of();

    /** The TLS context that shows the upstream our client certificate, or null. */
    public @Nullable Mono<SslContext> clientCertificate;

    private final AtomicReference<Sending> sending = new AtomicReference<>(Sending.NOT_YET);

    /** Whether the outcome of the step was recorded or given back. */
    public boolean settled;

    private final AtomicBoolean outcome = new AtomicBoolean();

    /** Whether a permit is in the log, so that an outcome must follow. */
    public boolean forwarded;

    /** When the upstream's answer went on to the agent, {@link System#nanoTime}; 0 before. */
    public volatile long answeredNanos;

    /** Whether the answer is an event stream, which has no end of its own. */
    public volatile boolean eventStream;

    /** Whether the connection to the agent is a WebSocket by now, which is closed by a frame of its own. */
    public volatile boolean upgraded;

    /** A call is sent or given back, never both, whichever thread comes first. */
    private enum Sending {
        NOT_YET,
        SENT,
        GIVEN_BACK
    }

    public Call(String route, String method, String rawTarget, String traceparent, Revision revision, Scheduler loop) {
        this.route = route;
        this.method = method;
        this.rawTarget = rawTarget;
        this.traceparent = traceparent;
        this.revision = revision;
        this.loop = loop;
    }

    /** Marks that a byte may be written from now on; false if the call was given back and must not be sent. */
    public boolean beginSending() {
        return sending.compareAndSet(Sending.NOT_YET, Sending.SENT) || sending.get() == Sending.SENT;
    }

    /** Marks that the call will not be sent; false if a byte of it may have been written. */
    public boolean endUnsent() {
        return sending.compareAndSet(Sending.NOT_YET, Sending.GIVEN_BACK) || sending.get() == Sending.GIVEN_BACK;
    }

    /** Whether its outcome is yet to be recorded; true once: an agent may leave while a failure is told. */
    public boolean beginOutcome() {
        return outcome.compareAndSet(false, true);
    }

    public void attachTo(ServerWebExchange exchange) {
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** The exchange's call; an {@link IllegalStateException} if identity has not begun one. */
    public static Call of(ServerWebExchange exchange) {
        Call call = find(exchange);
        if (call == null) {
            throw new IllegalStateException("no call was begun: TaskIdentity must come first");
        }
        return call;
    }

    public static @Nullable Call find(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }

    /** The verified caller; an {@link IllegalStateException} before delegation. */
    public Caller caller() {
        if (caller == null) {
            throw new IllegalStateException("the caller is not verified: DelegationChain must come first");
        }
        return caller;
    }
}
