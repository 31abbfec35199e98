package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The template and the scenario of {@code docs/templates.md}, in the configuration of {@code docs/first-configuration.md}. */
class PageScenarioTest {
    private static final List<Block> TEMPLATES = Block.of("docs/templates.md");

    @TempDir
    private Path directory;

    private void write(String file, String text) throws IOException {
        Path to = directory.resolve(file);
        Files.createDirectories(to.getParent());
        Files.writeString(to, text);
    }

    private static String beginning(List<Block> blocks, String line) {
        List<Block> found =
                blocks.stream().filter(block -> block.text().startsWith(line)).toList();
        assertThat(found).as(line).hasSize(1);
        return found.get(0).text();
    }

    @BeforeEach
    void configuration() throws IOException {
        for (String file : List.of("idp.jwks", "example.org.json")) {
            Files.copy(Block.REPOSITORY.resolve("config").resolve(file), directory.resolve(file));
        }
        write("credentials/tickets-token", "secret");
        List<Block> first = Block.of("docs/first-configuration.md");
        write("application.yaml", beginning(first, "# errand/application.yaml"));
        write("operations/tickets.yaml", beginning(first, "# errand/operations/tickets.yaml"));
        write("tasks/triage.yaml", beginning(TEMPLATES, "template: triage\nagents:"));
    }

    private String played(int expectedExit) {
        StringWriter out = new StringWriter();
        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute("test", directory.toString());
        assertThat(exit).as(out.toString()).isEqualTo(expectedExit);
        return out.toString().replace(directory + "/", "");
    }

    @Test
    void scenario_goesAsThePageSays() throws IOException {
        write(
                "tests/triage.yaml",
                beginning(TEMPLATES, "template: triage\nparameters: {ticket: \"17\"}\ncalls:\n  - {call"));
        played(0);
    }

    @Test
    void scenarioOfRequests_goesAsThePageSays() throws IOException {
        write(
                "tests/requests.yaml",
                beginning(TEMPLATES, "template: triage\nparameters: {ticket: \"17\"}\ncalls:\n  - {request"));
        played(0);
    }

    /** The example of the README, over the catalogue that its requests mean. */
    @Test
    void exampleOfTheReadme_goesAsItSays() throws IOException {
        List<Block> readme = Block.of("README.md");
        Files.delete(directory.resolve("tasks/triage.yaml"));
        write(
                "application.yaml",
                beginning(Block.of("docs/first-configuration.md"), "# errand/application.yaml")
                        .replace("Path=/tickets/**", "Path=/orders/**")
                        .replace("StripPrefix=1, OperationMapping=tickets", "OperationMapping=orders"));
        write("operations/orders.yaml", """
                catalogue: orders
                resolver: template
                operations:
                  - {id: read, match: {method: GET, path: "/orders/{id}"}, effect: read, resource: "{id}"}
                  - {id: refund, match: {method: POST, path: "/orders/{id}/refund"}, effect: write, resource: "{id}", params: {amount: "body:/amount"}}
                """);
        write("tasks/refund.yaml", beginning(readme, "template: refund\nagents:"));
        write("tests/refund.yaml", beginning(readme, "template: refund\nparameters:"));
        played(0);
    }

    /** The page's scenario with one expectation that does not hold is told as the page shows it. */
    @Test
    void difference_isToldAsThePageShows() throws IOException {
        write(
                "tests/triage.yaml",
                beginning(TEMPLATES, "template: triage\nparameters: {ticket: \"17\"}\ncalls:\n  - {call")
                        .replace(", expect: constraint-violated", ""));
        assertThat(played(1)).isEqualTo(beginning(TEMPLATES, "tests/triage.yaml:"));
    }
}
