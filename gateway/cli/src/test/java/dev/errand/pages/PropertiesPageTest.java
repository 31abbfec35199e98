package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.offline.proof.PropertyCheck;
import dev.errand.offline.proof.PropertyCheck.Finding;
import dev.errand.template.Policies;
import dev.errand.template.PolicyFiles;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The properties of {@code docs/properties.md} hold for the shipped templates, and its jobs are YAML. */
class PropertiesPageTest {
    private static final List<Block> YAML = Block.of("docs/properties.md").stream()
            .filter(block -> block.language().equals("yaml"))
            .toList();

    @TempDir
    private Path directory;

    @Test
    void properties_holdAsThePageSays() throws IOException {
        Faults faults = new Faults();
        for (String folder : List.of("operations", "tasks")) {
            Files.createDirectories(directory.resolve(folder));
            try (Stream<Path> files =
                    Files.list(Block.REPOSITORY.resolve("config").resolve(folder))) {
                for (Path file : files.toList()) {
                    Files.copy(file, directory.resolve(folder).resolve(file.getFileName()));
                }
            }
        }
        Files.createDirectories(directory.resolve("properties"));
        Files.writeString(
                directory.resolve("properties/release.yaml"), YAML.get(0).text());
        Policies policies = new PolicyFiles(directory, Map.of(), new TemplateParser()).load(faults);
        PropertyCheck check = new PropertyCheck(directory, policies);
        List<Finding> findings = check.prove(check.read(faults), Duration.ofMinutes(1));
        assertThat(faults.list()).isEmpty();
        assertThat(findings).hasSize(5).noneMatch(Finding::isOpen);
        assertThat(Block.linesOf("docs/properties.md")).anyMatch(line -> line.contains("`properties: 5 hold`"));
    }

    @Test
    void jobs_areYaml() {
        Faults faults = new Faults();
        for (Block job : YAML.subList(1, YAML.size())) {
            Yaml.parse(job.page(), job.text(), faults);
        }
        assertThat(faults.list()).isEmpty();
        assertThat(YAML).hasSize(3);
    }
}
