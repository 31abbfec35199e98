package dev.errand.log;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.ParameterValue;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The known facts of a start, granted or refused. In a refused start, null stands for a fact that did not verify or was
 * not looked at. Immutable.
 *
 * @param task the task's id; null if no task began
 * @param template the name of a loaded template
 * @param revision the template's {@code sha-256:} revision
 * @param parameters the task's parameters, all of them valid for the template
 * @param agent the SPIFFE ID of the agent, or the name that a root of another anchor gives it
 * @param instruction the instruction of the task, after its integrity was checked
 * @param expires when the task ends by itself
 * @param consent what the human agreed to, as the root says it
 * @param standing the standing errand of which the task is a run, as the root says it
 */
public record StartFacts(
        @Nullable String task,
        @Nullable String template,
        @Nullable String revision,
        @Nullable Map<String, ParameterValue> parameters,
        @Nullable Human human,
        @Nullable String agent,
        @Nullable Instruction instruction,
        @Nullable Instant expires,
        @Nullable JsonObject consent,
        @Nullable JsonObject standing) {
    /** The facts of a start about which nothing is known. */
    public static final StartFacts NONE = new StartFacts(null, null, null, null, null, null, null, null, null, null);

    public StartFacts {
        parameters = parameters == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** A copy with the verified agent. */
    public StartFacts byAgent(String verified) {
        return new StartFacts(
                task, template, revision, parameters, human, verified, instruction, expires, consent, standing);
    }

    /** A copy with the verified human. */
    public StartFacts forHuman(Human verified) {
        return new StartFacts(
                task, template, revision, parameters, verified, agent, instruction, expires, consent, standing);
    }

    /** A copy with this template. */
    public StartFacts under(String name, String digest) {
        return new StartFacts(task, name, digest, parameters, human, agent, instruction, expires, consent, standing);
    }

    /** A copy with these parameters, which the template accepts. */
    public StartFacts with(Map<String, ParameterValue> good) {
        return new StartFacts(task, template, revision, good, human, agent, instruction, expires, consent, standing);
    }

    /** A copy with this instruction. */
    public StartFacts instructed(@Nullable Instruction judged) {
        return new StartFacts(task, template, revision, parameters, human, agent, judged, expires, consent, standing);
    }

    /** A copy with what the human agreed to, and the standing errand of which the task is a run. */
    public StartFacts consented(@Nullable JsonObject agreed, @Nullable JsonObject errand) {
        return new StartFacts(task, template, revision, parameters, human, agent, instruction, expires, agreed, errand);
    }

    /** A copy with the task that began and its end. */
    public StartFacts begun(String id, Instant until) {
        return new StartFacts(id, template, revision, parameters, human, agent, instruction, until, consent, standing);
    }
}
