package dev.errand.template;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.operation.OperationCatalogue;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskPolicy;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.ParameterValue;
import dev.errand.token.TaskBounds;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One revision of a task template, compiled. Immutable and thread-safe.
 *
 * @param name its name
 * @param description for people, or null
 * @param text the file as it was read; {@link TemplateParser#parse} makes the same template from it again
 * @param revision {@code sha-256:} and the unpadded base64url digest of the text
 * @param admission who may start a task under it
 * @param lifetime the longest life of a task
 * @param delegation how far a task may be delegated
 * @param grants the operations that a task may call
 * @param limits how often a task may call them
 * @param enforced the policy that judges steps on a task's state
 * @param observed the same policy for a gateway that only observes
 * @param streams the limits of long answers
 * @param candidate whether it is judged beside the running template of its name, and never enforced
 */
public record Template(
        String name,
        @Nullable String description,
        String text,
        String revision,
        Admission admission,
        Duration lifetime,
        DelegationLimits delegation,
        GrantTemplate grants,
        CallLimits limits,
        TaskPolicy enforced,
        TaskPolicy observed,
        StreamLimits streams,
        boolean candidate) {

    /** The policy that judges a step on the state of a task under this revision. */
    public TaskPolicy policy(boolean observe) {
        return observe ? observed : enforced;
    }

    /**
     * The {@code tools} of a root with these parameters; each must match its pattern, see {@link #refusesParameters}.
     */
    public JsonObject tools(Map<String, ParameterValue> parameters) {
        return grants.fill(parameters);
    }

    /**
     * The same template with its lines of {@code catalogue:*} spread over these catalogues, if it was read without any.
     */
    public Template spread(Collection<OperationCatalogue> catalogues) {
        return grants.wide().isEmpty() ? this : with(grants.spread(new CatalogueDirectory(catalogues)));
    }

    /** The same template with a narrower plan in the place of its own. */
    public Template narrowed(SequencePolicy plan) {
        return with(grants, enforced.narrowed(plan), observed.narrowed(plan));
    }

    private Template with(GrantTemplate other) {
        return with(other, enforced, observed);
    }

    private Template with(GrantTemplate other, TaskPolicy enforcing, TaskPolicy observing) {
        return new Template(
                name,
                description,
                text,
                revision,
                admission,
                lifetime,
                delegation,
                other,
                limits,
                enforcing,
                observing,
                streams,
                candidate);
    }

    /**
     * The grant of a root with these parameters that asks for nothing narrower; each parameter must match its pattern.
     */
    public Capability granted(Map<String, ParameterValue> parameters) {
        try {
            return CapabilityParser.parse(
                    new JsonObject(Map.of("tools", tools(parameters))), CapabilityParser.MAX_NESTING);
        } catch (MalformedConstraintException e) {
            throw new IllegalStateException("a template that loaded grants what is malformed", e);
        }
    }

    /** Why these are not valid as the parameters of a task; null if they are. */
    public @Nullable String refusesParameters(Map<String, ParameterValue> parameters) {
        for (var expected : grants.parameters().entrySet()) {
            ParameterValue value = parameters.get(expected.getKey());
            String why = value == null ? "is missing" : expected.getValue().refuses(value);
            if (why != null) {
                return "parameter '" + expected.getKey() + "' " + why;
            }
        }
        for (String name : parameters.keySet()) {
            if (!grants.parameters().containsKey(name)) {
                return "the template has no parameter of a name that was given";
            }
        }
        return null;
    }

    /** The parameters in the form of tokens: a text that is given for a list becomes a list of one. */
    public Map<String, ParameterValue> normal(Map<String, ParameterValue> parameters) {
        Map<String, ParameterValue> normal = new LinkedHashMap<>();
        parameters.forEach((name, value) -> {
            ParameterPattern pattern = grants.parameters().get(name);
            normal.put(name, pattern == null ? value : pattern.normal(value));
        });
        return normal;
    }

    /** The {@code errand_task} details of a root that asks for nothing narrower, without limits that only observe. */
    public TaskBounds bounds() {
        List<TaskBounds.Limit> tokens = limits.task().stream()
                .filter(limit -> !limit.observe())
                .map(Template::tokenLimit)
                .toList();
        return new TaskBounds(
                limits.calls(),
                delegation.maxChildren(),
                tokens,
                enforced.sequence().digest());
    }

    private static TaskBounds.Limit tokenLimit(Bandwidth limit) {
        return new TaskBounds.Limit(limit.capacity(), limit.period().toSeconds());
    }
}
