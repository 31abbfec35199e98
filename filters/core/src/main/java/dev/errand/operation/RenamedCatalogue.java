package dev.errand.operation;

import dev.errand.json.Folding;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A catalogue under another prefix, for a second upstream of the same kind. Immutable and thread-safe. */
public record RenamedCatalogue(OperationCatalogue original, String name) implements OperationCatalogue {
    @Override
    public String name() {
        return name;
    }

    public OperationCatalogue original() {
        return original;
    }

    @Override
    public Optional<String> refuse(String method, String rawTarget, RequestHeaders headers) {
        return original.refuse(method, rawTarget, headers);
    }

    @Override
    public String resolver() {
        return original.resolver();
    }

    @Override
    public RefusalStyle refusals() {
        return original.refusals();
    }

    @Override
    public Optional<String> endpoint() {
        return original.endpoint();
    }

    @Override
    public HeaderRules headers() {
        return original.headers();
    }

    @Override
    public HeaderRules headers(String id) {
        return id.startsWith(name + ':') ? original.headers(ownId(id)) : original.headers();
    }

    @Override
    public Folding folding() {
        return original.folding();
    }

    @Override
    public boolean readsBodies() {
        return original.readsBodies();
    }

    @Override
    public boolean needsBody(CatalogueRequest request) {
        return original.needsBody(request);
    }

    @Override
    public int maxBodyBytes() {
        return original.maxBodyBytes();
    }

    @Override
    public Resolution resolve(CatalogueRequest request) {
        Resolution found = original.resolve(request);
        if (found instanceof Resolution.Resolved resolved) {
            return resolved.with(resolved.calls().stream()
                    .map(call -> call.renamed(this::renamed))
                    .toList());
        } else if (found instanceof Resolution.Ambiguous ambiguous) {
            return new Resolution.Ambiguous(
                    ambiguous.candidates().stream().map(this::renamed).toList());
        }
        return found;
    }

    @Override
    public Optional<Operation> operation(String id) {
        return id.startsWith(name + ':') ? original.operation(ownId(id)).map(this::renamed) : Optional.empty();
    }

    @Override
    public Optional<Set<String>> arguments(String id) {
        return id.startsWith(name + ':') ? original.arguments(ownId(id)) : Optional.empty();
    }

    @Override
    public Set<String> permissions(String id) {
        return id.startsWith(name + ':') ? original.permissions(ownId(id)) : Set.of();
    }

    @Override
    public Set<Operation> reviewed(Set<Effect> effects) {
        return original.reviewed(effects).stream().map(this::renamed).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public List<OperationForm> forms() {
        return original.forms().stream()
                .map(form -> form.as(renamed(form.id())))
                .toList();
    }

    @Override
    public Optional<ImportReport> imports() {
        return original.imports();
    }

    @Override
    public OperationCatalogue as(String other) {
        return original.as(other);
    }

    private String ownId(String id) {
        return original.name() + id.substring(name.length());
    }

    private String renamed(String id) {
        return name + id.substring(original.name().length());
    }

    private Operation renamed(Operation operation) {
        return operation.as(renamed(operation.id()));
    }
}
