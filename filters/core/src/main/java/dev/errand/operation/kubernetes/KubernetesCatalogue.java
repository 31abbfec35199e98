package dev.errand.operation.kubernetes;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Arguments;
import dev.errand.operation.Canonical;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Declaration;
import dev.errand.operation.Effect;
import dev.errand.operation.JsonBody;
import dev.errand.operation.LabelledCatalogue;
import dev.errand.operation.Labels;
import dev.errand.operation.OperationCall;
import dev.errand.operation.Parameter;
import dev.errand.operation.Resolution;
import dev.errand.operation.kubernetes.RequestInfo.NoSuchRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The operations of a Kubernetes apiserver. The resource of an object is {@code namespace/name}; {@code _cluster} and
 * {@code _none} stand for an absent namespace or name. The resource of another path is the path. Immutable and
 * thread-safe.
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

    KubernetesCatalogue(Declaration declaration, Labels labels, List<Parameter> parameters) {
        super(declaration, labels, parameters);
    }

    /**
     * The options in a DELETE's body replace those in its query. A DELETE that is passed on to an object has no
     * options.
     */
    @Override
    public boolean needsBody(CatalogueRequest request) {
        if (!request.method().equals("DELETE")
                || !(CanonicalPath.parse(request.path(), target().settings())
                        instanceof Canonical.Accepted<CanonicalPath> path)) {
            return false;
        }
        try {
            RequestInfo info = RequestInfo.of(request.method(), path.value(), CanonicalQuery.NONE);
            return info.resource() != null && !info.isProxied();
        } catch (NoSuchRequestException e) {
            return false;
        }
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
            RequestInfo info = RequestInfo.of(request.method(), path, query);
            String resource = info.resource() == null ? path.text() : object(info);
            Arguments arguments = new Arguments(resource);
            String fault = parameters().isEmpty() ? null : arguments.read(parameters(), spaced(query), request);
            DeleteOptions options = DeleteOptions.of(request);
            if (fault == null && options.misnamed()) {
                fault = JsonBody.MISNAMED;
            }
            return fault == null
                    ? new Resolution.Resolved(
                            List.of(call(request, query, info, options, resource, arguments.toJson())),
                            path.text(),
                            query.text())
                    : new Resolution.Malformed(fault);
        } catch (NoSuchRequestException e) {
            return new Resolution.Unknown(String.valueOf(e.getMessage()));
        }
    }

    /** The query as an apiserver reads it: a plus is a space. */
    private static CanonicalQuery spaced(CanonicalQuery query) {
        String text = query.text();
        return text != null
                        && text.indexOf('+') >= 0
                        && CanonicalQuery.parse(text.replace("+", "%20"))
                                instanceof Canonical.Accepted<CanonicalQuery> spaced
                ? spaced.value()
                : query;
    }

    private OperationCall call(
            CatalogueRequest request,
            CanonicalQuery query,
            RequestInfo info,
            DeleteOptions options,
            String resource,
            JsonObject arguments)
            throws NoSuchRequestException {
        String id = id(info);
        if (!Verbs.isId(id)) {
            throw new NoSuchRequestException("no resource has such a name");
        }
        DryRun dryRun = DryRun.of(info, options, query);
        OperationCall own = new OperationCall(labelled(id), resource, arguments, dryRun == DryRun.CERTAIN);
        List<String> verbs = Needs.verbs(info, request, query, options, dryRun);
        if (verbs.isEmpty()) {
            return own;
        }
        List<OperationCall> also = new ArrayList<>(verbs.size());
        for (String verb : verbs) {
            // Selectors decide what a list shows. For other verbs only the name is known.
            JsonObject known = verb.equals("list") ? arguments : resourceOnly(resource);
            String needed = id.substring(0, id.lastIndexOf('.') + 1) + verb;
            also.add(new OperationCall(labelled(needed), resource, known, false));
        }
        return own.needing(also);
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
