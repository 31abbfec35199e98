package dev.errand.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.config.Faults;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.template.Policies;
import dev.errand.template.PolicyFiles;
import dev.errand.template.SequencePlans;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The templates that the pages on catalogues show load with the catalogues that ship. */
class OperationPagesTest {
    private static final Path REPOSITORY = Checkout.TOP;

    @TempDir
    private Path directory;

    @Test
    void load_theTemplateOfEveryPage_isWithoutFault() throws IOException {
        Path operations = Files.createDirectory(directory.resolve("operations"));
        Path tasks = Files.createDirectory(directory.resolve("tasks"));
        for (Path file : files(REPOSITORY.resolve("config").resolve("operations"))) {
            Files.copy(file, operations.resolve(file.getFileName()));
            String page = file.getFileName().toString().replace(".yaml", ".md");
            String text = Files.readString(
                    REPOSITORY.resolve("docs").resolve("operations").resolve(page));
            int start = text.indexOf("```yaml\ntemplate:");
            assertThat(start).as(page).isPositive();
            Files.writeString(
                    tasks.resolve(file.getFileName()), text.substring(start + 8, text.indexOf("\n```", start + 8) + 1));
        }
        Faults faults = new Faults();
        Policies loaded = new PolicyFiles(
                        directory,
                        Map.of(),
                        new TemplateParser(new SequencePlans(SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT)))
                .load(faults);
        assertThat(faults.list()).isEmpty();
        assertThat(loaded.templates()).hasSize(8);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".yaml")).toList();
        }
    }
}
