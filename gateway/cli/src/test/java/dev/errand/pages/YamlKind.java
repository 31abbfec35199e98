package dev.errand.pages;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a block of YAML is, by its keys. Each kind has a test that gives it to the reader of the kind. */
enum YamlKind {
    /** Played by the test that the table of kept blocks names. */
    SCENARIO(Set.of("calls")),
    /** {@code PagesYamlTest}. */
    CATALOGUE(Set.of("catalogue")),
    /** {@code PagesYamlTest}. */
    TEMPLATE(Set.of("template")),
    /** An object of Kubernetes: the table says who uses it. */
    OBJECT(Set.of("apiVersion")),
    /** {@code PageYamlTest}. */
    ROUTE(Set.of("filters")),
    /** {@code PagesYamlTest}. */
    PART_OF_TEMPLATE(Set.of(
            "allow", "limits", "sequence", "rules", "ask", "on-violation", "flow", "consent", "delegation", "start")),
    /** {@code PageYamlTest}. */
    PART_OF_CATALOGUE(Set.of("operations", "headers", "normalise", "import", "refusals")),
    /** {@code PagesYamlTest} and {@code PageYamlTest}. */
    APPLICATION(Set.of());

    private final Set<String> keys;

    YamlKind(Set<String> keys) {
        this.keys = keys;
    }

    static Optional<YamlKind> of(Block block) {
        YamlNode node = Yaml.parse(block.page(), block.text(), new Faults());
        if (node instanceof YamlList) {
            return Optional.of(PART_OF_CATALOGUE);
        }
        if (!(node instanceof YamlMap map)) {
            return Optional.empty();
        }
        Set<String> keys = map.members().keySet();
        for (YamlKind kind : values()) {
            if (kind.keys.stream().anyMatch(keys::contains)) {
                return Optional.of(kind);
            }
        }
        boolean application = keys.stream()
                .allMatch(key -> key.equals("errand")
                        || key.startsWith("errand.")
                        || key.startsWith("spring.cloud.gateway.")
                        || key.startsWith("server.ssl.")
                        || key.startsWith("spring.ssl.bundle.")
                        || key.startsWith("management."));
        return application ? Optional.of(APPLICATION) : Optional.empty();
    }

    List<Block> blocks() {
        return Block.all().stream()
                .filter(block -> block.language().equals("yaml"))
                .filter(block -> of(block).filter(this::equals).isPresent())
                .toList();
    }
}
