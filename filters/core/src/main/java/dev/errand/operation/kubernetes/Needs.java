package dev.errand.operation.kubernetes;

import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.CatalogueRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The further operations on the same object that must be granted for a request. */
final class Needs {
    /**
     * The kinds whose update creates the object if there is none: those with {@code AllowCreateOnUpdate} in the
     * registry of Kubernetes 1.35.
     */
    private static final Set<String> CREATED_BY_UPDATE = Set.of(
            "endpoints",
            "events",
            "limitranges",
            "services",
            "coordination.k8s.io/leasecandidates",
            "coordination.k8s.io/leases",
            "events.k8s.io/events",
            "node.k8s.io/runtimeclasses",
            "rbac.authorization.k8s.io/clusterrolebindings",
            "rbac.authorization.k8s.io/clusterroles",
            "rbac.authorization.k8s.io/rolebindings",
            "rbac.authorization.k8s.io/roles");

    private static final Set<String> SHOWING = Set.of("update", "patch", "delete");

    private Needs() {}

    /**
     * The verbs of the further operations: {@code create} if the request may create the object; {@code get} or
     * {@code list} if the answer shows it, as after a dry run, or a deletion that keeps the object for a while. Empty
     * for most requests.
     */
    static List<String> verbs(
            RequestInfo info, CatalogueRequest request, CanonicalQuery query, DeleteOptions options, DryRun dryRun) {
        String shown = null;
        if (dryRun != DryRun.NONE) {
            shown = info.verb().equals("deletecollection") ? "list" : SHOWING.contains(info.verb()) ? "get" : null;
        } else if (keeps(info, query, options)) {
            shown = "get";
        }
        if (creates(info, request)) {
            return shown == null ? List.of("create") : List.of("create", shown);
        }
        return shown == null ? List.of() : List.of(shown);
    }

    /** Whether the request deletes one object in such a way that the apiserver may answer with that object. */
    private static boolean keeps(RequestInfo info, CanonicalQuery query, DeleteOptions options) {
        return info.verb().equals("delete") && info.resource() != null && !info.isProxied() && options.keep(query);
    }

    /**
     * Whether the request may create the object. Only an object itself can be created, and none of its subresources.
     */
    private static boolean creates(RequestInfo info, CatalogueRequest request) {
        if (info.resource() == null || info.subresource() != null) {
            return false;
        }
        return switch (info.verb()) {
            case "patch" -> isApply(request.headers().values("Content-Type"));
            case "update" -> isCreatedByUpdate(info.kind());
            default -> false;
        };
    }

    /** Whether an update of this kind, {@code [group/]resource}, creates the object if there is none. */
    static boolean isCreatedByUpdate(String kind) {
        return CREATED_BY_UPDATE.contains(kind);
    }

    /** Whether the type is {@code application/apply-patch+yaml}, or the same for CBOR. */
    private static boolean isApply(List<String> types) {
        return types.stream().anyMatch(type -> type.toLowerCase(Locale.ROOT).contains("apply-patch"));
    }
}
