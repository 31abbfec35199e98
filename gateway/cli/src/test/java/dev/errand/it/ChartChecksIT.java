package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others' checks say of the chart's golden files: kubeconform by the API's own schemas, kube-score by good practice. */
class ChartChecksIT {
    /**
     * What kube-score calls critical and is not ours to change: no limit of processor time, since a throttled event loop delays
     * all calls that it carries, and what these value sets ask for themselves.
     */
    private static final Map<String, String> ASKED_FOR = Map.of(
            "05-digest", "container-image-pull-policy",
            "06-pull-policy", "container-image-pull-policy",
            "18-without-network-policy", "pod-networkpolicy",
            "22-openshift", "container-security-context-user-group-id",
            "25-decision-socket", "container-image-pull-policy");

    @TempDir
    private Path scratch;

    private static List<Path> golden() throws Exception {
        try (Stream<Path> files = Chart.valueSets()) {
            return files.map(values ->
                            values.getParent().resolveSibling("golden").resolve(values.getFileName()))
                    .toList();
        }
    }

    @Test
    @Tag("kubeconform")
    void golden_conformToTheApisOwnSchemas() throws Exception {
        Path program = RealServer.program("kubeconform", "kubeconform/kubeconform");
        Set<String> kinds = KubernetesSchemas.write(scratch);
        assertThat(kinds).contains("statefulset-apps-v1", "networkpolicy-networking-v1", "pod-v1");
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "-strict",
                "-summary",
                "-schema-location",
                scratch + "/{{.ResourceKind}}{{.KindSuffix}}.json",
                // Not of Kubernetes itself.
                "-skip",
                "ServiceMonitor,PrometheusRule,HTTPRoute,BackendTrafficPolicy"));
        golden().forEach(file -> command.add(file.toString()));
        command.add(Chart.DIRECTORY.resolveSibling("examples").toString());
        ServerProcess.Outcome outcome = ServerProcess.end(new ProcessBuilder(command), "");
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("Invalid: 0, Errors: 0").doesNotContain("Valid: 0,");
    }

    @Test
    @Tag("kubeconform")
    void aWrongMember_doesNotConform() throws Exception {
        Path program = RealServer.program("kubeconform", "kubeconform/kubeconform");
        KubernetesSchemas.write(scratch);
        ServerProcess.Outcome outcome = ServerProcess.end(
                new ProcessBuilder(
                        program.toString(),
                        "-strict",
                        "-schema-location",
                        scratch + "/{{.ResourceKind}}{{.KindSuffix}}.json"),
                "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selectors: {a: b}, ports: [{port: x}]}}");
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.text()).contains("selectors");
    }

    @Test
    @Tag("kube-score")
    void golden_haveNothingCritical_butWhatTheirValuesAskFor() throws Exception {
        Path program = RealServer.program("kube-score", "kube-score/kube-score");
        for (Path file : golden()) {
            List<String> command = new ArrayList<>(
                    List.of(program.toString(), "score", "--output-format", "ci", "--ignore-container-cpu-limit"));
            String asked = ASKED_FOR.get(file.getFileName().toString().replace(".yaml", ""));
            if (asked != null) {
                command.addAll(List.of("--ignore-test", asked));
            }
            command.add(file.toString());
            ServerProcess.Outcome outcome = ServerProcess.end(new ProcessBuilder(command), "");
            assertThat(outcome.text().lines().filter(line -> line.startsWith("[CRITICAL]")))
                    .as(file.toString())
                    .isEmpty();
            assertThat(outcome.exit()).as(outcome.text()).isZero();
        }
    }
}
