package dev.errand.autoconfigure.advice;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.config.Faults;
import dev.errand.policy.Candidates;
import dev.errand.policy.Policies;
import dev.errand.task.record.TaskFormat;
import dev.errand.task.template.ParameterPattern;
import dev.errand.task.template.Template;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Warnings about a candidate template that could judge no call. Pure. */
final class CandidateAdvice {
    private CandidateAdvice() {}

    /** @param errand null if it cannot be read */
    static void give(WrittenTemplate written, Policies policies, @Nullable ErrandProperties errand, Faults faults) {
        Template candidate = written.template();
        Template template = policies.templates().get(candidate.name());
        if (template != null) {
            Map<String, ParameterPattern> given = template.grants().parameters();
            for (String parameter : candidate.grants().parameters().keySet()) {
                if (!given.containsKey(parameter)) {
                    faults.warn(
                            written.at("parameters"),
                            "the candidate needs the parameter '" + parameter + "', which no task of the template '"
                                    + candidate.name() + "' has: all their calls count as unjudged");
                }
            }
        }
        if (template != null && !Candidates.seesAnswers(candidate, template.enforced())) {
            faults.warn(
                    written.at("rules"),
                    "a `from` rule of the candidate looks at values of answers that no rule of the running template looks"
                            + " at, so these values are not read: all calls count as unjudged");
        }
        if (errand != null && errand.state().format() < TaskFormat.RULES) {
            faults.warn(
                    written.at("candidate"),
                    "the candidate judges nothing: `errand.state.format` "
                            + errand.state().format()
                            + " keeps no state of a candidate, so all calls count as unjudged: write "
                            + TaskFormat.RULES + " when all replicas have this build");
        }
    }
}
