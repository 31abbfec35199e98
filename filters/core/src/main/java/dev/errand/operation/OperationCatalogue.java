package dev.errand.operation;

import dev.errand.json.Folding;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The compiled operations of one upstream's API. Whatever its resolver, the results have the same form. Immutable and
 * thread-safe.
 */
public interface OperationCatalogue {
    /** The prefix of its operation ids. */
    String name();

    /**
     * Checks the raw request target as the client sent it, before any rewriting (normalisation).
     *
     * @param method as sent
     * @param rawTarget the request-target of the request line
     * @param headers as sent
     * @return why it is refused, or empty
     */
    Optional<String> refuse(String method, String rawTarget, RequestHeaders headers);

    /** The name of its resolver. */
    String resolver();

    /** The form that refusals of its calls are written in. */
    RefusalStyle refusals();

    /** The only path, below the upstream's root, that its calls have; empty if they have several. */
    default Optional<String> endpoint() {
        return Optional.empty();
    }

    /** The rules for the headers of a request as long as its operation is not known: what passes for any operation. */
    HeaderRules headers();

    /** The rules for the headers of a request of the operation of that id. */
    default HeaderRules headers(String id) {
        return headers();
    }

    /** Which spellings of a resource are the same to the server. */
    default Folding folding() {
        return Folding.NONE;
    }

    /** Whether the body names the operation or its arguments, so that it must be read before {@link #resolve}. */
    boolean needsBody(CatalogueRequest request);

    /** Whether {@link #needsBody} may ask for the body of any request. */
    default boolean readsBodies() {
        return true;
    }

    /** The most bytes of a body that are read for the decision; a longer body is malformed. */
    int maxBodyBytes();

    /** Resolves the request that will be sent. */
    Resolution resolve(CatalogueRequest request);

    /** The operation of that id (with prefix), or empty. A template that names an unknown operation does not load. */
    Optional<Operation> operation(String id);

    /**
     * The names of the arguments that a call of the operation of that id may have; empty if the catalogue does not know
     * them, as for tools of an MCP server.
     */
    Optional<Set<String>> arguments(String id);

    /**
     * What the operation of that id needs of a credential that is made for the task, such as {@code contents:write}; empty if it
     * needs nothing, or the catalogue does not say.
     */
    default Set<String> permissions(String id) {
        return Set.of();
    }

    /**
     * The operations of these effects that a {@code *} grant expands to: those that a person has reviewed and that the
     * catalogue can list.
     */
    Set<Operation> reviewed(Set<Effect> effects);

    /** How each operation that the catalogue can list is called, by id; an operation of several paths has one form for each. */
    default List<OperationForm> forms() {
        return reviewed(EnumSet.allOf(Effect.class)).stream()
                .map(operation ->
                        OperationForm.of(operation, arguments(operation.id()).orElse(Set.of())))
                .sorted(Comparator.comparing(OperationForm::id))
                .toList();
    }

    /** What it imported from OpenAPI documents; empty if it imports nothing. */
    default Optional<ImportReport> imports() {
        return Optional.empty();
    }

    /** The same operations under another prefix, for a second upstream ({@code OperationMapping=vault,as=x}). */
    OperationCatalogue as(String name);
}
