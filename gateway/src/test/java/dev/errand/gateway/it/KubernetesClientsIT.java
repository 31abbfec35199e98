package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl} and {@code helm} as they are, inside a task and outside it, against a real kube-apiserver. */
@Tag("apiserver")
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class KubernetesClientsIT {
    @TempDir
    private Path directory;

    @Test
    void kubectlAndHelm_againstKubeApiserver_workInsideTheirTask() throws Exception {
        try (KubernetesApiserver server = KubernetesApiserver.start(directory)) {
            server.call("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"staging\"}}");
            try (FrontedServer fronted = Client.fronted("k8s", server, """
                              "k8s:*": {effects: [read, list]}
                              k8s:configmaps.create: {resource: {path_containment: staging}}
                              k8s:configmaps.patch: {resource: {path_containment: staging}}
                              k8s:configmaps.delete: {resource: {exact: staging/web}}
                              k8s:secrets.list: {resource: {exact: staging/_none}}
                            """);
                    SigningProxy proxy = new SigningProxy(fronted, "")) {
                Map<String, String> home = Map.of("HOME", directory.toString(), "KUBECONFIG", "/dev/null");
                Client kubectl = new Client(
                        proxy,
                        home,
                        List.of(
                                RealServer.program("apiserver", "apiserver/kubectl")
                                        .toString(),
                                "--server=" + proxy.address() + "/k8s"));
                Path manifest = Files.writeString(directory.resolve("map.yaml"), """
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: web, namespace: staging}
                        data: {a: b}
                        """);
                kubectl.succeeds("configmap/web created", "apply", "-f", manifest.toString());
                Files.writeString(manifest, Files.readString(manifest).replace("a: b", "a: c"));
                kubectl.succeeds("configmap/web configured", "apply", "-f", manifest.toString());
                kubectl.succeeds("web", "get", "configmaps", "-n", "staging");
                kubectl.succeeds("c", "get", "cm/web", "-n", "staging", "-o=jsonpath={.data.a}");
                kubectl.fails("delete", "configmap", "kube-root-ca.crt", "-n", "staging");
                kubectl.fails("create", "namespace", "other");
                kubectl.succeeds("deleted", "delete", "configmap", "web", "-n", "staging", "--wait=false");
                Client helm = new Client(
                        proxy,
                        home,
                        List.of(
                                RealServer.program("helm", "helm/helm").toString(),
                                "--kube-apiserver=" + proxy.address() + "/k8s"));
                helm.succeeds("NAME", "list", "-n", "staging");
                helm.fails("list", "-n", "default");
                assertThat(Client.named(fronted))
                        .contains("k8s:configmaps.patch", "k8s:configmaps.create", "k8s:secrets.list");
            }
        }
    }
}
