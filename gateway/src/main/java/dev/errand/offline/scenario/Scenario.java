package dev.errand.offline.scenario;

import dev.errand.config.Position;
import dev.errand.delegation.ParameterValue;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One scenario as it was written: a task of a template, and calls in their order, each with its expected result.
 * Immutable.
 *
 * @param at where it stands
 * @param template the template's name
 * @param templateAt where that name stands
 * @param parameters of the task
 * @param parametersAt where they stand
 * @param pinned what the start fixes of pinned arguments, by operation and name: one value, or a list of them
 * @param instruction what the task says of its instruction
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
    /** The word for a call that passes. */
    public static final String PERMIT = "permit";

    public Scenario {
        parameters = Map.copyOf(parameters);
        calls = List.copyOf(calls);
        pinned = Map.copyOf(pinned);
    }

    /** What a task says of its instruction. */
    public enum Instructed {
        /** Nothing. */
        NO,
        /** Where it is found, or what its digest is. */
        UNTRUSTED,
        /** The same, and the human's own token or the template vouches for it. */
        TRUSTED
    }

    /**
     * One call.
     *
     * @param at where it stands
     * @param operation its id
     * @param operationAt where the id stands
     * @param resource what it is done to; empty if that was not written
     * @param arguments the arguments that a grant is checked against, {@code resource} among them
     * @param status the upstream's answer, if the call passes
     * @param body the body of the answer, whose values rules look at; null where none was written
     * @param after how long after the call before, zero or more
     * @param child who calls: 0 for the root's holder, N for its N-th child
     * @param expect {@link #PERMIT}, or the code of the refusal
     */
    public record Call(
            Position at,
            String operation,
            Position operationAt,
            String resource,
            JsonObject arguments,
            int status,
            @Nullable JsonValue body,
            Duration after,
            int child,
            String expect) {}
}
