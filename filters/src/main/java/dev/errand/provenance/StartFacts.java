package dev.errand.provenance;

import dev.errand.delegation.Instruction;
import dev.errand.delegation.ParameterValue;
import dev.errand.identity.Human;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a start, granted or refused. Of a refused start null stands for what did not verify, or was not looked at.
 * Immutable.
 *
 * @param task the task's id; null where none began
 * @param template the name of a template that is loaded
 * @param revision the template's {@code sha-256:} revision
 * @param parameters the task's parameters, each good for the template
 * @param agent the SPIFFE ID of the agent, or what a root of another anchor calls it
 * @param instruction what instructed the task, its integrity judged
 * @param expires when the task ends by itself
 */
public record StartFacts(
        @Nullable String task,
        @Nullable String template,
        @Nullable String revision,
        @Nullable Map<String, ParameterValue> parameters,
        @Nullable Human human,
        @Nullable String agent,
        @Nullable Instruction instruction,
        @Nullable Instant expires) {
    /** The facts of a start about which nothing is known. */
    public static final StartFacts NONE = new StartFacts(null, null, null, null, null, null, null, null);

    public StartFacts {
        parameters = parameters == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** The same, the agent verified. */
    public StartFacts byAgent(String verified) {
        return new StartFacts(task, template, revision, parameters, human, verified, instruction, expires);
    }

    /** The same, the human verified. */
    public StartFacts forHuman(Human verified) {
        return new StartFacts(task, template, revision, parameters, verified, agent, instruction, expires);
    }

    /** The same under that template. */
    public StartFacts under(String name, String digest) {
        return new StartFacts(task, name, digest, parameters, human, agent, instruction, expires);
    }

    /** The same with parameters that the template takes. */
    public StartFacts with(Map<String, ParameterValue> good) {
        return new StartFacts(task, template, revision, good, human, agent, instruction, expires);
    }

    /** The same, instructed so. */
    public StartFacts instructed(@Nullable Instruction judged) {
        return new StartFacts(task, template, revision, parameters, human, agent, judged, expires);
    }

    /** The same of a task that began. */
    public StartFacts begun(String id, Instant until) {
        return new StartFacts(id, template, revision, parameters, human, agent, instruction, until);
    }
}
