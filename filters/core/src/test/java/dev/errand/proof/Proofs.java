package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.CatalogueLoader;
import dev.errand.template.Catalogues;
import dev.errand.template.PolicyFiles;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Templates and properties from text, over one catalogue. */
final class Proofs {
    static final Path CONFIG = Path.of(System.getProperty("basedir", "."))
            .toAbsolutePath()
            .normalize()
            .resolve("../../config")
            .normalize();

    static final String CATALOGUE = """
            catalogue: t
            resolver: template
            operations:
              - {id: read, match: {method: GET, path: "/a/{r}"}, effect: read, resource: "{r}", returns: {key: "body:/keys/*"}, yields: untrusted}
              - {id: write, match: {method: PUT, path: "/b/{r}"}, effect: write, resource: "{r}", params: {n: "body:/n"}, needs: trusted}
              - {id: pay, match: {method: POST, path: "/c/{r}"}, effect: execute, resource: "{r}", params: {amount: "body:/amount", invoice: "body:/invoice"}}
              - {id: delete, match: {method: DELETE, path: "/d/{r}"}, effect: delete, resource: "{r}"}
              - {id: look, match: {method: GET, path: "/e/{r}"}, effect: list, resource: "{r}"}
            """;

    static final CatalogueDirectory OPERATIONS = operations(CATALOGUE);

    private Proofs() {}

    static CatalogueDirectory operations(String catalogue) {
        try {
            Path directory = Files.createTempDirectory("proofs");
            Files.writeString(directory.resolve("t.yaml"), catalogue);
            Faults faults = new Faults();
            Catalogues loaded = CatalogueLoader.load(directory, faults);
            assertThat(faults.list()).isEmpty();
            return new CatalogueDirectory(loaded.byName().values());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A template and its file. */
    record Read(Template template, YamlMap lines, CatalogueDirectory operations) {
        Verdict prove(String property) {
            Prover prover =
                    new Prover(template, lines, operations, Deadline.after(Duration.ofMinutes(2), System::nanoTime));
            return prover.prove(property(property, operations, Set.of(template.name())));
        }

        /** What is told of the property; {@code holds} if it holds. */
        String told(String property) {
            return Objects.requireNonNullElse(prove(property).told(template.name()), "holds");
        }
    }

    /** A template of this text after the usual head. */
    static Read template(String text) {
        return template(text, OPERATIONS);
    }

    static Read template(String text, CatalogueDirectory operations) {
        Faults faults = new Faults();
        Read read = parse(text, operations, faults);
        assertThat(faults.list()).isEmpty();
        return Objects.requireNonNull(read);
    }

    /** The template; null, with faults, if it does not load. */
    static @Nullable Read parse(String text, CatalogueDirectory operations, Faults faults) {
        String whole = (text.contains("\ntemplate:") || text.startsWith("template:")
                ? text
                : "template: x\nagents: [\"spiffe://example.org/agent/*\"]\nhumans: {claim: g, any: [a]}\n" + text);
        Template template = new TemplateParser()
                .parse("tasks/x.yaml", whole, operations, faults)
                .orElse(null);
        YamlMap lines = (YamlMap) Yaml.parse("tasks/x.yaml", whole, faults);
        return template == null || lines == null ? null : new Read(template, lines, operations);
    }

    static Property property(String text, CatalogueDirectory operations, Set<String> templates) {
        Faults faults = new Faults();
        PropertyReader reader = new PropertyReader(operations, templates, faults);
        YamlNode node = Objects.requireNonNull(Yaml.parse(
                "properties/p.yaml", "properties:\n  - {name: p, templates: \"*\", " + text + "}\n", faults));
        reader.read(node);
        assertThat(faults.list()).isEmpty();
        return reader.properties().get(0);
    }

    /** The faults of a property. */
    static String faults(String text) {
        Faults faults = new Faults();
        new PropertyReader(OPERATIONS, Set.of("x"), faults)
                .read(Objects.requireNonNull(
                        Yaml.parse("properties/p.yaml", "properties:\n  - {" + text + "}\n", faults)));
        return faults.toString();
    }

    /** The templates of the shipped configuration. */
    static List<Read> shipped() {
        Faults faults = new Faults();
        var policies = new PolicyFiles(CONFIG, Map.of(), new TemplateParser()).load(faults);
        CatalogueDirectory all = new CatalogueDirectory(policies.catalogues().values());
        return policies.templates().values().stream()
                .map(template -> template(template.text(), all))
                .toList();
    }
}
