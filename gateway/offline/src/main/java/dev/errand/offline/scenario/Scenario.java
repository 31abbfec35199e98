package dev.errand.offline.scenario;

import dev.errand.config.Position;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.ParameterValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One scenario: a task of a template, and calls in their order, each with its expected result. Immutable.
 *
 * @param at the scenario's place
 * @param template the template's name
 * @param templateAt the place of that name
 * @param parameters the task's parameters
 * @param parametersAt the place of the parameters
 * @param pinned the values that the start gives to pinned arguments, by operation and name: one value, or a list of
 *     them
 * @param instruction the task's statement about its instruction
 */
public record Scenario(
        Position at,
        String template,
        Position templateAt,
        Map<String, ParameterValue> parameters,
        Position parametersAt,
        Map<String, Map<String, JsonValue>> pinned,
        Instructed instruction,
        List<Call> calls) {
    /** The expected result of a call that passes. */
    public static final String PERMIT = "permit";

    /** The status of a call that was sent and is never answered. */
    public static final int UNKNOWN = 0;

    public Scenario {
        parameters = Map.copyOf(parameters);
        calls = List.copyOf(calls);
        pinned = Map.copyOf(pinned);
    }

    /** A task's statement about its instruction. */
    public enum Instructed {
        /** Nothing. */
        NO,
        /** The place or the digest of the instruction. It is trusted where the template trusts what the agent says. */
        SAID,
        /** The same of an instruction that the agent itself calls untrusted. */
        UNTRUSTED,
        /** An instruction for which the human's own token vouches. */
        TRUSTED;

        /**
         * Whether the task's instruction may be trusted.
         *
         * @param trustAgent whether the template trusts what the agent says of it
         */
        boolean isTrusted(boolean trustAgent) {
            return this == TRUSTED || (this == SAID && trustAgent);
        }
    }

    /**
     * A request as a client sends it.
     *
     * @param method in upper case
     * @param target path and query; the path begins with a slash
     * @param headers the values of each header field
     * @param body empty if there is none
     */
    public record Request(String method, String target, Map<String, List<String>> headers, byte[] body) {
        public Request {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * One call.
     *
     * @param at the call's place
     * @param operation its id; of a request the expected one, empty if none is expected
     * @param operationAt the place of the id
     * @param request the request that the call is, if it was not written as an operation
     * @param resource the resource; empty if it was not written
     * @param arguments the arguments that a grant is checked against, {@code resource} among them
     * @param status the upstream's answer, if the call passes; {@link #UNKNOWN} if it gives none
     * @param body the body of the answer, whose values rules look at; null where none was written
     * @param after the time since the previous call, zero or more
     * @param child who calls: 0 for the root's holder, N for its N-th child
     * @param expect {@link #PERMIT}, or the code of the refusal
     * @param approve what a human decides about the call
     */
    public record Call(
            Position at,
            String operation,
            Position operationAt,
            @Nullable Request request,
            String resource,
            JsonObject arguments,
            int status,
            @Nullable JsonValue body,
            Duration after,
            int child,
            String expect,
            Approve approve) {}

    /** What a human decides about a call about which one is asked. */
    public enum Approve {
        /** Nothing. */
        NOT,
        /** The human lets this call pass. */
        PASS,
        /** The human lets this call and the others of its offer pass. */
        OFFER,
        /** The human refuses it, and with it the next such call. */
        REFUSE
    }
}
