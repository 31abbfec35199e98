package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import dev.errand.config.Faults;
import dev.errand.offline.proof.PropertyCheck;
import dev.errand.template.PolicyFiles;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The growing template of {@code docs/templates.md} with the scenarios behind each step, and the example of the README. */
class PageScenarioTest {
    private static final String GUIDE = "docs/templates.md";

    /** A key at the top of a file, with all lines of its value. */
    private static final Pattern PART = Pattern.compile("(?ms)^([a-z-]+):.*?(?=^[a-z]|\\z)");

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
    }

    /** The configuration of the first pages, whose only route leads to this catalogue. */
    private void route(String predicate, String filters) throws IOException {
        write(
                "application.yaml",
                beginning(Block.of("docs/first-configuration.md"), "# errand/application.yaml")
                        .replace("Path=/tickets/**", predicate)
                        .replace("StripPrefix=1, OperationMapping=tickets", filters));
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

    private static void put(Map<String, String> template, String lines) {
        Matcher part = PART.matcher(lines);
        while (part.find()) {
            template.put(part.group(1), part.group());
        }
    }

    /** The template as it stands after each step, with the scenarios of that step; at the end its properties. */
    @Test
    void guide_growsAndGoesAsItSays() throws IOException {
        route("Path=/shop/**", "StripPrefix=1, OperationMapping=shop");
        Map<String, String> template = new LinkedHashMap<>();
        int steps = 0;
        int scenarios = 0;
        for (Block block : Block.of(GUIDE)) {
            if (!block.language().equals("yaml")) {
                continue;
            }
            String text = block.text();
            if (text.startsWith("catalogue:")) {
                write("operations/shop.yaml", text);
            } else if (text.startsWith("properties:")) {
                holds(text);
            } else if (text.contains("\ncalls:\n")) {
                write("tests/refund.yaml", text);
                assertThat(played(0)).as(block.place()).matches("tests/refund.yaml: good, [3-7] calls\n");
                scenarios++;
            } else {
                put(template, text);
                write("tasks/refund.yaml", String.join("", template.values()));
                steps++;
            }
        }
        assertThat(steps).isEqualTo(8);
        assertThat(scenarios).isEqualTo(7);
    }

    private void holds(String text) throws IOException {
        write("properties/refund.yaml", text);
        Faults faults = new Faults();
        PropertyCheck check =
                new PropertyCheck(directory, new PolicyFiles(directory, Map.of(), new TemplateParser()).load(faults));
        List<PropertyCheck.Finding> findings = check.prove(check.read(faults), Duration.ofMinutes(1));
        assertThat(faults.list()).isEmpty();
        assertThat(findings).hasSize(3);
        assertThat(findings.stream()
                        .filter(finding -> finding.isOpen() && !finding.isAssumed())
                        .map(finding -> finding.property().name() + ": " + finding.verdict()))
                .isEmpty();
    }

    /** The first scenario with one expectation that does not hold is told as the guide shows it. */
    @Test
    void difference_isToldAsTheGuideShows() throws IOException {
        route("Path=/shop/**", "StripPrefix=1, OperationMapping=shop");
        List<Block> guide = Block.of(GUIDE);
        write("operations/shop.yaml", beginning(guide, "catalogue: shop"));
        write("tasks/refund.yaml", beginning(guide, "template: refund\nagents:"));
        String first = guide.stream()
                .map(Block::text)
                .filter(text -> text.contains("\ncalls:\n"))
                .findFirst()
                .orElseThrow();
        write("tests/refund.yaml", first.replaceFirst(", expect: constraint-violated", ""));
        assertThat(played(1)).isEqualTo(beginning(guide, "tests/refund.yaml:"));
    }

    /** The example of the README, over the catalogue that its requests mean. */
    @Test
    void exampleOfTheReadme_goesAsItSays() throws IOException {
        List<Block> readme = Block.of("README.md");
        route("Path=/orders/**", "OperationMapping=orders");
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
}
