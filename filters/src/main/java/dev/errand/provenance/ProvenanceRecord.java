package dev.errand.provenance;

import dev.errand.delegation.Instruction;
import dev.errand.identity.Holder;
import dev.errand.identity.Human;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line of the provenance log. Holds no token, secret or body. */
public sealed interface ProvenanceRecord {
    /** When it was made. */
    Instant time();

    /**
     * One decision, appended before a permitted call is forwarded. A null is a field that does not apply.
     *
     * @param agents the holders of the chain, root first
     * @param holder the thumbprint of the leaf's key
     * @param operations one id per pair
     * @param resources one per pair, in the same order
     * @param argsHash {@code sha-256:} of the JCS form of the arguments
     * @param mode {@code enforce} or {@code observe}
     */
    record Decision(
            String decision,
            Instant time,
            boolean permit,
            @Nullable String code,
            @Nullable String step,
            @Nullable String task,
            @Nullable String template,
            @Nullable String revision,
            @Nullable Human human,
            List<Holder> agents,
            @Nullable String holder,
            @Nullable Instruction instruction,
            List<String> operations,
            List<String> resources,
            @Nullable String argsHash,
            @Nullable String method,
            @Nullable String route,
            @Nullable Map<String, Long> budgets,
            @Nullable String stateBefore,
            @Nullable String stateAfter,
            String mode,
            String gateway,
            @Nullable String traceparent)
            implements ProvenanceRecord {
        public Decision {
            agents = List.copyOf(agents);
            operations = List.copyOf(operations);
            resources = List.copyOf(resources);
        }
    }

    /**
     * What a permitted call came to.
     *
     * @param upstreamStatus the upstream's status, or null if it gave none
     * @param compensated whether the step was given back, no byte having been sent
     */
    record Outcome(
            String decision, Instant time, @Nullable Integer upstreamStatus, long durationMillis, boolean compensated)
            implements ProvenanceRecord {}

    /** Calls refused before their proof verified, beyond the rate that is recorded one by one. */
    record Refused(Instant time, @Nullable String route, String code, long count) implements ProvenanceRecord {}

    /** A change made on the operator port. */
    record Operator(
            Instant time,
            String action,
            @Nullable String task,
            @Nullable String detail) implements ProvenanceRecord {}
}
