package dev.errand.operation.kubernetes;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.JsonBody;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RenamedCatalogue;
import dev.errand.operation.RequestHeaders;
import dev.errand.operation.Resolution;
import dev.errand.operation.declaration.CatalogueKeys;
import dev.errand.operation.declaration.Declaration;
import dev.errand.operation.declaration.Labels;
import dev.errand.operation.header.HeaderRules;
import dev.errand.operation.kubernetes.RequestInfo.NoSuchRequestException;
import dev.errand.operation.normalise.Canonical;
import dev.errand.operation.normalise.CanonicalPath;
import dev.errand.operation.normalise.CanonicalQuery;
import dev.errand.operation.normalise.Normalisation;
import dev.errand.operation.normalise.Normalisation.EncodedSlash;
import dev.errand.operation.normalise.Normalisation.TrailingSlash;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A Kubernetes apiserver's operations. An object's resource is {@code namespace/name}, {@code _cluster} and {@code _none}
 * standing for what is absent; another path's resource is the path. Immutable and thread-safe.
 */
public final class KubernetesCatalogue implements OperationCatalogue {
    /** Every key of its file, with those below it. */
    public static final Keys KEYS = CatalogueKeys.of("kubernetes");

    /** What a catalogue of this resolver means that says nothing. */
    public static final Normalisation DEFAULTS =
            new Normalisation(EncodedSlash.REJECT, TrailingSlash.DISTINCT, false, true);

    private static final Set<String> SELECTING = Set.of("watch", "fieldSelector", "dryRun");
    private static final Set<String> KNOWN_KEYS = Set.of(
            "watch",
            "fieldSelector",
            "dryRun",
            "labelSelector",
            "limit",
            "continue",
            "resourceVersion",
            "resourceVersionMatch",
            "timeoutSeconds",
            "timeout",
            "pretty",
            "allowWatchBookmarks",
            "sendInitialEvents",
            "fieldManager",
            "fieldValidation",
            "force",
            "gracePeriodSeconds",
            "propagationPolicy",
            "orphanDependents",
            "container",
            "follow",
            "previous",
            "sinceSeconds",
            "sinceTime",
            "timestamps",
            "tailLines",
            "limitBytes",
            "stream",
            "insecureSkipTLSVerifyBackend",
            "command",
            "stdin",
            "stdout",
            "stderr",
            "tty",
            "ports",
            "path");
    private static final Set<String> DRY_RUN_VERBS = Set.of("create", "update", "patch", "delete", "deletecollection");
    private static final Set<String> DRY_RUN_SUBRESOURCES = Set.of("status", "scale");

    private final Declaration declaration;
    private final Labels labels;

    private KubernetesCatalogue(Declaration declaration, Labels labels) {
        this.declaration = declaration;
        this.labels = labels;
    }

    /** Compiles a catalogue file of {@code resolver: kubernetes}; after a fault it is not to be used. */
    public static OperationCatalogue read(Declaration declaration, Faults faults) {
        declaration.map().unknownKeys(faults, KEYS);
        return new KubernetesCatalogue(declaration, Labels.read(declaration.map(), "", Verbs::isId, faults));
    }

    @Override
    public String name() {
        return declaration.name();
    }

    @Override
    public Optional<String> refuse(String method, String rawTarget, RequestHeaders headers) {
        return declaration.target().refuse(rawTarget, headers);
    }

    @Override
    public HeaderRules headers() {
        return declaration.target().headers();
    }

    /** A DELETE's own options, if its body has any, stand above {@code dryRun} in its query. */
    @Override
    public boolean needsBody(CatalogueRequest request) {
        return request.method().equals("DELETE")
                && CanonicalQuery.parse(request.query()) instanceof Canonical.Good<CanonicalQuery> query
                && query.value().get("dryRun") != null;
    }

    @Override
    public int maxBodyBytes() {
        return JsonBody.MAX_BYTES;
    }

