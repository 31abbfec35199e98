package dev.errand.gateway.it;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code helm} as it is, inside a task and outside it, against a real kube-apiserver. The grants are those of
 * {@code docs/operations/kubernetes.md}; all that the apiserver executed is what the gateway had named.
 */
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
@Tag("apiserver")
@Tag("helm")
class HelmIT {
    private static final String CHART = KubernetesClients.DISCOVERY + """
              k8s:namespaces.get: {resource: {exact: staging/staging}}
              k8s:secrets.list: {resource: {exact: staging/_none}}
              k8s:secrets.create: {resource: {exact: staging/_none}}
              k8s:secrets.get: {resource: {one_of: [staging/sh.helm.release.v1.hello.v1, staging/sh.helm.release.v1.hello.v2, staging/sh.helm.release.v1.hello.v3]}}
              k8s:secrets.update: {resource: {one_of: [staging/sh.helm.release.v1.hello.v1, staging/sh.helm.release.v1.hello.v2, staging/sh.helm.release.v1.hello.v3]}}
              k8s:secrets.delete: {resource: {one_of: [staging/sh.helm.release.v1.hello.v1, staging/sh.helm.release.v1.hello.v2, staging/sh.helm.release.v1.hello.v3]}}
              k8s:configmaps.create: {resource: {exact: staging/_none}}
              k8s:configmaps.get: {resource: {exact: staging/hello-map}}
              k8s:configmaps.patch: {resource: {exact: staging/hello-map}}
              k8s:configmaps.delete: {resource: {exact: staging/hello-map}}
              k8s:apps/deployments.create: {resource: {exact: staging/_none}}
              k8s:apps/deployments.get: {resource: {exact: staging/hello}}
              k8s:apps/deployments.patch: {resource: {exact: staging/hello}}
              k8s:apps/deployments.delete: {resource: {exact: staging/hello}}
              k8s:apps/replicasets.list: {resource: {exact: staging/_none}}
            """;

    @TempDir
    private static Path directory;

    private static KubernetesClients clients;

    @BeforeAll
    static void start() throws Exception {
        clients = new KubernetesClients(directory);
    }

    @AfterAll
    static void stop() {
        if (clients != null) {
            clients.close();
        }
    }

    @Test
    void helm_installsUpgradesAndUninstalls_insideItsTask() throws Exception {
        clients.written("hello/Chart.yaml", "{apiVersion: v2, name: hello, version: 0.1.0}");
        clients.written("hello/values.yaml", "greeting: hi");
        clients.written("hello/templates/deployment.yaml", KubernetesClients.DEPLOYMENT.formatted("'{{ .Release.Name }}'"));
        String chart =
                clients.written("hello/templates/map.yaml", """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: '{{ .Release.Name }}-map'}
                        data: {greeting: '{{ .Values.greeting }}'}
                        """).getParent().getParent().toString();
        try (FrontedServer fronted = clients.task(CHART);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client helm = clients.helm(proxy, Map.of());
            helm.succeeds("STATUS: deployed", "install", "hello", chart, "--wait", "--timeout", "60s");
            helm.succeeds("hello", "list");
            helm.succeeds("REVISION: 2", "upgrade", "hello", chart, "--set", "greeting=ho");
            helm.succeeds("superseded", "history", "hello");
            helm.succeeds("Rollback was a success", "rollback", "hello", "1");
            helm.succeeds("STATUS: deployed", "status", "hello");

            helm.fails("install", "other", chart);
            helm.fails("list", "-A");
            helm.fails("list", "-n", "default");
            helm.fails("uninstall", "hello", "-n", "default");
            helm.succeeds("uninstalled", "uninstall", "hello", "--wait");
            clients.executedIsNamed(fronted);
        }
    }

    @Test
    void helm_keepsItsReleasesInConfigMaps_whereNoSecretIsGranted() throws Exception {
        clients.written("plain/Chart.yaml", "{apiVersion: v2, name: plain, version: 0.1.0}");
        String chart =
                clients.written("plain/templates/map.yaml", """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: plain-map}
                        data: {greeting: hi}
                        """).getParent().getParent().toString();
        try (FrontedServer fronted = clients.task(KubernetesClients.DISCOVERY + """
                          k8s:configmaps.list: {resource: {exact: staging/_none}}
                          k8s:configmaps.create: {resource: {exact: staging/_none}}
                          k8s:configmaps.get: {resource: {path_containment: staging}}
                          k8s:configmaps.update: {resource: {path_containment: staging}}
                          k8s:configmaps.delete: {resource: {path_containment: staging}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client helm = clients.helm(proxy, Map.of("HELM_DRIVER", "configmap"));
            helm.succeeds("STATUS: deployed", "install", "plain", chart);
            helm.succeeds("plain", "list");
            clients.helm(proxy, Map.of()).fails("list");
            helm.succeeds("uninstalled", "uninstall", "plain");
            clients.executedIsNamed(fronted);
        }
    }
}
