package dev.errand.operation.kubernetes;

import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.operation.Resolution;
import dev.errand.operation.declaration.Declaration;
import dev.errand.operation.declaration.LabelledCatalogue;
import dev.errand.operation.declaration.Labels;
import dev.errand.operation.kubernetes.RequestInfo.NoSuchRequestException;
import dev.errand.operation.normalise.Canonical;
import dev.errand.operation.normalise.CanonicalPath;
import dev.errand.operation.normalise.CanonicalQuery;
import java.util.List;
import java.util.Set;

/**
 * A Kubernetes apiserver's operations. An object's resource is {@code namespace/name}, {@code _cluster} and {@code _none}
 * standing for what is absent; another path's resource is the path. Immutable and thread-safe.
 */
public final class KubernetesCatalogue extends LabelledCatalogue {
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

    KubernetesCatalogue(Declaration declaration, Labels labels) {
        super(declaration, labels);
    }

    /** A DELETE's own options, if its body has any, stand above {@code dryRun} in its query. */
    @Override
    public boolean needsBody(CatalogueRequest request) {
        return request.method().equals("DELETE")
                && CanonicalQuery.parse(request.query()) instanceof Canonical.Accepted<CanonicalQuery> query
                && query.value().get("dryRun") != null;
    }

    @Override
    protected Resolution resolve(CatalogueRequest request, CanonicalPath path, CanonicalQuery query) {
        for (int i = 0; i < query.size(); i++) {
            String key = query.key(i);
            if (SELECTING.contains(key) && (query.isRepeated(key) || !query.isPlain(i))) {
                return new Resolution.Malformed("the query key " + key + " is given twice or holds a +");
            } else if (!target().settings().openQuery() && !KNOWN_KEYS.contains(key)) {
                return new Resolution.Malformed("a query key that no Kubernetes operation declares");
            }
        }
        try {
            OperationCall call = call(request, path, query);
            return new Resolution.Resolved(List.of(call), path.text(), query.text());
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
        return call(id, resource, dryRun);
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
    protected boolean isId(String id) {
        return Verbs.isId(id);
    }

    @Override
    protected Effect effect(String id) {
        return Verbs.effect(id);
    }

    @Override
    protected Set<String> builtIn() {
        return Verbs.builtIn();
    }
}
