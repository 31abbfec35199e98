package dev.errand.operation;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A catalogue whose resolver already knows the operations; the file only labels them. Immutable and thread-safe. Ids in
 * this class do not have the catalogue's prefix.
 */
public abstract class LabelledCatalogue extends DeclaredCatalogue {
    private final Labels labels;
    private final List<Parameter> parameters;
    private final Set<String> arguments;

    protected LabelledCatalogue(Declaration declaration, Labels labels) {
        this(declaration, labels, List.of());
    }

    /**
     * A catalogue with these parameters for all its operations.
     *
     * @param parameters none of them may come from the body
     */
    protected LabelledCatalogue(Declaration declaration, Labels labels, List<Parameter> parameters) {
        super(declaration, parameters);
        this.labels = labels;
        this.parameters = List.copyOf(parameters);
        Set<String> names = new TreeSet<>(Set.of("resource"));
        parameters.forEach(parameter -> names.add(parameter.name()));
        this.arguments = Collections.unmodifiableSet(names);
    }

    /** The parameters that every operation has. */
    protected final List<Parameter> parameters() {
        return parameters;
    }

    protected abstract boolean isId(String id);

    /** The effect of an operation, unless the file gives another. */
    protected abstract Effect effect(String id);

    /** The ids that the resolver can list. */
    protected abstract Set<String> builtIn();

    /** The operation with this id, for which {@link #isId} holds. */
    protected final Operation labelled(String id) {
        Operation operation = labels.operation(name(), id, effect(id));
        return isProtocol(id) ? operation.protocol() : operation;
    }

    /** Whether clients send the operation by themselves, as a message of their protocol. */
    protected boolean isProtocol(String id) {
        return false;
    }

    /** The arguments of a call whose only argument is its resource. */
    protected static JsonObject resourceOnly(String resource) {
        return new JsonObject(Map.of("resource", new JsonString(resource)));
    }

    /** A call of an operation whose only argument is its resource. */
    protected final OperationCall call(String id, String resource, boolean dryRun) {
        return new OperationCall(labelled(id), resource, resourceOnly(resource), dryRun);
    }

    @Override
    public final Optional<Operation> operation(String id) {
        String own = Labels.ownId(name(), id);
        return own != null && isId(own) ? Optional.of(labelled(own)) : Optional.empty();
    }

    @Override
    public Optional<Set<String>> arguments(String id) {
        return operation(id).map(found -> arguments);
    }

    @Override
    public final Set<Operation> reviewed(Set<Effect> effects) {
        Set<String> ids = new HashSet<>(builtIn());
        ids.addAll(labels.effects().keySet());
        return ids.stream()
                .filter(this::isId)
                .map(this::labelled)
                .filter(operation -> effects.contains(operation.effect()))
                .collect(Collectors.toUnmodifiableSet());
    }
}
