package dev.errand.issuer;

import dev.errand.task.TaskPolicy;
import dev.errand.template.Template;
import java.util.Optional;

/** The templates of the running configuration. Thread-safe; replaced whole on reload. */
public interface RunningTemplates {
    /** The template of that name, or empty. */
    Optional<Template> find(String name);

    /** The policy that a task of the template starts under, with the candidate beside the template, if there is one. */
    TaskPolicy policy(Template template);
}
