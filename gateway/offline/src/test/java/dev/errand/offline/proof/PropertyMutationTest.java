package dev.errand.offline.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.offline.proof.PropertyCheck.Finding;
import dev.errand.offline.scenario.Scenario;
import dev.errand.offline.scenario.ScenarioReader;
import dev.errand.offline.scenario.ScenarioRun;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.Policies;
import dev.errand.template.PolicyFiles;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of the shipped templates: one that breaks a property is found, with a run that a scenario confirms; a harmless
 * one is not reported. {@code -Derrand.proof.mutants=100} makes that many of each for each template.
 */
class PropertyMutationTest {
    private static final int MUTANTS = Integer.getInteger("errand.proof.mutants", 8);

    private static Policies shipped;

    @TempDir
    private Path directory;

    @BeforeAll
    static void load() {
        Faults faults = new Faults();
        shipped = new PolicyFiles(PropertyCheckTest.CONFIG, Map.of(), new TemplateParser()).load(faults);
        assertThat(faults.list()).isEmpty();
    }

    private static List<String> operations(Set<Effect> effects) {
        Set<String> ids = new TreeSet<>();
        for (OperationCatalogue catalogue : shipped.catalogues().values()) {
            catalogue.reviewed(effects).stream().map(Operation::id).forEach(ids::add);
        }
        return List.copyOf(ids);
    }

    private static String text(String template) throws IOException {
        return Files.readString(PropertyCheckTest.CONFIG.resolve("tasks/" + template + ".yaml"));
    }

    private static String granting(String text, String grant) {
        return text.replace("\nallow:\n", "\nallow:\n  " + grant + "\n");
    }

    private static String replaced(String text, String one, String other) {
        assertThat(text).contains(one);
        return text.replace(one, other);
    }

    private static List<String> chosen(Set<String> all, int seed) {
        List<String> mutants = new ArrayList<>(all);
        Collections.shuffle(mutants, new Random(seed));
        assertThat(mutants).hasSizeGreaterThanOrEqualTo(100);
        return mutants.subList(0, MUTANTS);
    }

    private List<Finding> open(String name, String text, PropertyCheck[] used) throws IOException {
        Faults faults = new Faults();
        Template template = new TemplateParser()
                .parse(
                        "tasks/" + name + ".yaml",
                        text,
                        new CatalogueDirectory(shipped.catalogues().values()),
                        faults)
                .orElse(null);
        assertThat(faults.list()).as(text).isEmpty();
        Files.createDirectories(directory.resolve("tasks"));
        Files.writeString(directory.resolve("tasks/" + name + ".yaml"), text);
        Policies changed = new Policies("r", shipped.catalogues(), Map.of(name, template));
        PropertyCheck all = new PropertyCheck(PropertyCheckTest.CONFIG, shipped);
        used[0] = new PropertyCheck(directory, changed);
        List<Finding> findings = used[0].prove(
                all.read(faults).stream().filter(each -> each.isOf(name)).toList(), Duration.ofMinutes(1));
        List<Finding> open = findings.stream().filter(Finding::isOpen).toList();
        for (Path file : used[0].write(open, directory.resolve("tests"))) {
            Scenario scenario = ScenarioReader.read(file, "s.yaml", faults).orElseThrow();
            assertThat(ScenarioRun.play(directory, changed, PropertyCheckTest::noRoute, scenario))
                    .as(Files.readString(file))
                    .isEmpty();
            Files.delete(file);
        }
        return open;
    }

    private void broken(String name, Set<String> mutants) throws IOException {
        int runs = 0;
        for (String text : chosen(mutants, 1)) {
            List<Finding> open = open(name, text, new PropertyCheck[1]);
            assertThat(open).as(text).isNotEmpty();
            runs += open.stream().anyMatch(each -> !each.run().isEmpty()) ? 1 : 0;
        }
        assertThat(runs).isGreaterThanOrEqualTo(MUTANTS * 3 / 4);
    }

    private void harmless(String name, Set<String> mutants) throws IOException {
        for (String text : chosen(mutants, 2)) {
            assertThat(open(name, text, new PropertyCheck[1])).as(text).isEmpty();
        }
    }

