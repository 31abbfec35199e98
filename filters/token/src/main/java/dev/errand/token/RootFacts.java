package dev.errand.token;

import dev.errand.json.JsonValue.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claims that only a root has, on its anchor's authority.
 *
 * @param anchor the issuer of the anchor that signed it
 * @param human on whose behalf the task runs
 * @param actor the workload it was issued to ({@code act.sub})
 * @param task the task that our own issuer started; null for a root of another anchor
 * @param named the template that a root of another anchor names; only a label until the anchor's cap admits it
 * @param texts the claims of another anchor's root that are a string or a list of strings: a template may check its
 *     human by them; empty for one of our own
 * @param consent what the human agreed to, as our own issuer says it ({@code digest, by, at}); or null
 * @param standing the standing errand of which the task is a run, as our own issuer says it ({@code id, run}); or null
 */
public record RootFacts(
        String anchor,
        Human human,
        @Nullable String actor,
        @Nullable TaskFacts task,
        @Nullable NamedTemplate named,
        JsonObject texts,
        @Nullable JsonObject consent,
        @Nullable JsonObject standing) {
    /**
     * The issuer of the root's anchor if that is not our own issuer; else null. A root of our own issuer names its
     * task.
     */
    public @Nullable String otherAnchor() {
        return task == null ? anchor : null;
    }

    /**
     * The template that a root of another anchor names.
     *
     * @param template its name
     * @param parameters its parameters
     */
    public record NamedTemplate(String template, Map<String, ParameterValue> parameters) {
        public NamedTemplate {
            parameters = Map.copyOf(parameters);
        }
    }

    /**
     * The {@code task} claim.
     *
     * @param id the task's name, {@code t-} and 22 characters or more
     * @param template the template's name
     * @param revision {@code sha-256:} digest of the template as it was when the task started
     * @param parameters the parameters given at start
     */
    public record TaskFacts(String id, String template, String revision, Map<String, ParameterValue> parameters) {
        public TaskFacts {
            parameters = Map.copyOf(parameters);
        }
    }
}
