package dev.errand.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.errand.policy.GoverningPolicies.Found;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Value;
import dev.errand.task.TaskPolicy;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.token.ParameterValue;
import dev.errand.token.RootFacts;
import dev.errand.token.VerifiedChain;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adds the candidates of the running revision to the policies of tasks. Bounded; thread-safe. What a candidate grants
 * is computed once for all tasks with the same parameters, separately for our own tasks and for those of other anchors,
 * whose humans have not consented here.
 */
public final class Candidates {
    private static final int MAX_KEPT = 8_192;

    private final boolean observe;
    private final Cache<Key, Candidacy> candidacies = Caffeine.newBuilder()
            .maximumSize(MAX_KEPT)
            .expireAfterAccess(Duration.ofMinutes(5))
            .executor(Runnable::run)
            .build();

    /**
     * What a candidacy depends on. Catalogues are not included: with other catalogues the candidate is another object.
     */
    private record Key(String candidate, String running, boolean ours, Map<String, ParameterValue> parameters) {}

    /** @param observe whether the gateway only observes */
    public Candidates(boolean observe) {
        this.observe = observe;
    }

    /** The policy that a task of the template starts with. Its candidate sees the task from the first call on. */
    public TaskPolicy ofStart(Template template, Policies running) {
        TaskPolicy policy = template.policy(observe);
        Template candidate = running.candidates().get(template.name());
        return candidate == null ? policy : policy.beside(candidate.policy(observe));
    }

    /** The candidate that judges the calls of a chain's task; null if its template has none. */
    public @Nullable Candidacy of(VerifiedChain chain, Found.Accepted governed, Policies running) {
        Template candidate = running.candidates().isEmpty()
                ? null
                : running.candidates().get(governed.policy().template());
        Template template = governed.template();
        if (candidate == null || template == null) {
            return null;
        }
        Map<String, ParameterValue> parameters = parameters(chain.root(), governed.ours());
        Key key = new Key(candidate.revision(), governed.policy().revision(), governed.ours(), parameters);
        Candidacy known = candidacies.getIfPresent(key);
        if (known != null && known.candidate() == candidate) {
            return known;
        }
        Candidacy made =
                candidacy(candidate, template.spread(running.catalogues().values()), governed, parameters);
        candidacies.put(key, made);
        return made;
    }

    private static Map<String, ParameterValue> parameters(RootFacts root, boolean ours) {
        if (ours) {
            return root.task() == null ? Map.of() : root.task().parameters();
        }
        return root.named() == null ? Map.of() : root.named().parameters();
    }

    /**
     * Whether the running policy reads all values of answers that the candidate's rules use. Values that no running
     * rule uses are not read: to read them an answer is held and a request changed, and a candidate must not cause
     * that.
     */
    public static boolean seesAnswers(Template candidate, TaskPolicy running) {
        SequencePolicy sequence = candidate.enforced().sequence();
        TaskPolicy judging = candidate.enforced();
        return candidate.grants().tools().keySet().stream()
                .allMatch(id -> judging.returns(id).stream().allMatch(name -> {
                    AnswerValues.Named value = new AnswerValues.Named(id, name, Value.ABSENT);
                    boolean flows = judging.flow() != TaskPolicy.Flow.OFF
                            && judging.fixed().returns(id).contains(name);
                    return running.returns(id).contains(name)
                            && (running.sequence().remembers(value) || !sequence.remembers(value))
                            && (!flows || running.flow() != TaskPolicy.Flow.OFF)
                            && (!flows || running.fixed().returns(id).contains(name));
                }));
    }

    private Candidacy candidacy(
            Template candidate, Template template, Found.Accepted governed, Map<String, ParameterValue> parameters) {
        TaskPolicy policy = governed.policy();
        TaskPolicy judging = candidate.policy(observe);
        return candidate.grants().areFilledBy(parameters) && seesAnswers(candidate, policy)
                ? new Candidacy(
                        candidate,
                        policy.beside(governed.ours() ? judging : judging.withoutConsent()),
                        candidate.granted(candidate.grants().normal(parameters)),
                        template.granted(parameters))
                : new Candidacy(candidate, policy, null, null);
    }
}
