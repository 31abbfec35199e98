package dev.errand.it;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code helm} as it is, inside a task and outside it, against a real kube-apiserver. The grants are those of
 * {@code docs/operations/kubernetes.md}; all that the apiserver executed is what the gateway had named.
 */
@Tag("apiserver")
@Tag("helm")
class HelmIT {
    private static final String CHART =
            KubernetesClients.PAGE.grants("# helm install, list, upgrade, history, rollback, status, uninstall");
    private static final String CONFIG_MAPS =
            KubernetesClients.PAGE.grants("# HELM_DRIVER=configmap helm install, list, uninstall");

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
        clients.written(
                "hello/templates/deployment.yaml", KubernetesClients.DEPLOYMENT.formatted("'{{ .Release.Name }}'"));
        String chart = clients.written("hello/templates/map.yaml", """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: '{{ .Release.Name }}-map'}
                        data: {greeting: '{{ .Values.greeting }}'}
                        """)
                .getParent()
                .getParent()
                .toString();
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
        String chart = clients.written("plain/templates/map.yaml", """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: plain-map}
                        data: {greeting: hi}
                        """)
                .getParent()
                .getParent()
                .toString();
        try (FrontedServer fronted = clients.task(CONFIG_MAPS);
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
