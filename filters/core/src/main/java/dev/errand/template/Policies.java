package dev.errand.template;

import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RenamedCatalogue;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One consistent revision of catalogues and templates. Immutable; a call keeps the revision it began with.
 *
 * @param revision {@code sha-256:} digest over all files of the configuration
 * @param catalogues by the prefix of their operation ids
 * @param templates by name
 * @param candidates by the name of the template beside which each one is judged
 * @param faulty the names of the catalogues whose files have faults: a revision with any is not to be used
 */
public record Policies(
        String revision,
        Map<String, OperationCatalogue> catalogues,
        Map<String, Template> templates,
        Map<String, Template> candidates,
        Set<String> faulty) {
    /** A revision without candidates and without faults. */
    public Policies(String revision, Map<String, OperationCatalogue> catalogues, Map<String, Template> templates) {
        this(revision, catalogues, templates, Map.of(), Set.of());
    }

    public Policies {
        candidates = Map.copyOf(candidates);
        catalogues = Map.copyOf(catalogues);
        templates = Map.copyOf(templates);
        faulty = Set.copyOf(faulty);
    }

    /** The catalogue of that prefix, or null. */
    public @Nullable OperationCatalogue catalogue(String prefix) {
        return catalogues.get(prefix);
    }

    /** The catalogue of an operation's id, {@code CATALOGUE:NAME}; null if there is none. */
    public @Nullable OperationCatalogue catalogueOf(String id) {
        return catalogues.get(id.substring(0, Math.max(0, id.indexOf(':'))));
    }

    /** The operation of that id; empty if no catalogue has it. */
    public Optional<Operation> operation(String id) {
        OperationCatalogue catalogue = catalogueOf(id);
        return catalogue == null ? Optional.empty() : catalogue.operation(id);
    }

    /**
     * The names of the catalogues, also of those whose files have faults, without the further prefixes that routes give to some
     * of them.
     */
    public Set<String> ownCatalogues() {
        Stream<String> read = catalogues.entrySet().stream()
                .filter(entry -> !(entry.getValue() instanceof RenamedCatalogue))
                .map(Map.Entry::getKey);
        return Stream.concat(read, faulty.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /** The current template of that name. */
    public Optional<Template> template(String name) {
        return Optional.ofNullable(templates.get(name));
    }
}
