package dev.errand.operation.kubernetes;

import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request means to an apiserver, by the rules of its own RequestInfoFactory: the verb comes from the path, then
 * from the method, then from {@code watch}.
 *
 * @param verb lower-case
 * @param group the API group; empty for the core group
 * @param resource the resource; null for a path that is none
 * @param subresource or null
 * @param namespace or null
 * @param name or null
 */
record RequestInfo(
        String verb,
        String group,
        @Nullable String resource,
        @Nullable String subresource,
        @Nullable String namespace,
        @Nullable String name) {
    private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");
    private static final String PROXY = "proxy";
    private static final Set<String> PATH_VERBS = Set.of(PROXY, "watch");

    /** No apiserver serves this path. */
    static final class NoSuchRequestException extends Exception {
        private static final long serialVersionUID = 1L;

        NoSuchRequestException(String message) {
            super(message, null, false, false);
        }
    }

    static RequestInfo of(String method, CanonicalPath path, CanonicalQuery query) throws NoSuchRequestException {
        String[] parts = new String[path.size()];
        Arrays.setAll(parts, path::segment);
        List<String> rest = List.of(parts);
        boolean core = rest.size() >= 3 && rest.get(0).equals("api");
        boolean grouped = rest.size() >= 4 && rest.get(0).equals("apis");
        if (!core && !grouped) {
            return new RequestInfo(nonResourceVerb(method), "", null, null, null, null);
        }
        String group = core ? "" : rest.get(1);
        rest = rest.subList(core ? 2 : 3, rest.size());
        String verb = verb(method);
        if (PATH_VERBS.contains(rest.get(0))) {
            boolean reads = verb.equals("get");
            verb = rest.get(0);
            rest = rest.subList(1, rest.size());
            if (rest.isEmpty() || (verb.equals("watch") && !reads)) {
                throw new NoSuchRequestException("nothing to " + verb);
            }
        }
        String namespace = null;
        if (rest.get(0).equals("namespaces") && rest.size() > 1) {
            namespace = rest.get(1);
            if (rest.size() > 2 && !NAMESPACE_SUBRESOURCES.contains(rest.get(2))) {
                rest = rest.subList(2, rest.size());
            }
        }
        if (path.trailingSlash() && !isProxied(verb, rest)) {
            throw new NoSuchRequestException("a resource path has no slash at its end");
        }
        return of(verb, group, namespace, rest, query);
    }

    /** Whether the end of the path is a path inside the object, to which the apiserver passes the request on. */
    private static boolean isProxied(String verb, List<String> rest) {
        return rest.size() >= 3 && rest.get(2).equals(PROXY) && !PATH_VERBS.contains(verb);
    }

    /** The kind, {@code [group/]resource}, without the subresource. */
    String kind() {
        return group.isEmpty() ? String.valueOf(resource) : group + '/' + resource;
    }

    /** Whether the apiserver passes the request on to the object. */
    boolean isProxied() {
        return verb.equals(PROXY) || PROXY.equals(subresource);
    }

    private static RequestInfo of(
            String verb, String group, @Nullable String namespace, List<String> rest, CanonicalQuery query)
            throws NoSuchRequestException {
        boolean proxy = verb.equals(PROXY);
        String subresource = rest.size() >= 3 && !proxy ? rest.get(2) : null;
        if (rest.size() > 3 && !proxy && !rest.get(2).equals(PROXY)) {
            throw new NoSuchRequestException("a path below a subresource");
        }
        String name = rest.size() >= 2 ? rest.get(1) : null;
        if (name == null && verb.equals("get")) {
            String selected = FieldSelector.name(query);
            return new RequestInfo(watches(query) ? "watch" : "list", group, rest.get(0), null, namespace, selected);
        }
        String exact = name == null && verb.equals("delete") ? "deletecollection" : verb;
        return new RequestInfo(exact, group, rest.get(0), subresource, namespace, name);
    }

    private static boolean watches(CanonicalQuery query) {
        String watch = query.get("watch");
        return watch != null && !watch.equals("0") && !watch.equalsIgnoreCase("false");
    }

    private static String verb(String method) throws NoSuchRequestException {
        return switch (method) {
            case "GET", "HEAD" -> "get";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> throw new NoSuchRequestException("no verb has this method");
        };
    }

    private static String nonResourceVerb(String method) throws NoSuchRequestException {
        String verb = verb(method);
        return verb.equals("get") ? verb : method.toLowerCase(Locale.ROOT);
    }
}
