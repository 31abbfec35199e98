package dev.errand.issuer;

import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.template.Template;
import dev.errand.token.Capability;
import dev.errand.token.Instruction;
import dev.errand.token.ParameterValue;
import dev.errand.token.TaskBounds;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a start is granted: the template's grant narrowed by what was asked for.
 *
 * @param template the revision it is granted under, with the narrower plan if there is one
 * @param parameters the task's parameters
 * @param capability the tools
 * @param bounds the {@code errand_task} details
 * @param instruction what instructed the task, with its judged integrity; or null
 * @param lifetimeSeconds how long the task may live
 * @param plan the steps of the narrower plan in their JCS form, or null
 * @param consent what the human agreed to: {@code digest, by, at}; null if the start needed no such consent
 * @param standing the standing errand of which it is a run: {@code id, run}; or null
 */
public record Grant(
        Template template,
        Map<String, ParameterValue> parameters,
        Capability capability,
        TaskBounds bounds,
        @Nullable Instruction instruction,
        long lifetimeSeconds,
        @Nullable String plan,
        @Nullable JsonObject consent,
        @Nullable JsonObject standing) {
    /** The same grant with this lifetime. */
    Grant living(long seconds) {
        return new Grant(template, parameters, capability, bounds, instruction, seconds, plan, consent, standing);
    }

    /** The same grant with a human's consent. */
    Grant agreed(String digest, String by, long atSeconds) {
        JsonObject agreed = new JsonObject(
                Map.of("digest", new JsonString(digest), "by", new JsonString(by), "at", JsonNumber.of(atSeconds)));
        return new Grant(
                template, parameters, capability, bounds, instruction, lifetimeSeconds, plan, agreed, standing);
    }

    /** The same grant with these calls at most, for a run of a standing errand. */
    Grant run(String id, int number, long calls) {
        TaskBounds own = new TaskBounds(
                bounds.calls() == null ? Long.valueOf(calls) : Long.valueOf(Math.min(bounds.calls(), calls)),
                bounds.children(),
                bounds.limits(),
                bounds.sequence(),
                bounds.pinned());
        JsonObject run = new JsonObject(Map.of("id", new JsonString(id), "run", JsonNumber.of(number)));
        return new Grant(template, parameters, capability, own, instruction, lifetimeSeconds, plan, consent, run);
    }
}
