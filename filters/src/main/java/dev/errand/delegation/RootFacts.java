package dev.errand.delegation;

import dev.errand.identity.Human;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What only a root says, and says with its anchor's authority.
 *
 * @param anchor the issuer of the anchor that signed it
 * @param human on whose behalf the task runs
 * @param actor the workload it was issued to ({@code act.sub})
 * @param authTime when the human authenticated, epoch seconds
 * @param acr how
 * @param task the task that our own issuer started; null for a root of another anchor
 * @param named the template that a root of another anchor names, a label until the anchor's own cap judges it
 * @param texts the claims of a root of another anchor that are a string or a list of strings, by which a template may judge
 *     its human; empty for one of our own
 */
public record RootFacts(
        String anchor,
        Human human,
        @Nullable String actor,
        @Nullable Long authTime,
        @Nullable String acr,
        @Nullable TaskFacts task,
        @Nullable NamedTemplate named,
        JsonObject texts) {
    /** The facts of a root that names no template as another anchor's would. */
    public RootFacts(
            String anchor,
            Human human,
            @Nullable String actor,
            @Nullable Long authTime,
            @Nullable String acr,
            @Nullable TaskFacts task) {
        this(anchor, human, actor, authTime, acr, task, null, JsonObject.EMPTY);
    }

    /** The anchor's issuer where the root is another anchor's; null for one of our own issuer, which names its task. */
    public @Nullable String otherAnchor() {
        return task == null ? anchor : null;
    }

    /**
     * What a root of another anchor says of its template.
     *
     * @param template its name
     * @param parameters the parameters it was given
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
