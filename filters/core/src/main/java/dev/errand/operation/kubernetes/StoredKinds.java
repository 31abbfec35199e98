package dev.errand.operation.kubernetes;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kinds that the apiserver of Kubernetes 1.35 stores, those of its alpha and beta APIs among them. The apiserver
 * executes a request for any other kind also as a dry run: a review answers at once, and a custom resource or an API of
 * another server may not know the option. Thread-safe.
 */
final class StoredKinds {
    /** Each line is a group, which is empty for the core group, and the resources of its kinds. */
    private static final Set<String> ALL = Stream.of(
                    ": configmaps endpoints events limitranges namespaces nodes persistentvolumeclaims"
                            + " persistentvolumes pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts"
                            + " services",
                    "admissionregistration.k8s.io: mutatingadmissionpolicies mutatingadmissionpolicybindings"
                            + " mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings"
                            + " validatingwebhookconfigurations",
                    "apiextensions.k8s.io: customresourcedefinitions",
                    "apiregistration.k8s.io: apiservices",
                    "apps: controllerrevisions daemonsets deployments replicasets statefulsets",
                    "autoscaling: horizontalpodautoscalers",
                    "batch: cronjobs jobs",
                    "certificates.k8s.io: certificatesigningrequests clustertrustbundles podcertificaterequests",
                    "coordination.k8s.io: leasecandidates leases",
                    "discovery.k8s.io: endpointslices",
                    "events.k8s.io: events",
                    "flowcontrol.apiserver.k8s.io: flowschemas prioritylevelconfigurations",
                    "internal.apiserver.k8s.io: storageversions",
                    "networking.k8s.io: ingressclasses ingresses ipaddresses networkpolicies servicecidrs",
                    "node.k8s.io: runtimeclasses",
                    "policy: poddisruptionbudgets",
                    "rbac.authorization.k8s.io: clusterrolebindings clusterroles rolebindings roles",
                    "resource.k8s.io: deviceclasses devicetaintrules resourceclaims resourceclaimtemplates"
                            + " resourceslices",
                    "scheduling.k8s.io: priorityclasses workloads",
                    "storage.k8s.io: csidrivers csinodes csistoragecapacities storageclasses volumeattachments"
                            + " volumeattributesclasses",
                    "storagemigration.k8s.io: storageversionmigrations")
            .flatMap(StoredKinds::kinds)
            .collect(Collectors.toUnmodifiableSet());

    private StoredKinds() {}

    private static Stream<String> kinds(String line) {
        int colon = line.indexOf(':');
        String group = colon == 0 ? "" : line.substring(0, colon) + '/';
        return Arrays.stream(line.substring(colon + 2).split(" ")).map(resource -> group + resource);
    }

    /** Whether the apiserver stores the objects of this kind, {@code [group/]resource}. */
    static boolean contains(String kind) {
        return ALL.contains(kind);
    }
}
