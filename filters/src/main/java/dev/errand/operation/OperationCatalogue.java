package dev.errand.operation;

import dev.errand.config.Position;
import dev.errand.json.Folding;
import dev.errand.operation.header.HeaderRules;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One upstream API's operations, compiled: the four resolvers behind one result. Immutable and thread-safe. */
public interface OperationCatalogue {
    /** The prefix of its operation ids. */
    String name();

    /**
     * Judges the raw request target as the client sent it, before any rewriting (normalisation).
     *
     * @param method as sent
     * @param rawTarget the request-target of the request line
     * @param headers as sent
     * @return why it is refused, or empty
     */
    Optional<String> refuse(String method, String rawTarget, RequestHeaders headers);

    /** The word of the resolver that names its operations. */
    String resolver();

    /** The form that refusals of its calls are written in. */
    RefusalStyle refusals();

    /** The one path below the upstream's root that all its calls have; empty where they have many. */
    default Optional<String> endpoint() {
        return Optional.empty();
    }

    /** What becomes of the headers of a request. */
    HeaderRules headers();

    /** The path templates of the operation of that id whose answers are searched for a credential, below the base path. */
    default List<String> credentialPaths(String id) {
        return List.of();
    }

    /** Which spellings of a resource are one to the server. */
    default Folding folding() {
        return Folding.NONE;
    }

    /** Whether the body names the operation or its arguments, so that it must be read before {@link #resolve}. */
    boolean needsBody(CatalogueRequest request);

    /** The most bytes of body that may be read to decide; a longer one is malformed. */
    int maxBodyBytes();

    /** Names the request that will be sent. */
    Resolution resolve(CatalogueRequest request);

    /** The operation of that id (with prefix), or empty; a template naming an unknown operation does not load. */
    Optional<Operation> operation(String id);

    /**
     * The names of the arguments that a call of the operation of that id may have; empty where the catalogue cannot tell,
     * as of another server's tools.
     */
    Optional<Set<String>> arguments(String id);

    /**
     * The operations of these effects that a {@code *} grant expands to: those that a person has reviewed and that the
     * catalogue can list.
     */
    Set<Operation> reviewed(Set<Effect> effects);

    /** Where the operation of that id (with prefix) is declared, or empty if no file declares it. */
    Optional<Position> declared(String id);

    /** What it took from OpenAPI documents; empty if it imports none. */
    default Optional<ImportReport> imports() {
        return Optional.empty();
    }

    /** The same operations under another prefix, for a second upstream ({@code OperationMapping=vault,as=x}). */
    OperationCatalogue as(String name);
}
