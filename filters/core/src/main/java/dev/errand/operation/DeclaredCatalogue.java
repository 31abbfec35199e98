package dev.errand.operation;

import dev.errand.json.Folding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The common part of all catalogues that are read from files. Immutable and thread-safe. */
public abstract class DeclaredCatalogue implements OperationCatalogue {
    private final String name;
    private final TargetRules target;
    private final String resolver;
    private final RefusalStyle refusals;
    private final AnswerRules answers;
    private final HeaderRules headers;

    /**
     * What the file says of every resolver's catalogue.
     *
     * @param parameters those of any operation; the headers among them pass
     */
    protected DeclaredCatalogue(Declaration declaration, Collection<Parameter> parameters) {
        this.name = declaration.name();
        this.target = declaration.target();
        this.resolver = declaration.resolver();
        this.refusals = declaration.refusals();
        this.answers = declaration.answers();
        this.headers = target.headers().declaring(Parameter.headers(parameters));
    }

    /** What is refused before a request is resolved. */
    protected final TargetRules target() {
        return target;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String resolver() {
        return resolver;
    }

    @Override
    public final RefusalStyle refusals() {
        return refusals;
    }

    @Override
    public Optional<String> refuse(String method, String rawTarget, RequestHeaders headers) {
        return target.refuse(rawTarget, headers);
    }

    @Override
    public final HeaderRules headers() {
        return headers;
    }

    @Override
    public final int maxBodyBytes() {
        return JsonBody.MAX_BYTES;
    }

    @Override
    public final Resolution resolve(CatalogueRequest request) {
        Canonical<CanonicalPath> path = CanonicalPath.parse(request.path(), target.settings());
        if (!(path instanceof Canonical.Accepted<CanonicalPath> goodPath)) {
            return new Resolution.Malformed(((Canonical.Refused<CanonicalPath>) path).why());
        }
        Canonical<CanonicalQuery> query = CanonicalQuery.parse(request.query());
        if (!(query instanceof Canonical.Accepted<CanonicalQuery> goodQuery)) {
            return new Resolution.Malformed(((Canonical.Refused<CanonicalQuery>) query).why());
        }
        Resolution found = resolve(request, goodPath.value(), goodQuery.value());
        if (!(found instanceof Resolution.Resolved resolved)) {
            return found;
        }
        boolean searched = answers.mayShowCredential(goodPath.value())
                && !resolved.calls().stream().allMatch(call -> answersLarge(call.operation()));
        return folded(
                searched
                        ? new Resolution.Resolved(resolved.calls(), resolved.path(), resolved.query(), true)
                        : resolved);
    }

    /** Whether answers of the operation are large and never hold a credential, so that they are not searched. */
    protected boolean answersLarge(Operation operation) {
        return false;
    }

    private Resolution folded(Resolution.Resolved found) {
        if (folding().isNone()) {
            return found;
        }
        List<OperationCall> calls = new ArrayList<>(found.calls().size());
        for (OperationCall call : found.calls()) {
            if (!folding().isCertain(call.resource())) {
                return new Resolution.Malformed(Folding.UNCERTAIN);
            }
            calls.add(call.folded(folding()));
        }
        return found.with(calls);
    }

    @Override
    public final Folding folding() {
        return target.settings().folding();
    }

    /** Resolves the request, whose path and query are in canonical form. */
    protected abstract Resolution resolve(CatalogueRequest request, CanonicalPath path, CanonicalQuery query);

    @Override
    public final OperationCatalogue as(String other) {
        return other.equals(name) ? this : new RenamedCatalogue(this, other);
    }
}
