package dev.errand.gateway.issuer;

import dev.errand.task.template.Template;
import java.util.Optional;

/** The templates of the running configuration. Thread-safe; replaced whole on reload. */
public interface RunningTemplates {
    /** The template of that name, or empty. */
    Optional<Template> find(String name);

    /** Whether the gateway only observes ({@code errand.mode}). */
    boolean observe();
}
