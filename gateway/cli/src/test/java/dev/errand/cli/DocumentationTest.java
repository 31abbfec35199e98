package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README and docs show of a configuration loads. */
class DocumentationTest {
    private static final Path REPOSITORY = Checkout.TOP;
    private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory;

    @BeforeEach
    void files() throws IOException {
        for (String name : List.of("operations", "tasks", "credentials")) {
            Files.createDirectory(directory.resolve(name));
        }
        for (String name : List.of("idp.jwks", "example.org.json")) {
            Files.copy(REPOSITORY.resolve("config").resolve(name), directory.resolve(name));
        }
        for (String name : List.of("tickets-token", "redis", "collector", "soc")) {
            Files.writeString(directory.resolve("credentials").resolve(name), "secret");
        }
        Files.writeString(directory.resolve("kafka.properties"), "compression.type=lz4\n");
    }

    private static String read(String page) throws IOException {
        return Files.readString(REPOSITORY.resolve(page));
    }

    private static List<String> yaml(String page) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = YAML.matcher(read(page));
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }

    private List<String> faults(String more) throws IOException {
        List<String> example = yaml("docs/first-configuration.md").stream()
                .filter(block -> block.startsWith("# errand/"))
                .toList();
        assertThat(example).hasSize(3);
        Files.writeString(directory.resolve("application.yaml"), example.get(0) + more);
        Files.writeString(directory.resolve("operations/tickets.yaml"), example.get(1));
        Files.writeString(directory.resolve("tasks/triage.yaml"), example.get(2));
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    @Test
    void firstConfiguration_isWithoutFault() throws IOException {
        assertThat(faults("")).isEmpty();
    }

    @Test
    void design_isReadInOneSitting() throws IOException {
        assertThat(read("DESIGN.md").split("\\s+")).hasSizeLessThan(2_500);
    }

    @Test
    void design_readersRoute_isTwelveFilesThatAreThere() throws IOException {
        String design = read("DESIGN.md");
        String route = design.substring(design.indexOf("### A reader's route\n"), design.indexOf("## The one step\n"));
        Matcher step = Pattern.compile("(?m)^(\\d+)\\. `([a-zA-Z/]+)`:").matcher(route);
        List<String> files = new ArrayList<>();
        while (step.find()) {
            files.add(step.group(2));
            assertThat(step.group(1)).isEqualTo(Integer.toString(files.size()));
        }
        assertThat(files).hasSize(12);
        Matcher path = Pattern.compile("`((?:[a-z]+/)+[A-Z][a-zA-Z]+)`").matcher(route);
        while (path.find()) {
            String file = "src/main/java/dev/errand/" + path.group(1) + ".java";
            assertThat(Checkout.MODULES)
                    .as(file)
                    .anyMatch(module ->
                            Files.isRegularFile(REPOSITORY.resolve(module).resolve(file)));
        }
    }

    @Test
    void problemsPage_namesKindsOfRecordsThatAreWritten() throws IOException {
        Set<String> written = new HashSet<>();
        for (String writer : List.of("RecordJson", "DecisionJson")) {
            Matcher kind = Pattern.compile("member\\(\"kind\", \"([a-z]+)\"")
                    .matcher(read("filters/log/src/main/java/dev/errand/log/" + writer + ".java"));
            while (kind.find()) {
                written.add(kind.group(1));
            }
        }
        Matcher named = Pattern.compile("record of kind `([a-z]+)`").matcher(read("docs/problems.md"));
        List<String> kinds = new ArrayList<>();
        while (named.find()) {
            kinds.add(named.group(1));
        }
        assertThat(kinds).isNotEmpty().isSubsetOf(written);
    }

    @Test
    void sinksPage_example_isWithoutFault() throws IOException {
        String block = yaml("docs/sinks.md").get(0);
        assertThat(block).startsWith("errand:\n");
        assertThat(faults(block.substring("errand:\n".length()))).isEmpty();
    }
}
