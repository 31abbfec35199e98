package dev.errand.template;

import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The operations of the loaded catalogues. Immutable and thread-safe. */
public final class CatalogueDirectory implements OperationDirectory {
    private final Map<String, OperationCatalogue> catalogues;
    private final Set<String> faulty;

    public CatalogueDirectory(Collection<OperationCatalogue> catalogues) {
        this(catalogues, Set.of());
    }

    /** @param faulty the names of the catalogues whose files have faults */
    public CatalogueDirectory(Collection<OperationCatalogue> catalogues, Set<String> faulty) {
        this.faulty = Set.copyOf(faulty);
        this.catalogues = catalogues.stream()
                .collect(Collectors.toUnmodifiableMap(OperationCatalogue::name, Function.identity()));
    }

    @Override
    public Optional<Operation> find(String id) {
        return catalogueOf(id).flatMap(catalogue -> catalogue.operation(id));
    }

    @Override
    public Optional<Set<String>> arguments(String id) {
        return catalogueOf(id).flatMap(catalogue -> catalogue.arguments(id));
    }

    private Optional<OperationCatalogue> catalogueOf(String id) {
        return Optional.ofNullable(catalogues.get(id.substring(0, Math.max(0, id.indexOf(':')))));
    }

    @Override
    public Optional<OperationCatalogue> catalogue(String name) {
        return Optional.ofNullable(catalogues.get(name));
    }

    @Override
    public boolean isFaulty(String catalogue) {
        return faulty.contains(catalogue);
    }

    @Override
    public Collection<String> catalogues() {
        return catalogues.keySet();
    }

    @Override
    public Collection<Operation> operations(String name) {
        OperationCatalogue catalogue = catalogues.get(name);
        return catalogue == null ? List.of() : catalogue.reviewed(EnumSet.complementOf(EnumSet.of(Effect.UNREVIEWED)));
    }
}
