package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

/**
 * The chart as helm renders it: what each of the value sets in {@code deploy/helm/tests} comes to, and what the schema refuses.
 * {@code -Dgolden.write=true} writes the golden files anew.
 */
@Tag("helm")
class ChartIT {
    private static final Path TESTS = Chart.DIRECTORY.resolveSibling("tests");

    @TempDir
    private static Path scratch;

    static Stream<Path> valueSets() throws IOException {
        return Chart.valueSets();
    }

    @Test
    void valueSets_areTwentyAtLeast() throws IOException {
        assertThat(valueSets()).hasSizeGreaterThanOrEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("valueSets")
    void valueSet_isWithoutALint_andRendersItsGoldenFile(Path values) throws Exception {
        Chart.helm("lint", "--strict", Chart.DIRECTORY.toString(), "-f", values.toString());
        String rendered = Chart.render("agents", values);
        Path golden = TESTS.resolve("golden").resolve(values.getFileName());
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(golden, rendered);
        }
        assertThat(rendered).isEqualTo(Files.readString(golden));
    }

    /** A kubelet changes a folder that is mounted whole. A file that is mounted by {@code subPath} stays what it was. */
    @ParameterizedTest
    @MethodSource("valueSets")
    void mounts_areWholeFolders_whichAKubeletChanges(Path values) throws Exception {
        List<Map<?, ?>> mounts = new ArrayList<>();
        for (Map<?, ?> object : Chart.objects(Chart.render("agents", values))) {
            if ("StatefulSet".equals(object.get("kind"))) {
                Map<?, ?> spec = (Map<?, ?>) ((Map<?, ?>) ((Map<?, ?>) object.get("spec")).get("template")).get("spec");
                for (Object container : (List<?>) spec.get("containers")) {
                    Object mounted = ((Map<?, ?>) container).get("volumeMounts");
                    if (mounted instanceof List<?> list) {
                        list.forEach(one -> mounts.add((Map<?, ?>) one));
                    }
                }
            }
        }
        assertThat(mounts)
                .anyMatch(mount -> "/etc/errand".equals(mount.get("mountPath")))
                .noneMatch(mount -> mount.containsKey("subPath") || mount.containsKey("subPathExpr"));
    }

    @Test
    void valuesOfThePageOfOtherGateways_makeTheServiceThatItNames() throws Exception {
        Path values = Files.writeString(
                scratch.resolve("decisions.yaml"), new Page("docs/behind/others.md").block("decisionService:"));
        assertThat(Chart.objects(Chart.render("agents", values)))
                .anyMatch(object -> "Service".equals(object.get("kind"))
                        && "agents-errand-decisions".equals(((Map<?, ?>) object.get("metadata")).get("name")));
    }

    static Stream<Map<?, ?>> refused() throws IOException {
        return ((List<?>) Chart.yaml(TESTS.resolve("refused.yaml"))).stream().map(one -> (Map<?, ?>) one);
    }

    @Test
    void refusedValues_areTwentyAtLeast() throws IOException {
        assertThat(refused()).hasSizeGreaterThanOrEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void wrongValue_isRefusedByTheSchema_whichNamesIt(Map<?, ?> one) throws Exception {
        Path values = Files.writeString(
                scratch.resolve("values.yaml"),
                new Dump(DumpSettings.builder().build()).dumpToString(one.get("values")));
        ServerProcess.Outcome outcome =
                Chart.tried("template", "agents", Chart.DIRECTORY.toString(), "-f", values.toString());
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.text())
                .contains("values don't meet the specifications of the schema")
                .contains(String.valueOf(one.get("says")));
    }

    @Test
    void filesWithoutTheMainOne_andReplicasThatCrossed_areRefusedWithASentence() throws Exception {
        assertThat(Chart.tried("template", "a", Chart.DIRECTORY.toString(), "--set", "config.files.other=x"))
                .satisfies(outcome -> assertThat(outcome.exit()).isEqualTo(1))
                .satisfies(outcome -> assertThat(outcome.text()).contains("config.files must have application.yaml"));
        assertThat(Chart.tried(
                        "template",
                        "a",
                        Chart.DIRECTORY.toString(),
                        "--set",
                        "autoscaling.enabled=true",
                        "--set",
                        "autoscaling.minReplicas=7"))
                .satisfies(outcome -> assertThat(outcome.exit()).isEqualTo(1))
                .satisfies(outcome -> assertThat(outcome.text())
                        .contains("autoscaling.minReplicas (7) is more than autoscaling.maxReplicas (6)"));
    }

    static Stream<List<String>> contradictions() {
        return Stream.of(
                List.of(
                        "properties[0]=--errand.keys=file:/etc/errand/keys",
                        "properties sets errand.keys, which the chart sets"),
                List.of(
                        "properties[0]=--ERRAND.STATE.pass-word=file:/x",
                        "properties sets ERRAND.STATE.pass-word, which the chart sets"),
                List.of("serviceMonitor.enabled=true", "networkPolicy.operators is empty: add the peer"),
                List.of("decisionService.by=service", "which needs mutual TLS: set decisionService.tlsSecret"),
                List.of(
                        "decisionService.by=service,decisionService.tlsSecret=a,decisionService.names[0]=b",
                        "networkPolicy.decisions is empty: add the peer"),
                List.of("decisionService.by=socket", "extraContainers has no gateway that could ask there"),
                List.of("decisionService.tlsSecret=a", "are for decisionService.by: service"),
                List.of("redis.username=errand", "redis.username needs redis.passwordKey"),
                List.of(
                        "redis.url=redis://redis:6379,redis.authoritiesKey=ca.crt",
                        "redis.url has an address without it: write rediss://"));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void valuesThatContradictEachOther_areRefusedWithASentence(List<String> one) throws Exception {
        ServerProcess.Outcome outcome =
                Chart.tried("template", "agents", Chart.DIRECTORY.toString(), "--set", one.get(0));
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.text()).contains(one.get(1));
    }

    /** Null takes the default away, so that OpenShift chooses user and groups. */
    @Test
    void openShift_choosesUserAndGroups() throws Exception {
        String rendered = Chart.render("agents", TESTS.resolve("values/22-openshift.yaml"));
        assertThat(rendered).contains("runAsNonRoot: true").doesNotContain("runAsUser:", "runAsGroup:", "fsGroup:");
    }

    /** What {@code deploy/helm/values-from} makes of the shipped configuration is what is mounted. */
    @Test
    void valuesFrom_theShippedConfiguration_areItsFiles() throws Exception {
        Path values = Files.writeString(
                scratch.resolve("shipped.yaml"),
                Chart.valuesFrom(RunningGateway.repository().resolve("config")));
        Map<?, ?> map = Chart.objects(Chart.render("agents", values)).stream()
                .filter(object -> "ConfigMap".equals(object.get("kind")))
                .findFirst()
                .orElseThrow();
        Map<?, ?> data = (Map<?, ?>) map.get("data");
        assertThat(data.keySet().stream().map(String::valueOf))
                .contains("application.yaml", "operations__vault.yaml", "idp.jwks")
                .noneMatch(key -> key.startsWith("credentials"));
        assertThat(String.valueOf(data.get("operations__vault.yaml")).strip())
                .isEqualTo(Files.readString(RunningGateway.repository().resolve("config/operations/vault.yaml"))
                        .strip());
    }
}
