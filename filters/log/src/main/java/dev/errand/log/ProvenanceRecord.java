package dev.errand.log;

import dev.errand.denial.StartReason;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Budgets;
import dev.errand.token.Holders;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One line of the provenance log. Holds no token, secret or body. */
public sealed interface ProvenanceRecord {
    /** When the record was made. */
    Instant time();

    /**
     * One decision, appended before a permitted call is forwarded. A null is a field that does not apply.
     *
     * @param mode {@code enforce} or {@code observe}
     * @param reaction {@code deny}, {@code throttle} or {@code interrupt}: what the violation led to, or would have led
     *     to if it was only observed; null for no violation, and if no template governs the task
     * @param over whether the task would have ended before the call if it were enforced and not only observed
     * @param gatewayName the name of the route at the gateway that asked for the decision; null on the traffic port
     * @param approval the human approval that the call used, or null
     * @param candidate the verdict of the candidate beside the template; null if it is the same as the decision
     * @param waiting for a call that met an open request for approval: how many such calls this record counts, itself
     *     included. 0 for every other call
     */
    record Decision(
            String decision,
            Instant time,
            boolean permit,
            Objection objection,
            Caller caller,
            Request request,
            Position position,
            String mode,
            @Nullable String reaction,
            boolean over,
            String gateway,
            @Nullable String gatewayName,
            @Nullable String traceparent,
            @Nullable Approved approval,
            @Nullable Candidate candidate,
            long waiting)
            implements ProvenanceRecord {}

    /**
     * Why a call is refused, or would be if the objection were not only observed.
     *
     * @param detail what a verified holder was told of it, or would have been; null for any other call
     * @param rule where the plan step or rule that objected was written ({@code file:line}), or null
     */
    record Objection(
            @Nullable String code,
            @Nullable String step,
            @Nullable String detail,
            @Nullable String rule) {
        /** Nothing objects. */
        public static final Objection NONE = new Objection(null, null, null, null);
    }

    /**
     * Who calls, and for whom.
     *
     * @param anchor the issuer of the anchor that speaks for the human; null for our own issuer
     * @param agents the holders of the chain, root first
     * @param holder the thumbprint of the leaf's key
     * @param standing the standing errand of which the task is a run ({@code id, run}), or null
     */
    record Caller(
            @Nullable String task,
            @Nullable String template,
            @Nullable String revision,
            @Nullable Human human,
            @Nullable String anchor,
            Holders agents,
            @Nullable String holder,
            @Nullable Instruction instruction,
            @Nullable JsonObject standing) {
        /** A caller who is not verified. */
        public static final Caller UNVERIFIED =
                new Caller(null, null, null, null, null, Holders.NONE, null, null, null);
    }

    /**
     * What the caller asks for.
     *
     * @param operations one id per pair
     * @param resources one per pair, in the same order
     * @param argsHash {@code sha-256:} of the JCS form of the arguments
     * @param arguments the values that the catalogue lets into the record, by name; of several pairs a list; or null
     * @param removed the names of the headers that the upstream did not get, at most 16
     */
    record Request(
            List<String> operations,
            List<String> resources,
            @Nullable String argsHash,
            @Nullable JsonValue arguments,
            List<String> removed,
            @Nullable String method,
            @Nullable String route) {
        public Request {
            operations = List.copyOf(operations);
            resources = List.copyOf(resources);
            removed = List.copyOf(removed);
        }
    }

    /** What is left of the task's budgets, and its place in the plan before and after the call. */
    record Position(
            @Nullable Budgets budgets,
            @Nullable String before,
            @Nullable String after) {
        /** The call did not reach the task's state. */
        public static final Position UNKNOWN = new Position(null, null, null);
    }

    /**
     * A candidate's verdict on a call that differs from the decision.
     *
     * @param revision {@code sha-256:} digest of the candidate
     * @param code why the candidate would refuse the call, or what it would only observe; null for neither
     * @param detail the sentence that explains the code
     * @param partial whether the candidate does not know all calls of the task, which began before the candidate
     */
    record Candidate(
            String revision,
            boolean permit,
            @Nullable String code,
            @Nullable String detail,
            boolean partial) {}

    /**
     * An approval by humans.
     *
     * @param id the id of the request for approval
     * @param by the humans who approved, in the order of their approvals
     * @param digest {@code sha-256:} and the digest of what they saw; null if the request ended before any replica
     *     looked at it
     * @param offer the calls that they approved at once; null if they approved one call
     */
    record Approved(
            String id,
            List<Human> by,
            @Nullable String digest,
            @Nullable Offered offer) {
        /**
         * Several calls that humans approved at once.
         *
         * @param calls how many calls may pass
         * @param used how many have passed so far
         */
        public record Offered(int calls, int used) {}

        public Approved {
            by = List.copyOf(by);
        }
    }

    /**
     * A change of a request for a human's approval.
     *
     * @param outcome {@code requested, pending, approved, refused, used, given-back} or {@code ended}
     * @param approval the request; for a refusal, with the human who refused
     * @param decision the call that asked for the approval or used it
     * @param human who started the task
     * @param code the code of the objection; null together with the digest
     * @param why the objection, or why the request ended
     * @param expires when the request ends by itself; null together with the digest
     */
    record Approval(
            Instant time,
            String outcome,
            Approved approval,
            @Nullable String decision,
            @Nullable String task,
            @Nullable String template,
            @Nullable String revision,
            @Nullable Human human,
            List<String> operations,
            List<String> resources,
            @Nullable String code,
            String why,
            @Nullable Instant expires,
            String gateway)
            implements ProvenanceRecord {
        public Approval {
            operations = List.copyOf(operations);
            resources = List.copyOf(resources);
        }
    }