    private static final EnumSet<Effect> CHANGES =
            EnumSet.of(Effect.WRITE, Effect.DELETE, Effect.EXECUTE, Effect.ADMIN, Effect.CONNECT);

    @Test
    void release() throws IOException {
        String text = text("release");
        Set<String> mutants = new LinkedHashSet<>();
        for (String id : operations(EnumSet.of(Effect.DELETE, Effect.ADMIN, Effect.CONNECT))) {
            mutants.add(replaced(granting(text, id + ": {}"), "interleave: [", "interleave: [\"" + id + "\", "));
        }
        for (int i = 1; i < 60; i++) {
            mutants.add(replaced(text, "vault:kv.read: 1..3", "vault:kv.read: 0.." + i));
            mutants.add(replaced(text, "  - ci:pipeline.trigger\n", "  - ci:pipeline.trigger: 0.." + i + "\n"));
            mutants.add(replaced(
                    text,
                    "exact: \"staging/{service}\"}}\n  # kubectl",
                    "one_of: [\"staging/{service}\", \"prod" + i + "/{service}\"]}}\n  # kubectl"));
            mutants.add(replaced(
                    text, "path_containment: \"secret/ci/{service}\"", "path_containment: \"secret/c" + i + "\""));
        }
        mutants.add(replaced(text, "  - vault:kv.read: 1..3\n", ""));
        mutants.add(replaced(text, "  - ci:pipeline.trigger\n", ""));
        mutants.add(replaced(text, "  - k8s:apps/deployments.patch\n", ""));
        mutants.add(replaced(text, "vault:kv.read: 1..3", "vault:kv.read: {times: 1, outcome: sent}"));
        mutants.add(
                replaced(text, "  - ci:pipeline.trigger\n", "  - ci:pipeline.trigger: {times: 1, outcome: sent}\n"));
        broken("release", mutants);
    }

    @Test
    void research() throws IOException {
        String text = text("research");
        Set<String> mutants = new LinkedHashSet<>();
        operations(CHANGES).forEach(id -> mutants.add(granting(text, id + ": {}")));
        for (int i = 0; i < 60; i++) {
            mutants.add(replaced(text, "secret/docs/{project}", "secret/doc" + i));
            mutants.add(replaced(
                    text,
                    "path_containment: \"secret/docs/{project}\"",
                    "one_of: [secret/docs/a, secret/ci/" + i + "]"));
        }
        broken("research", mutants);
    }

    @Test
    void cluster() throws IOException {
        String text = text("cluster");
        Set<String> mutants = new LinkedHashSet<>();
        operations(CHANGES).forEach(id -> mutants.add(granting(text, id + ": {}")));
        for (String kind : List.of(
                "pods",
                "services",
                "configmaps",
                "apps/deployments",
                "apps/statefulsets",
                "batch/jobs",
                "secrets",
                "events")) {
            for (String verb : List.of("create", "update", "patch", "delete", "deletecollection")) {
                for (String resource : List.of("exact: \"{namespace}/a\"", "path_containment: \"{namespace}\"")) {
                    mutants.add(granting(text, "k8s:" + kind + "." + verb + ": {resource: {" + resource + "}}"));
                }
            }
        }
        broken("cluster", mutants);
    }

    @Test
    void harmlessChanges_areNotReported() throws IOException {
        for (String name : List.of("release", "research", "cluster")) {
            String text = text(name);
            Set<String> mutants = new LinkedHashSet<>();
            for (int i = 0; i < 40; i++) {
                mutants.add(text + "# comment " + i + "\n");
                mutants.add(text.replaceFirst("calls: \\d+", "calls: " + (50 + 20 * i)));
                mutants.add(text.replaceFirst("lifetime: \\w+", "lifetime: " + (i + 5) + "m"));
                mutants.add(text.replaceFirst("task: \\[\\{capacity: 40", "task: [{capacity: " + (41 + i)));
                mutants.add(text.replaceFirst("description: .*", "description: Text " + i));
            }
            operations(EnumSet.of(Effect.READ, Effect.LIST)).stream()
                    .filter(id -> !text.contains(id))
                    .filter(id -> !id.startsWith("vault:"))
                    .forEach(id -> mutants.add(granting(text, id + ": {}")));
            harmless(name, mutants);
        }
    }
}
