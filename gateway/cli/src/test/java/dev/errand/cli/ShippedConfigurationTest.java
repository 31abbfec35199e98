package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.autoconfigure.ConfigurationCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The configuration in {@code config/} is good, and every YAML of it was read. */
class ShippedConfigurationTest {
    private static final Path CONFIG = Checkout.path("config");

    private static List<String> yaml(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .filter(file -> !file.startsWith(CONFIG.resolve("data")))
                    // Those are scenarios: ScenarioTest plays them.
                    .filter(file -> !file.startsWith(CONFIG.resolve("tests")))
                    .filter(file -> !file.startsWith(CONFIG.resolve("properties")))
                    .map(file -> CONFIG.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyYaml_isReadAndGood() throws IOException {
        ConfigurationCheck.Result result = ConfigurationCheck.check(CONFIG, Map.of());
        assertThat(result.faults()).isEmpty();
        assertThat(result.warnings()).isEmpty();
        TreeSet<String> read = new TreeSet<>(List.of("application.yaml"));
        var policies = java.util.Objects.requireNonNull(result.policies());
        policies.catalogues().keySet().forEach(name -> read.add("operations/" + name + ".yaml"));
        policies.templates().keySet().forEach(name -> read.add("tasks/" + name + ".yaml"));
        assertThat(yaml(CONFIG)).containsExactlyElementsOf(read);
    }
}