    /**
     * The outcome of a permitted call.
     *
     * @param upstreamStatus the upstream's status, or null if it gave none
     * @param compensated whether the step was given back because no byte had been sent
     * @param returned the values of the answer; null if no rule looks at any, and none is recorded
     * @param unseen whether nobody could see the answer: the gateway that sent the call shows none
     */
    record Outcome(
            String decision,
            Instant time,
            @Nullable Integer upstreamStatus,
            long durationMillis,
            boolean compensated,
            @Nullable Returned returned,
            boolean unseen)
            implements ProvenanceRecord {}

    /**
     * Which values of an answer were kept.
     *
     * @param taken how many different values were kept for rules
     * @param dropped how many older values of the task were dropped for them
     * @param values by operation and name, those that the catalogue lets into the record; null for one that the answer
     *     did not have once
     */
    record Returned(int taken, int dropped, JsonObject values) {}

    /**
     * Calls that were refused before their proof verified, beyond the rate up to which each gets a record of its own.
     */
    record Refused(Instant time, @Nullable String route, String code, long count) implements ProvenanceRecord {}

    /** A change made on the operator port. */
    record Operator(
            Instant time,
            EndedBy by,
            String action,
            @Nullable String task,
            @Nullable String detail) implements ProvenanceRecord {}

    /**
     * One start: at the token endpoint, or by the first call of another anchor's root. A repeated request that gets the
     * same answer as before makes no record.
     *
     * @param error the OAuth error that answered a refused start; null for a granted start, and for a call
     * @param reason why the start was refused; null for a granted one
     */
    record Start(
            Instant time, @Nullable String error, @Nullable StartReason reason, StartFacts facts, String gateway)
            implements ProvenanceRecord {}

    /**
     * What became of an agent's request for a task that a human is asked for. It never has a code.
     *
     * @param request the id of the request, {@code sr-} and 22 characters
     * @param what {@code opened, allowed, refused, expired} or {@code used}
     * @param human who allowed or refused it; null before
     * @param digest what a human agrees to
     * @param purpose what the agent says of it
     * @param standing whether it is for many runs
     * @param task the task that it became; null before
     */
    record StartRequest(
            Instant time,
            String request,
            String what,
            String template,
            String revision,
            String agent,
            @Nullable Human human,
            String digest,
            @Nullable String purpose,
            boolean standing,
            @Nullable String task,
            String gateway)
            implements ProvenanceRecord {}

    /**
     * What became of a standing errand: many runs that one human allowed at once.
     *
     * @param id its name, {@code se-} and 22 characters
     * @param what {@code allowed}, {@code run}, {@code refused}, {@code ended} or {@code expired}
     * @param run the number of the run, from 1; null where no run began
     * @param reason why a run was refused, or why an operator ended it; or null
     * @param task the run's task, or null
     * @param by who ended it; null where nobody did
     */
    record Standing(
            Instant time,
            String id,
            String what,
            @Nullable Integer run,
            @Nullable String reason,
            @Nullable String task,
            String template,
            Human human,
            String agent,
            @Nullable EndedBy by,
            String gateway)
            implements ProvenanceRecord {}

    /** Starts that were refused beyond the rate up to which each gets a record of its own. */
    record StartsRefused(Instant time, long count, String gateway) implements ProvenanceRecord {}

    /**
     * A task, or a token and all tokens below it, ended early. Appended once, by the replica that ended it.
     *
     * @param token the hash of the token's signing input; null for the whole task
     * @param holder the thumbprint of the ended token's key; null if nobody presented the token
     * @param state {@code completed} or {@code interrupted}
     * @param decision the denial that led to the end, or null
     * @param why the reason; an operator's reason is private, and holders are told less
     */
    record Ended(
            Instant time,
            String task,
            @Nullable String token,
            @Nullable String holder,
            String state,
            EndedBy by,
            @Nullable String decision,
            @Nullable Human human,
            @Nullable String why)
            implements ProvenanceRecord {}

    /**
     * A credential for one task was obtained, or given back.
     *
     * @param upstream the name under {@code errand.upstreams}
     * @param what {@link #MINTED} or {@link #GIVEN_BACK}
     * @param hash {@code sha-256:} and the digest of the credential as it is sent, without its scheme
     */
    record Credential(Instant time, String task, String upstream, String what, String hash)
            implements ProvenanceRecord {
        /** The credential was obtained. */
        public static final String MINTED = "minted";

        /** The server took the credential back. */
        public static final String GIVEN_BACK = "given-back";
    }

    /**
     * The outcome of delivering a security event to one receiver.
     *
     * @param id the event's {@code jti}
     * @param receiver its configured name
     * @param outcome {@code delivered}, {@code refused} or {@code expired}
     * @param status the receiver's last status, or null if it gave none
     * @param error the receiver's error code (RFC 8935 section 2.4), or null
     * @param attempts how often this process sent the event
     */
    record Event(
            Instant time,
            String event,
            String id,
            String task,
            @Nullable String token,
            String receiver,
            String outcome,
            @Nullable Integer status,
            @Nullable String error,
            int attempts)
            implements ProvenanceRecord {}
}
