package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.operation.OperationCatalogue;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Compiles the catalogues and templates of a configuration directory into one revision. Reads files, so do not call it
 * on an event loop. Thread-safe.
 */
public final class PolicyFiles {
    private final Path directory;
    private final Map<String, String> prefixes;
    private final TemplateLoader templates;

    /**
     * @param directory holds {@code operations/} and {@code tasks/}
     * @param prefixes further prefixes of operation ids, each with the catalogue it stands for
     */
    public PolicyFiles(Path directory, Map<String, String> prefixes, TemplateParser parser) {
        this.directory = directory;
        this.prefixes = Map.copyOf(prefixes);
        this.templates = new TemplateLoader(parser);
    }

    /** Compiles the files as they are now; if this adds any fault, the revision must not be used. */
    public Policies load(Faults faults) {
        String revision = new ConfigurationFiles(directory).revision(faults);
        Catalogues files = CatalogueLoader.load(directory.resolve("operations"), faults);
        Map<String, OperationCatalogue> catalogues = new HashMap<>(files.byName());
        prefixes.forEach((prefix, catalogue) -> files.find(catalogue)
                .filter(found -> files.find(prefix).isEmpty())
                .ifPresent(found -> catalogues.put(prefix, found.as(prefix))));
        TemplateLoader.Result loaded =
                templates.load(directory.resolve("tasks"), new CatalogueDirectory(catalogues.values(), faulty(files)));
        faults.addAll(loaded.faults());
        return new Policies(revision, catalogues, loaded.templates(), loaded.candidates(), files.faulty());
    }

    /** The prefixes whose catalogue has faults. */
    private Set<String> faulty(Catalogues files) {
        Set<String> faulty = new HashSet<>(files.faulty());
        prefixes.forEach((prefix, catalogue) -> {
            if (files.faulty().contains(catalogue)) {
                faulty.add(prefix);
            }
        });
        return faulty;
    }
}
