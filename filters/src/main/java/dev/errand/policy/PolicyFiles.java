package dev.errand.policy;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.catalogue.CatalogueLoader;
import dev.errand.operation.catalogue.Catalogues;
import dev.errand.task.template.CatalogueDirectory;
import dev.errand.task.template.TemplateLoader;
import dev.errand.task.template.TemplateParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compiles catalogues and templates of a configuration directory into one revision. Reads files, so never on an event
 * loop. Thread-safe.
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

    /** The revision that the files hold now; with any fault it is not to be used. */
    public Policies load(Faults faults) {
        String revision = digest(faults);
        Catalogues files = CatalogueLoader.load(directory.resolve("operations"), faults);
        Map<String, OperationCatalogue> catalogues = new HashMap<>(files.byName());
        prefixes.forEach((prefix, catalogue) -> files.find(catalogue)
                .filter(found -> !prefix.equals(catalogue))
                .ifPresent(found -> catalogues.put(prefix, found.as(prefix))));
        TemplateLoader.Result loaded =
                templates.load(directory.resolve("tasks"), new CatalogueDirectory(catalogues.values()));
        faults.addAll(loaded.faults());
        return new Policies(revision, catalogues, loaded.templates());
    }

    /** What the files look like from outside; two equal stamps mean that nothing changed. */
    public String stamp() {
        StringBuilder stamp = new StringBuilder();
        for (Path file : files(new Faults())) {
            try {
                stamp.append(file)
                        .append('|')
                        .append(Files.getLastModifiedTime(file).toMillis())
                        .append('|')
                        .append(Files.size(file))
                        .append('\n');
            } catch (IOException gone) {
                stamp.append(file).append("|gone\n");
            }
        }
        return stamp.toString();
    }

    private String digest(Faults faults) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files(faults)) {
                digest.update(directory.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                digest.update(Files.readAllBytes(file));
                digest.update((byte) 0);
            }
            return "sha-256:" + Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (IOException e) {
            faults.add(new Position(directory.toString(), 1, 1), "cannot be read");
            return "sha-256:";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Path> files(Faults faults) {
        List<Path> files = new ArrayList<>();
        for (String part : List.of("operations", "tasks")) {
            Path folder = directory.resolve(part);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> all = Files.list(folder)) {
                    all.filter(Files::isRegularFile).sorted().forEach(files::add);
                } catch (IOException e) {
                    faults.add(new Position(folder.toString(), 1, 1), "cannot be read");
                }
            }
        }
        return files;
    }
}