    @Override
    public Resolution resolve(CatalogueRequest request) {
        Canonical<CanonicalPath> read =
                CanonicalPath.parse(request.path(), declaration.target().settings());
        if (!(read instanceof Canonical.Good<CanonicalPath> path)) {
            return new Resolution.Malformed(((Canonical.Refused<CanonicalPath>) read).why());
        }
        Canonical<CanonicalQuery> readQuery = CanonicalQuery.parse(request.query());
        if (!(readQuery instanceof Canonical.Good<CanonicalQuery> good)) {
            return new Resolution.Malformed(((Canonical.Refused<CanonicalQuery>) readQuery).why());
        }
        CanonicalQuery query = good.value();
        for (int i = 0; i < query.size(); i++) {
            String key = query.key(i);
            if (SELECTING.contains(key) && (query.isRepeated(key) || !query.isPlain(i))) {
                return new Resolution.Malformed("the query key " + key + " is given twice or holds a +");
            } else if (!declaration.target().settings().openQuery() && !KNOWN_KEYS.contains(key)) {
                return new Resolution.Malformed("a query key that no Kubernetes operation declares");
            }
        }
        try {
            OperationCall call = call(request, path.value(), query);
            return new Resolution.Resolved(List.of(call), path.value().text(), query.text());
        } catch (NoSuchRequestException e) {
            return new Resolution.Unknown(String.valueOf(e.getMessage()));
        }
    }

    private OperationCall call(CatalogueRequest request, CanonicalPath path, CanonicalQuery query)
            throws NoSuchRequestException {
        RequestInfo info = RequestInfo.of(request.method(), path, query);
        String id = id(info);
        if (!Verbs.isId(id)) {
            throw new NoSuchRequestException("no resource has such a name");
        }
        String resource = info.resource() == null ? path.text() : object(info);
        boolean dryRun = "All".equals(query.get("dryRun"))
                && DRY_RUN_VERBS.contains(info.verb())
                && info.resource() != null
                && (info.subresource() == null || DRY_RUN_SUBRESOURCES.contains(info.subresource()))
                && !(request.method().equals("DELETE") && request.body() != null && request.body().length > 0);
        JsonObject arguments = new JsonObject(Map.of("resource", new JsonString(resource)));
        return new OperationCall(labels.operation(name(), id, Verbs.effect(id)), resource, arguments, dryRun);
    }

    private static String id(RequestInfo info) throws NoSuchRequestException {
        if (info.resource() == null) {
            return "nonresource." + info.verb();
        }
        boolean shortGroup = info.group().indexOf('.') < 0;
        if (info.group().isEmpty()
                ? Verbs.SHORT_GROUPS.contains(info.resource())
                : shortGroup && !Verbs.SHORT_GROUPS.contains(info.group())) {
            throw new NoSuchRequestException("an API group that could be taken for a core resource");
        }
        return (info.group().isEmpty() ? "" : info.group() + '/')
                + info.resource()
                + (info.subresource() == null ? "" : '/' + info.subresource())
                + '.'
                + info.verb();
    }

    private static String object(RequestInfo info) throws NoSuchRequestException {
        if ("_cluster".equals(info.namespace()) || "_none".equals(info.name())) {
            throw new NoSuchRequestException("a name that no object can have");
        }
        return (info.namespace() == null ? "_cluster" : info.namespace())
                + '/'
                + (info.name() == null ? "_none" : info.name());
    }

    @Override
    public Optional<Operation> operation(String id) {
        String own = Labels.ownId(name(), id);
        return own != null && Verbs.isId(own)
                ? Optional.of(labels.operation(name(), own, Verbs.effect(own)))
                : Optional.empty();
    }

    @Override
    public Optional<Set<String>> arguments(String id) {
        return operation(id).map(found -> Set.of("resource"));
    }

    @Override
    public Set<Operation> reviewed(Set<Effect> effects) {
        Set<String> ids = Verbs.builtIn();
        ids.addAll(labels.effects().keySet());
        return ids.stream()
                .map(id -> labels.operation(name(), id, Verbs.effect(id)))
                .filter(operation -> effects.contains(operation.effect()))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Optional<Position> declared(String id) {
        String own = Labels.ownId(name(), id);
        return own == null ? Optional.empty() : labels.at(own);
    }

    @Override
    public OperationCatalogue as(String other) {
        return other.equals(name()) ? this : new RenamedCatalogue(this, other);
    }
}
