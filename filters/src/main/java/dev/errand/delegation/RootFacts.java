package dev.errand.delegation;

import dev.errand.identity.Human;
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
 */
public record RootFacts(
        String anchor,
        Human human,
        @Nullable String actor,
        @Nullable Long authTime,
        @Nullable String acr,
        @Nullable TaskFacts task) {
    /**
     * The {@code task} claim.
     *
     * @param id the task's name, {@code t-} and 22 characters or more
     * @param template the template's name
     * @param revision {@code sha-256:} digest of the template as it was when the task started
     * @param parameters the parameters given at start
     */
    public record TaskFacts(String id, String template, String revision, Map<String, String> parameters) {
        public TaskFacts {
            parameters = Map.copyOf(parameters);
        }
    }
}
