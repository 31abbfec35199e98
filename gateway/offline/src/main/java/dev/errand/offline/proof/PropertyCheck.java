package dev.errand.offline.proof;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.offline.scenario.ScenarioText;
import dev.errand.offline.story.TemplateLines;
import dev.errand.proof.Deadline;
import dev.errand.proof.Property;
import dev.errand.proof.PropertyReader;
import dev.errand.proof.Prover;
import dev.errand.proof.Revision;
import dev.errand.proof.Run;
import dev.errand.proof.Vacuity;
import dev.errand.proof.Verdict;
import dev.errand.sequence.Automaton;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Proves the properties in {@code DIR/properties} for every template that they name. Reads files, so never on an event
 * loop. Thread-safe.
 */
public final class PropertyCheck {
    private final Path directory;
    private final Policies policies;
    private final CatalogueDirectory operations;

    /** @param policies of the directory, without a fault */
    public PropertyCheck(Path directory, Policies policies) {
        this.directory = directory;
        this.policies = policies;
        this.operations = new CatalogueDirectory(policies.catalogues().values());
    }

    /**
     * What was found about one property and one template.
     *
     * @param lines the template's file
     */
    public record Finding(Property property, Template template, YamlMap lines, Verdict verdict) {
        /** Whether the property is not shown. */
        public boolean isOpen() {
            return !(verdict instanceof Verdict.Holds);
        }

        /** Whether it is only warned about. */
        public boolean isAssumed() {
            return verdict instanceof Verdict.Unshown && property.assume();
        }

        /** At the property's place, what was found; call it only for one that is open. */
        public Fault told() {
            return Fault.of(property.at(), "'" + property.name() + "' " + verdict.told(template.name()));
        }

        /** The run that breaks the property, if there is one that can be played. */
        public List<Run> run() {
            if (verdict instanceof Verdict.Fails fails) {
                return List.of(fails.run());
            }
            return verdict instanceof Verdict.Unshown unshown && unshown.plays() ? List.of(unshown.run()) : List.of();
        }

        /** The edges of the plan that the calls of {@link #run} take, each with the number of its call, from 1. */
        public Map<Integer, List<Integer>> edges(Automaton automaton) {
            Map<Integer, List<Integer>> edges = new TreeMap<>();
            for (Run run : run()) {
                int state = 0;
                for (int i = 0; i < run.calls().size(); i++) {
                    Run.Call call = run.calls().get(i);
                    for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                        if (automaton.operation(edge).equals(call.operation())
                                && (call.happened() || automaton.sent(edge))) {
                            edges.computeIfAbsent(edge, each -> new ArrayList<>())
                                    .add(i + 1);
                            state = automaton.target(edge);
                            break;
                        }
                    }
                }
            }
            return edges;
        }
    }

    /** The properties of all files, sorted by name of the file; faults are added. */
    public List<Property> read(Faults faults) {
        PropertyReader reader =
                new PropertyReader(operations, policies.templates().keySet(), faults);
        for (Path file : files()) {
            YamlNode node = Yaml.read(file, "properties/" + file.getFileName(), faults);
            if (node != null) {
                reader.read(node);
            }
        }
        return reader.properties();
    }

    private List<Path> files() {
        Path folder = directory.resolve("properties");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try {
            return Yaml.files(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Proves the properties, template by template.
     *
     * @param limit the time for one template
     */
    public List<Finding> prove(List<Property> properties, Duration limit) {
        List<Finding> findings = new ArrayList<>();
        for (Template template : new TreeMap<>(policies.templates()).values()) {
            findings.addAll(prove(template, TemplateLines.of(directory, template), properties, limit));
        }
        // The sort is stable: the findings about one property stay in the order of the templates.
        findings.sort(Comparator.comparingInt(finding -> properties.indexOf(finding.property())));
        return List.copyOf(findings);
    }

    /**
     * Proves those of the properties that name the template.
     *
     * @param lines the template's file
     */
    public List<Finding> prove(Template template, YamlMap lines, List<Property> properties, Duration limit) {
        Prover prover = new Prover(template, lines, operations, Deadline.after(limit, System::nanoTime));
        return properties.stream()
                .filter(property -> property.isOf(template.name()))
                .map(property -> new Finding(property, template, lines, prover.prove(property)))
                .toList();
    }

    /**
     * What has no effect in the templates, each at its place.
     *
     * @param limit the time for one template
     */
    public List<Fault> vacuity(Duration limit) {
        List<Fault> found = new ArrayList<>();
        new TreeMap<>(policies.templates())
                .values()
                .forEach(template -> found.addAll(new Vacuity(
                                new Revision(template, TemplateLines.of(directory, template), operations),
                                Deadline.after(limit, System::nanoTime))
                        .find()));
        return found;
    }

    /** Writes each counterexample as a scenario into the folder; returns the files. */
    public List<Path> write(List<Finding> findings, Path folder) throws IOException {
        List<Path> written = new ArrayList<>();
        Files.createDirectories(folder);
        ScenarioText text = new ScenarioText(operations);
        for (Finding finding : findings) {
            for (Run run : finding.run()) {
                Position at = finding.property().at();
                String name = (finding.property().name() + "-"
                                + finding.template().name())
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-");
                Path file = folder.resolve(name.substring(0, Math.min(name.length(), 120)) + ".yaml");
                Files.writeString(
                        file,
                        text.of(
                                RefillWaits.of(run, finding.template().limits()),
                                at + ": '" + finding.property().name() + "' does not hold"));
                written.add(file);
            }
        }
        return written;
    }
}
