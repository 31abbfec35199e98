package dev.errand.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.task.template.SequencePlans;
import dev.errand.task.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grants on a Kubernetes route of the build before, which this build reads more narrowly. */
class NarrowedKubernetesGrantsTest {
    @TempDir
    private Path directory;

    private List<String> warnings(String catalogue, String... allow) throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        Files.writeString(
                directory.resolve("operations/k8s.yaml"), "catalogue: k8s\nresolver: kubernetes\n" + catalogue);
        Files.writeString(
                directory.resolve("tasks/work.yaml"),
                "template: work\nagents: [\"spiffe://example.org/agent/a\"]\nhumans: {claim: groups, any: [g]}\n"
                        + "lifetime: 15m\nlimits: {calls: 1}\nallow:\n  " + String.join("\n  ", allow) + '\n');
        Faults faults = new Faults();
        SequencePlans plans = new SequencePlans(SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT);
        new PolicyFiles(directory, Map.of("other", "k8s"), new TemplateParser(plans)).load(faults);
        assertThat(faults.list()).isEmpty();
        return faults.warnings().stream().map(Fault::toString).toList();
    }

    @Test
    void wildcard_thatGrantedSecretsAndEvictions_isNamed() throws IOException {
        assertThat(warnings("", "\"k8s:*\": {effects: [read, write]}"))
                .singleElement()
                .asString()
                .startsWith("tasks/work.yaml:7:3: since this build it grants k8s:pods/eviction.create,"
                        + " k8s:secrets.patch, k8s:secrets.update no more");
        assertThat(warnings("", "\"other:*\": {effects: [write, delete, list]}"))
                .singleElement()
                .asString()
                .contains("other:secrets.deletecollection, other:secrets.patch, other:secrets.update no more");
        assertThat(warnings("", "\"k8s:*\": {effects: [read, write, delete, list, admin]}"))
                .isEmpty();
        assertThat(warnings("", "\"k8s:*\": {effects: [read, list]}")).isEmpty();
        assertThat(warnings(
                        "effects: {secrets.patch: write, secrets.update: write, pods/eviction.create: write}\n",
                        "\"k8s:*\": {effects: [read, write]}",
                        "k8s:secrets.get: {}"))
                .isEmpty();
    }

    @Test
    void grant_thatMadeObjectsWithoutCreate_isNamed() throws IOException {
        assertThat(warnings(
                        "",
                        "k8s:apps/deployments.patch: {resource: {exact: a/web}}",
                        "k8s:apps/deployments.create: {resource: {exact: a/_none}}"))
                .singleElement()
                .asString()
                .contains("a call of k8s:apps/deployments.patch that makes the object");
        assertThat(warnings(
                        "",
                        "k8s:apps/deployments.patch: {resource: {exact: a/web}}",
                        "k8s:apps/deployments.create: {resource: {one_of: [a/_none, a/web]}}"))
                .isEmpty();
        assertThat(warnings(
                        "",
                        "k8s:apps/deployments.patch: {resource: {exact: a/web}}",
                        "k8s:apps/deployments.get: {resource: {exact: a/web}}"))
                .isEmpty();
        assertThat(warnings("", "k8s:apps/deployments.patch: {resource: {exact: a/web}}"))
                .singleElement()
                .asString()
                .contains("a call of k8s:apps/deployments.patch that makes the object")
                .contains("a call of k8s:apps/deployments.patch that shows the object");
        assertThat(warnings("", "k8s:coordination.k8s.io/leases.update: {resource: {exact: a/l}}"))
                .singleElement()
                .asString()
                .contains("k8s:coordination.k8s.io/leases.update");
        assertThat(warnings(
                        "",
                        "k8s:configmaps.update: {}",
                        "k8s:configmaps.get: {}",
                        "k8s:services/status.update: {}",
                        "k8s:services/status.get: {}"))
                .isEmpty();
        assertThat(warnings("", "k8s:configmaps.deletecollection: {}"))
                .singleElement()
                .asString()
                .contains("a dry run of k8s:configmaps.deletecollection needs a grant of list");
    }

    @Test
    void grant_thatShowedObjectsWithoutGet_isNamed() throws IOException {
        assertThat(warnings("", "k8s:secrets.delete: {resource: {exact: a/key}}"))
                .singleElement()
                .asString()
                .contains("a call of k8s:secrets.delete that shows the object");
        assertThat(warnings("", "k8s:configmaps.update: {resource: {exact: a/web}}"))
                .singleElement()
                .asString()
                .contains("a call of k8s:configmaps.update that shows the object");
        assertThat(warnings(
                        "",
                        "k8s:configmaps.patch: {resource: {exact: a/web}}",
                        "k8s:configmaps.get: {resource: {exact: a/other}}"))
                .singleElement()
                .asString()
                .contains("a call of k8s:configmaps.patch that shows the object");
        assertThat(warnings(
                        "",
                        "k8s:configmaps.delete: {resource: {exact: a/web}}",
                        "k8s:configmaps.get: {resource: {one_of: [a/web, a/other]}}"))
                .isEmpty();
        assertThat(warnings("", "k8s:services/proxy.delete: {}", "k8s:nonresource.delete: {}"))
                .isEmpty();
        assertThat(warnings("", "\"k8s:*\": {effects: [delete]}"))
                .singleElement()
                .asString()
                .contains("that shows the object")
                .containsPattern("(k8s:[^ ]+, ){4}k8s:[^ ]+ and [0-9]+ more that shows");
    }
}
