package dev.errand.policy;

import dev.errand.operation.OperationCatalogue;
import dev.errand.task.template.Template;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One consistent revision of catalogues and templates. Immutable; a call keeps the one it began with.
 *
 * @param revision {@code sha-256:} digest over all files it was made of
 * @param catalogues by the prefix of their operation ids
 * @param templates by name
 */
public record Policies(String revision, Map<String, OperationCatalogue> catalogues, Map<String, Template> templates) {
    public Policies {
        catalogues = Map.copyOf(catalogues);
        templates = Map.copyOf(templates);
    }

    /** The catalogue of that prefix, or null. */
    public @Nullable OperationCatalogue catalogue(String prefix) {
        return catalogues.get(prefix);
    }

    /** The template of that name, as it is now. */
    public Optional<Template> template(String name) {
        return Optional.ofNullable(templates.get(name));
    }
}
