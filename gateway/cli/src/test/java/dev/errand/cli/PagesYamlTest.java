package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.CatalogueLoader;
import dev.errand.template.OperationDirectory;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages show in YAML is what the readers take: templates and parts of them (also of docs/standing.md), catalogues, keys of {@code errand}. */
class PagesYamlTest {
    private static final Path TOP = Checkout.TOP;
    private static final Path SHIPPED = TOP.resolve("config/operations");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```");
    private static final Pattern PARAMETER = Pattern.compile("\\{([a-z][a-z0-9_]*)}");
    private static final Set<String> OF_A_TEMPLATE = Set.of(
            "allow", "limits", "sequence", "rules", "ask", "on-violation", "flow", "consent", "delegation", "standing");
    private static final String PLAIN_HEAD = """
            template: page
            agents: ["spiffe://example.org/agent/*"]
            humans: {claim: groups, any: [someone]}
            lifetime: 5m
            """;

    /** What a page leaves to the reader: files of one's own, and keys that another part of the same file has. */
    private static final Pattern LEFT_OUT = Pattern.compile(
            "(?s).*(cannot be read|no such file|does not exist|missing key"
                    + "|is not there|no file|key file|no catalogue|unknown catalogue|names no|required|could not|not readable|is needed).*");

    private static OperationDirectory operations;

    @TempDir
    Path directory;

    private record Block(String page, String text) {
        boolean begins(String key) {
            return Pattern.compile("(?m)\\A(#.*\n)*" + key).matcher(text).find();
        }
    }

    @BeforeAll
    static void shipped() {
        operations = new CatalogueDirectory(
                CatalogueLoader.load(SHIPPED, new Faults()).byName().values());
    }

    private static List<Block> blocks() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(TOP.resolve("README.md"), TOP.resolve("deploy/README.md")));
        try (Stream<Path> files = Files.walk(TOP.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        List<Block> blocks = new ArrayList<>();
        for (Path page : pages) {
            Matcher block = BLOCK.matcher(Files.readString(page));
            while (block.find()) {
                blocks.add(new Block(TOP.relativize(page).toString(), block.group(1)));
            }
        }
        return blocks;
    }

    private static void each(List<Block> blocks, int atLeast, BiConsumer<Block, Faults> read) {
        assertThat(blocks).hasSizeGreaterThanOrEqualTo(atLeast);
        List<String> told = new ArrayList<>();
        for (Block block : blocks) {
            Faults faults = new Faults();
            read.accept(block, faults);
            faults.list().stream()
                    .filter(fault -> !LEFT_OUT.matcher(fault.message()).matches())
                    .forEach(fault -> told.add(
                            fault + "\n  in: " + block.text().lines().limit(4).toList()));
        }
        assertThat(told).isEmpty();
    }

    private static List<Block> select(Predicate<Block> which) throws IOException {
        return blocks().stream().filter(which).toList();
    }

    @Test
    void everyBlock_isYaml() throws IOException {
        each(blocks(), 40, (block, faults) -> Yaml.parse(block.page(), block.text(), faults));
    }

    private static boolean isScenario(Block block) {
        return Pattern.compile("(?m)^calls:").matcher(block.text()).find();
    }

    /** Candidates stand in files of their own. */
    private static String file(Block block) {
        return block.text().contains("\ncandidate: true") ? block.page() + ".candidate.yaml" : block.page();
    }

    @Test
    void templates_areTemplates() throws IOException {
        each(
                select(block -> block.begins("template:") && !isScenario(block)),
                8,
                (block, faults) -> new TemplateParser().parse(file(block), block.text(), null, faults));
    }

    @Test
    void partsOfTemplates_fitIntoATemplate() throws IOException {
        each(select(PagesYamlTest::isPartOfTemplate), 8, (block, faults) -> {
            Set<String> names = new TreeSet<>();
            Matcher parameter = PARAMETER.matcher(block.text());
            while (parameter.find()) {
                names.add(parameter.group(1));
            }
            String parameters = names.stream()
                    .map(name -> name + ": \"[a-z0-9-]{1,40}\"")
                    .collect(Collectors.joining(", ", "parameters: {", "}\n"));
            String head = block.text().contains("\nhumans:") || block.begins("humans:")
                    ? PLAIN_HEAD.replaceFirst("(?m)^humans:.*\n", "")
                    : PLAIN_HEAD;
            new TemplateParser().parse(block.page(), head + parameters + block.text(), operations, faults);
        });
    }

    @Test
    void humansOfGitHub_fitIntoATemplate() throws IOException {
        each(
                select(block -> block.page().equals("docs/github.md") && block.begins("humans:")),
                2,
                (block, faults) -> new TemplateParser()
                        .parse(
                                block.page(),
                                PLAIN_HEAD.replaceFirst("(?m)^humans:.*\n", "") + block.text(),
                                operations,
                                faults));
    }

    private static boolean isPartOfTemplate(Block block) {
        Faults faults = new Faults();
        return !block.begins("template:")
                // The form of Kubernetes' own objects.
                && !block.begins("apiVersion:")
                && Yaml.parse(block.page(), block.text(), faults) instanceof YamlMap map
                && map.members().keySet().stream().anyMatch(OF_A_TEMPLATE::contains);
    }

    @Test
    void catalogues_areCatalogues() throws IOException {
        each(
                select(block -> block.begins("catalogue:")),
                3,
                (block, faults) -> CatalogueLoader.parse(block.page(), block.text(), SHIPPED, faults));
    }

    @Test
    void keysOfErrand_areKnown() throws IOException {
        List<String> told = new ArrayList<>();
        List<Block> blocks = select(block -> block.begins("errand[:.]"));
        assertThat(blocks).hasSizeGreaterThan(10);
        for (Block block : blocks) {
            Files.writeString(directory.resolve("application.yaml"), block.text());
            for (Fault fault : ConfigurationCheck.check(directory, Map.of()).faults()) {
                if (!LEFT_OUT.matcher(fault.message()).matches()) {
                    told.add(block.page() + ": " + fault);
                }
            }
        }
        assertThat(told).isEmpty();
    }
}
