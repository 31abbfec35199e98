package dev.errand.web;

import dev.errand.delegation.Capability;
import dev.errand.delegation.VerifiedChain;
import dev.errand.identity.Holders;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.OperationCall;
import dev.errand.operation.header.HeaderRules;
import dev.errand.operation.jsonrpc.ListAnswer;
import dev.errand.policy.GoverningPolicies.Cap;
import dev.errand.policy.GoverningPolicies.Found.Governed;
import dev.errand.task.ProofClaim;
import dev.errand.task.SessionId;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TokenAccount;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.time.Instant;
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
final class Call {
    private static final String ATTRIBUTE = Call.class.getName();

    // known from the start
    final String decision = DecisionIds.next();
    final long startedNanos = System.nanoTime();
    final String route;
    final String method;
    final String rawTarget;
    final String traceparent;
    /** The revision that judges this call from beginning to end. */
    final Revision revision;
    /** The event loop of the agent's connection. */
    final Scheduler loop;

    // identity and delegation
    @Nullable Presented presented;

    boolean svidRequired;

    /** The verified caller; null until the proof verified. */
    @Nullable Caller caller;

    // operation
    List<OperationCall> calls = List.of();

    /** What becomes of the request's headers: the catalogue's rules, once it is known. */
    HeaderRules headerRules = HeaderRules.COMMON;

    @Nullable String argsHash;

    /** Filters the answer where it lists operations, else null. */
    @Nullable ListAnswer listAnswer;

    /** The prefix of the operations where an answer may give an MCP session, else null. */
    @Nullable String sessionsOf;

    /** The MCP session that the call names, or null. */
    @Nullable SessionId session;

    /** The operations that the leaf does not grant, for the challenge. */
    List<String> lacking = List.of();

    /** A fresh nonce to answer with, where proofs need one. */
    @Nullable String nonce;

    /** The path as the route's filters left it, in the client's spelling. */
    String routedPath = "";

    /** The URL that was decided on and will be sent, spelled exactly so. */
    @Nullable URI target;

    byte @Nullable [] body;

    // demands and step
    boolean limits;
    boolean sequence;

    volatile TaskOutcome.@Nullable Permitted permit;

    /** Whether the call is known to last before it is answered: a WebSocket, or an operation that connects. */
    boolean lasting;

    /** Ends the call when its task ends; null before the caller was verified. */
    LiveCalls.@Nullable Live live;

    /** Whether anybody may have caused this refusal: the proof did not verify, or was a repetition. */
    boolean unverified;

    /** Whether this refusal is only counted, so that a flood fills no log. */
    boolean countedOnly;

    // provenance and credential: the headers that are ours, by lower-case name
    Map<String, String> upstreamHeaders = Map.of();

    /** What the route's credential writes, by canonical name: the client's own are removed. */
    Set<String> strippedHeaders = Set.of();

    /** The TLS context that shows the upstream our client certificate, or null. */
    @Nullable Mono<SslContext> clientCertificate;

    private final AtomicReference<Sending> sending = new AtomicReference<>(Sending.NOT_YET);

    /** Whether the outcome of the step was recorded or given back. */
    boolean settled;

    private final AtomicBoolean outcome = new AtomicBoolean();

    /** Whether a permit is in the log, so that an outcome must follow. */
    boolean forwarded;

    /** When the upstream's answer went on to the agent, {@link System#nanoTime}; 0 before. */
    volatile long answeredNanos;

    /** Whether the answer is an event stream, which has no end of its own. */
    volatile boolean eventStream;

    /** Whether the connection to the agent is a WebSocket by now, which is closed by a frame of its own. */
    volatile boolean upgraded;

    /** A call is sent or given back, never both, whichever thread comes first. */
    private enum Sending {
        NOT_YET,
        SENT,
        GIVEN_BACK
    }

    Call(String route, String method, String rawTarget, String traceparent, Revision revision, Scheduler loop) {
        this.route = route;
        this.method = method;
        this.rawTarget = rawTarget;
        this.traceparent = traceparent;
        this.revision = revision;
        this.loop = loop;
    }

