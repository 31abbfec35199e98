package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.template.CatalogueLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages show of routes, of parts of catalogues and of Spring's keys is what the readers take. */
class PageYamlTest {
    private static final Path CONFIG = Block.REPOSITORY.resolve("config");

    /** What a page leaves to the reader: files of one's own, and keys that another part of the same file has. */
    private static final Pattern LEFT_OUT = Pattern.compile(
            "(?s).*(cannot be read|no such file|does not exist|missing key|is not there|is required|unknown catalogue|there is no catalogue"
                    + "|lacks TaskIdentity|since there are 0 entries).*");

    @TempDir
    private Path directory;

    private static List<String> told(Block block, Faults faults) {
        return faults.list().stream().map(fault -> block.place() + ": " + fault).toList();
    }

    /** The lines of a part, behind the lines of a catalogue that it does not have itself. */
    private static String whole(Block block) {
        String part = block.text();
        if (part.startsWith(" ") || part.startsWith("-")) {
            // The lines of a longer match.
            part = "operations:\n  - id: first\n    effect: read\n    match:\n" + part.stripTrailing() + '\n';
        }
        String name = part.contains("refusals: vault") ? "vault" : "page";
        return "catalogue: " + name + "\nresolver: template\n"
                + (part.contains("operations:")
                        ? ""
                        : "operations:\n  - {id: one, match: {method: GET, path: /one}, effect: read}\n")
                + part;
    }

    @Test
    void partsOfCatalogues_fitIntoACatalogue() {
        List<String> told = new ArrayList<>();
        List<Block> blocks = YamlKind.PART_OF_CATALOGUE.blocks();
        assertThat(blocks).hasSizeGreaterThanOrEqualTo(6);
        for (Block block : blocks) {
            Faults faults = new Faults();
            CatalogueLoader.parse(block.page(), whole(block), CONFIG.resolve("operations"), faults);
            told(block, faults).stream()
                    // The document is that of the reader's own Vault, and so are the operations that it brings.
                    .filter(fault -> !fault.contains("vault-openapi3.json") && !fault.contains("'kv-v2-write' is no"))
                    .forEach(told::add);
        }
        assertThat(told).isEmpty();
    }

    /** The filters of a page in the place of those of one shipped route. */
    @Test
    void routes_loadWithTheFiltersThatAPageShows() throws IOException {
        Files.createDirectory(directory.resolve("operations"));
        for (String file : List.of("operations/vault.yaml", "idp.jwks", "example.org.json")) {
            Files.copy(CONFIG.resolve(file), directory.resolve(file));
        }
        List<Block> blocks = YamlKind.ROUTE.blocks();
        assertThat(blocks).hasSizeGreaterThanOrEqualTo(8);
        for (Block block : blocks) {
            assertThat(faults(block.text().replaceAll("#.*", "").strip()))
                    .as(block.place())
                    .isEmpty();
        }
        assertThat(faults("filters: [NoSuchFilter]")).hasSize(1);
    }

    private List<String> faults(String filters) throws IOException {
        boolean open = !filters.contains("OperationMapping");
        Files.writeString(directory.resolve("application.yaml"), """
                spring.cloud.gateway.server.webflux:
                  default-filters: [%s]
                  routes:
                    - id: vault
                      uri: http://127.0.0.1:8200
                      predicates: [Path=/vault/**]
                      %s
                errand:
                  issuer: http://127.0.0.1:8080
                  trust:
                    humans: [{issuer: "https://idp.example.org", jwks: "file:idp.jwks", audience: errand}]
                    workloads: [{trust-domain: example.org, bundle: "file:example.org.json"}]
                  upstreams:
                    vault: {header: {name: X-Vault-Token, file: "file:application.yaml"}}
                """.formatted(
                        Stream.of("TaskIdentity", "DelegationChain", "TaskLimits", "TaskSequence", "Provenance")
                                .filter(name -> !filters.contains(name))
                                .collect(Collectors.joining(", ")),
                        open ? filters.replace("[", "[StripPrefix=1, OperationMapping=vault, ") : filters));
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .filter(fault -> !LEFT_OUT.matcher(fault).matches())
                .toList();
    }

    @Test
    void applications_haveKnownKeys() throws IOException {
        List<String> told = new ArrayList<>();
        List<Block> blocks = YamlKind.APPLICATION.blocks();
        assertThat(blocks).hasSizeGreaterThan(20);
        for (Block block : blocks) {
            Files.writeString(directory.resolve("application.yaml"), block.text());
            ConfigurationCheck.check(directory, Map.of()).faults().stream()
                    .map(Fault::toString)
                    .filter(fault -> !LEFT_OUT.matcher(fault).matches())
                    .forEach(fault -> told.add(block.place() + ": " + fault));
        }
        assertThat(told).isEmpty();
    }
}
