package dev.errand.offline.replay;

import dev.errand.template.ParameterPattern;
import dev.errand.template.Template;
import dev.errand.token.ParameterValue;
import dev.errand.token.SpiffeId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells whether a recorded task could have started under a template, as far as the record shows. */
final class Start {
    private Start() {}

    /** Why the task could not have started, or null. */
    static @Nullable String refusal(Template template, RecordedTask task) {
        RecordedCall first = task.calls().get(0);
        String agent = first.root().subject();
        boolean admitted = agent != null
                && SpiffeId.parse(agent).filter(template.admission()::admits).isPresent();
        if (!admitted) {
            return "the template is not for the agent " + first.root().name() + ": the task could not start";
        }
        return template.admission().instruction().require() && !first.instructed()
                ? "the template requires an instruction: the task could not start"
                : offPattern(template, task.parameters());
    }

    /** Why a recorded parameter does not fit, or null. Parameters that only one of the two revisions declares are ignored. */
    private static @Nullable String offPattern(Template template, @Nullable Map<String, ParameterValue> recorded) {
        if (recorded == null) {
            return null;
        }
        for (Map.Entry<String, ParameterPattern> declared :
                template.grants().parameters().entrySet()) {
            ParameterValue value = recorded.get(declared.getKey());
            if (value != null && declared.getValue().refuses(value) != null) {
                return "the template takes no such value of the parameter '" + declared.getKey()
                        + "': the task could not start";
            }
        }
        return null;
    }
}