    /**
     * Who calls, proven.
     *
     * @param chain the verified chain
     * @param holders its holders as the record names them, the leaf attested if an SVID proved it
     * @param proof the proof's single use
     * @param taskKey where the task's state is
     * @param taskLabel the task's id as answers and records show it
     * @param accounts what every call is charged to
     * @param policy the template revision that the task runs under
     * @param cap what the operator's template leaves of a root of another anchor, or null
     * @param toolDemand what the proof itself says of the call, or null
     * @param registerUntilMillis for a task of another anchor that this call may begin: when it ends; else 0
     */
    record Caller(
            VerifiedChain chain,
            Holders holders,
            ProofClaim proof,
            TaskKey taskKey,
            String taskLabel,
            List<TokenAccount> accounts,
            TaskPolicy policy,
            @Nullable Cap cap,
            @Nullable ToolDemand toolDemand,
            long registerUntilMillis) {
        /** The same caller, its leaf's workload identity proven by an SVID. */
        Caller withAttestedLeaf() {
            return new Caller(
                    chain,
                    holders.withAttestedLeaf(),
                    proof,
                    taskKey,
                    taskLabel,
                    accounts,
                    policy,
                    cap,
                    toolDemand,
                    registerUntilMillis);
        }

        /** What the operator's template grants of a root of another anchor, or null. */
        @Nullable Capability templateGrant() {
            return cap == null ? null : cap.capability();
        }
    }

    /** One task's policy and accounts, ready for any call under a chain; made once per chain. */
    record Standing(
            TaskKey taskKey, String taskLabel, Holders holders, List<TokenAccount> accounts, Governed governed) {
        /** About what it costs to keep, in bytes. */
        int weight() {
            int weight = 512 + holders.weight();
            for (TokenAccount account : accounts) {
                weight += 256 + 320 * account.limits().size();
            }
            return weight;
        }

        /** The caller of a call that is made now. */
        Caller caller(VerifiedChain chain, ProofClaim proof, @Nullable ToolDemand demand, Instant now) {
            return new Caller(
                    chain,
                    holders,
                    proof,
                    taskKey,
                    taskLabel,
                    accounts,
                    governed.policy(),
                    governed.cap(),
                    demand,
                    governed.registerUntilMillis(now.toEpochMilli()));
        }
    }

    /**
     * A proof that names its tool and arguments (AAT-02 steps 7e, 7f).
     *
     * @param tool the tool, or null
     * @param arguments the arguments, or null
     * @param aatPop whether it is an AAT-PoP, which must name both
     */
    record ToolDemand(@Nullable String tool, @Nullable JsonObject arguments, boolean aatPop) {}

    /** Marks that a byte may be written from now on; false if the call was given back and must not be sent. */
    boolean beginSending() {
        return sending.compareAndSet(Sending.NOT_YET, Sending.SENT) || sending.get() == Sending.SENT;
    }

    /** Marks that the call will not be sent; false if a byte of it may have been written. */
    boolean endUnsent() {
        return sending.compareAndSet(Sending.NOT_YET, Sending.GIVEN_BACK) || sending.get() == Sending.GIVEN_BACK;
    }

    /** Whether its outcome is yet to be recorded; true once: an agent may leave while a failure is told. */
    boolean beginOutcome() {
        return outcome.compareAndSet(false, true);
    }

    void attachTo(ServerWebExchange exchange) {
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** The exchange's call; an {@link IllegalStateException} if identity has not begun one. */
    static Call of(ServerWebExchange exchange) {
        Call call = find(exchange);
        if (call == null) {
            throw new IllegalStateException("no call was begun: TaskIdentity must come first");
        }
        return call;
    }

    static @Nullable Call find(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }

    /** The verified caller; an {@link IllegalStateException} before delegation. */
    Caller caller() {
        if (caller == null) {
            throw new IllegalStateException("the caller is not verified: DelegationChain must come first");
        }
        return caller;
    }
}
