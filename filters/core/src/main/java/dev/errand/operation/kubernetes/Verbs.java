package dev.errand.operation.kubernetes;

import dev.errand.operation.Effect;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The operation ids of the Kubernetes resolver, {@code [group/]resource[/subresource].verb}, and their default effects.
 */
final class Verbs {
    static final Set<String> CONNECTING = Set.of("exec", "attach", "portforward", "proxy");

    /**
     * The known API groups without a dot. Other groups without a dot are refused: their ids could equal those of a core
     * subresource.
     */
    static final Set<String> SHORT_GROUPS = Set.of("apps", "batch", "autoscaling", "policy", "extensions");

    private static final Map<String, Effect> EFFECTS = Map.of(
            "get", Effect.READ,
            "list", Effect.LIST,
            "watch", Effect.LIST,
            "create", Effect.WRITE,
            "update", Effect.WRITE,
            "patch", Effect.WRITE,
            "delete", Effect.DELETE,
            "deletecollection", Effect.DELETE,
            "proxy", Effect.CONNECT);

    /**
     * Operations whose effect differs from that of their verb. The answer to a patch or an update of a secret holds the
     * secret, a deletecollection answers with everything that it deletes, and an eviction deletes the pod.
     */
    private static final Map<String, Effect> OF_IDS = Map.of(
            "secrets.patch", Effect.ADMIN,
            "secrets.update", Effect.ADMIN,
            "secrets.deletecollection", Effect.ADMIN,
            "pods/eviction.create", Effect.DELETE);

    private static final Set<String> NON_RESOURCE = Set.of("get", "post", "put", "patch", "delete");

    private static final List<String> BUILT_IN = List.of(
            "pods",
            "services",
            "endpoints",
            "configmaps",
            "secrets",
            "serviceaccounts",
            "events",
            "namespaces",
            "nodes",
            "persistentvolumes",
            "persistentvolumeclaims",
            "replicationcontrollers",
            "resourcequotas",
            "limitranges",
            "apps/deployments",
            "apps/daemonsets",
            "apps/replicasets",
            "apps/statefulsets",
            "apps/controllerrevisions",
            "batch/jobs",
            "batch/cronjobs",
            "autoscaling/horizontalpodautoscalers",
            "policy/poddisruptionbudgets",
            "networking.k8s.io/ingresses",
            "networking.k8s.io/networkpolicies",
            "networking.k8s.io/ingressclasses",
            "rbac.authorization.k8s.io/roles",
            "rbac.authorization.k8s.io/rolebindings",
            "rbac.authorization.k8s.io/clusterroles",
            "rbac.authorization.k8s.io/clusterrolebindings",
            "storage.k8s.io/storageclasses",
            "coordination.k8s.io/leases",
            "discovery.k8s.io/endpointslices");

    private static final List<String> BUILT_IN_SUBRESOURCES = List.of(
            "pods/log.get",
            "pods/status.get",
            "pods/exec.create",
            "pods/exec.get",
            "pods/attach.create",
            "pods/attach.get",
            "pods/portforward.create",
            "pods/portforward.get",
            "pods/eviction.create",
            "apps/deployments/scale.get",
            "apps/deployments/scale.update",
            "apps/deployments/scale.patch",
            "apps/deployments/status.get",
            "apps/statefulsets/scale.get",
            "apps/statefulsets/scale.update",
            "apps/statefulsets/scale.patch",
            "batch/jobs/status.get",
            "serviceaccounts/token.create",
            "nonresource.get");

    private Verbs() {}

    /** Whether the text is an id of this resolver. */
    static boolean isId(String id) {
        int dot = id.lastIndexOf('.');
        if (dot <= 0) {
            return false;
        }
        String verb = id.substring(dot + 1);
        if (id.startsWith("nonresource.")) {
            return NON_RESOURCE.contains(verb) && dot == "nonresource".length();
        }
        String[] parts = id.substring(0, dot).split("/", -1);
        for (String part : parts) {
            if (part.isEmpty()
                    || !part.chars()
                            .allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.')) {
                return false;
            }
        }
        return parts.length <= 3 && EFFECTS.containsKey(verb);
    }

    static Effect effect(String id) {
        Effect own = OF_IDS.get(id);
        if (own != null) {
            return own;
        }
        int dot = id.lastIndexOf('.');
        String subresource = id.substring(id.lastIndexOf('/', dot) + 1, dot);
        if (id.indexOf('/') > 0 && CONNECTING.contains(subresource)) {
            return Effect.EXECUTE;
        } else if (id.startsWith("nonresource.")) {
            return id.endsWith(".get") ? Effect.READ : id.endsWith(".delete") ? Effect.DELETE : Effect.WRITE;
        }
        return EFFECTS.getOrDefault(id.substring(dot + 1), Effect.UNREVIEWED);
    }

    /** The ids of Kubernetes' own resources, to which {@code *} grants expand. */
    static Set<String> builtIn() {
        Set<String> ids = new LinkedHashSet<>(BUILT_IN_SUBRESOURCES);
        for (String resource : BUILT_IN) {
            EFFECTS.keySet().stream()
                    .filter(verb -> !verb.equals("proxy"))
                    .forEach(verb -> ids.add(resource + '.' + verb));
        }
        return ids;
    }
}
