package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.jose.KeyRing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the chart and the compose file start the gateway with is a configuration that it would start on. */
class DeployFilesTest {
    private static final Path CONFIG = Checkout.path("config");
    /** What the chart renders without any value. */
    private static final String CHART = "helm/tests/golden/01-defaults.yaml";

    @TempDir
    private Path machine;

    @BeforeEach
    void mount() throws Exception {
        for (String directory : List.of("etc", "keys", "var")) {
            Files.createDirectory(machine.resolve(directory));
        }
        try (Stream<Path> files = Files.walk(CONFIG)) {
            for (Path file : files.toList()) {
                Path relative = CONFIG.relativize(file);
                if (Files.isRegularFile(file) && !relative.startsWith("data")) {
                    Path target = machine.resolve("etc").resolve(relative.toString());
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
            }
        }
        KeyRing.createIfAbsent(machine.resolve("keys/keys.jwks"));
        Files.writeString(machine.resolve("keys/operator-token"), "0123456789012345678901234567890123456789");
        Files.writeString(machine.resolve("keys/prometheus-token"), "9876543210987654321098765432109876543210");
    }

    /** The properties of its command line, with the paths of its volumes led to this machine's. */
    private Map<String, Object> properties(String file) throws IOException {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("errand.state.redis", "redis://redis:6379");
        for (String line : Files.readAllLines(Checkout.path("deploy").resolve(file))) {
            String word = line.strip();
            if (word.startsWith("- --") && word.contains("=") && !word.contains("{{")) {
                String value = word.substring(word.indexOf('=') + 1)
                        .replace("/var/lib/errand", machine.resolve("var").toString())
                        .replace("/run/secrets/errand/", "/keys/")
                        .replace("/keys/", machine.resolve("keys") + "/");
                properties.put(word.substring(4, word.indexOf('=')), value);
            }
        }
        return properties;
    }

    private List<String> faults(Map<String, Object> properties) {
        return ConfigurationCheck.check(machine.resolve("etc"), properties).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {CHART, "compose.yaml"})
    void check_theirCommandLine_isWithoutFault(String file) throws IOException {
        Map<String, Object> properties = properties(file);
        assertThat(properties).containsKeys("errand.provenance.directory");
        // The configuration is mounted for reading only: what is made at first start lies elsewhere.
        assertThat(properties.get("errand.operator.token").toString()).startsWith("file:" + machine);
        assertThat(faults(properties)).isEmpty();
    }

    /** Each value of the schema says what it is, and has a default in values.yaml, where its reader looks. */
    @Test
    void chart_everyValue_hasMeaningAndDefault() throws IOException {
        JsonNode schema = new JsonMapper().readTree(Checkout.path("deploy/helm/errand/values.schema.json"));
        Map<?, ?> defaults = (Map<?, ?>) new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(Checkout.path("deploy/helm/errand/values.yaml")));
        for (String name : schema.get("properties").propertyNames()) {
            if (!name.equals("global")) {
                assertThat(defaults.containsKey(name)).as(name).isTrue();
                JsonNode value = schema.get("properties").get(name);
                assertThat(value.get("description").asString()).as(name).endsWith(".");
                if (value.has("properties") && !name.equals("resources")) {
                    for (String one : value.get("properties").propertyNames()) {
                        assertThat(value.get("properties").get(one).has("description"))
                                .as(name + "." + one)
                                .isTrue();
                        assertThat(((Map<?, ?>) defaults.get(name)).containsKey(one))
                                .as(name + "." + one)
                                .isTrue();
                    }
                }
            }
        }
    }

    /** The values that the chart's page shows are values of the chart. */
    @Test
    void chart_valuesOfItsPage_areOnesOfTheSchema() throws IOException {
        JsonNode schema = new JsonMapper().readTree(Checkout.path("deploy/helm/errand/values.schema.json"));
        Matcher block = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Checkout.path("deploy/helm/errand/README.md")));
        assertThat(block.find()).isTrue();
        do {
            Map<?, ?> values = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(block.group(1));
            values.forEach((name, members) -> assertThat(schema.get("properties")
                            .get(name.toString())
                            .get("properties")
                            .propertyNames())
                    .as(name.toString())
                    .containsAll(((Map<?, ?>) members)
                            .keySet().stream().map(Object::toString).toList()));
        } while (block.find());
    }

    /** Helm reads files of the chart's own folder only, so it has copies. */
    @ParameterizedTest
    @ValueSource(strings = {"alerts.yaml", "dashboard.json"})
    void chart_rulesAndDashboard_areThoseOfObservability(String file) throws IOException {
        assertThat(Checkout.path("deploy/helm/errand/files").resolve(file))
                .hasSameTextualContentAs(Checkout.path("deploy/observability").resolve(file));
    }

    /** Each line of the table of attackers names tests that there are. */
    @Test
    void securityPage_itsTests_areThere() throws IOException {
        List<String> lines = Files.readAllLines(Checkout.path("SECURITY.md")).stream()
                .filter(line -> line.startsWith("| ") && line.contains("`") && !line.startsWith("| who "))
                .toList();
        assertThat(lines).hasSizeGreaterThan(15);
        Set<String> tests = new HashSet<>();
        for (String folder : List.of("filters", "gateway")) {
            try (Stream<Path> files = Files.walk(Checkout.path(folder))) {
                files.forEach(file -> tests.add(file.getFileName().toString().replace(".java", "")));
            }
        }
        for (String line : lines) {
            List<String> named = Pattern.compile("`(\\w+(?:IT|Test))`")
                    .matcher(line)
                    .results()
                    .map(found -> found.group(1))
                    .toList();
            assertThat(named).as(line).isNotEmpty();
            assertThat(tests).containsAll(named);
        }
    }

    @Test
    void check_theChartWithoutAnOperatorToken_saysSo() throws IOException {
        Files.delete(machine.resolve("keys/operator-token"));
        assertThat(faults(properties(CHART)))
                .singleElement()
                .asString()
                .contains("the operator port listens on 0.0.0.0")
                .contains("operator-token does not exist");
    }
}
