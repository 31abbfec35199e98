package dev.errand.offline.replay;

import dev.errand.identity.SpiffeId;
import dev.errand.task.template.Template;
import org.jspecify.annotations.Nullable;

/** Whether a template would have started a recorded task, as far as the record tells. */
final class Start {
    private Start() {}

    /** Why not, or null. */
    static @Nullable String refusal(Template template, RecordedCall first) {
        String agent = first.root().subject();
        boolean admitted = agent != null
                && SpiffeId.parse(agent).filter(template.admission()::admits).isPresent();
        if (!admitted) {
            return "the template is not for the agent " + first.root().name() + ": the task could not start";
        }
        return template.admission().instruction().require() && !first.instructed()
                ? "the template requires an instruction: the task could not start"
                : null;
    }
}
