package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.policy.Candidates;
import dev.errand.template.ParameterPattern;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.util.Map;

/** Warnings about a candidate template that could judge no call. Pure. */
final class CandidateAdvice {
    private CandidateAdvice() {}

    static void give(WrittenTemplate written, Policies policies, Faults faults) {
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
    }
}
