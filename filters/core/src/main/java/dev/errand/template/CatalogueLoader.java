package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.operation.Declaration;
import dev.errand.operation.HeaderProtocol;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.Normalisation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import dev.errand.operation.Resolver;
import dev.errand.operation.TargetRules;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads every catalogue of a directory and adds every fault. Used at start, at reload and by {@code check}. */
public final class CatalogueLoader {
    /** The shape of a catalogue file. */
    public static final Shape SHAPE = Resolvers.ALL.shape();

    private static final String CATALOGUE = "catalogue";
    /** The prefix of a catalogue whose own name is faulty. */
    private static final String NAMELESS = "nameless";

    private final Map<String, OperationCatalogue> byName = new LinkedHashMap<>();
    private final Map<String, Position> declared = new LinkedHashMap<>();
    private final Set<String> faulty = new HashSet<>();
    private final Resolvers resolvers;
    private final Faults faults;

    private CatalogueLoader(Resolvers resolvers, Faults faults) {
        this.resolvers = resolvers;
        this.faults = faults;
    }

    /**
     * The catalogues of the {@code *.yaml} files in a directory. They must not be used if there was a fault. A
     * directory that does not exist has none. Reads files.
     */
    public static Catalogues load(Path operations, Faults faults) {
        return load(operations, Resolvers.ALL, faults);
    }

    /** Like {@link #load(Path, Faults)}, with these resolvers. */
    public static Catalogues load(Path operations, Resolvers resolvers, Faults faults) {
        CatalogueLoader loader = new CatalogueLoader(resolvers, faults);
        List<Written> all =
                files(operations, faults).stream().map(Written::read).toList();
        Set<Path> imported = new HashSet<>();
        all.forEach(each -> imported.addAll(each.imports()));
        for (Written each : all) {
            if (each.isDocument(imported)) {
                continue;
            }
            int before = faults.count();
            faults.addAll(each.faults());
            if (each.map() != null && !loader.isStrayDocument(each.map())) {
                loader.add(each.map(), operations);
            }
            if (faults.count() > before) {
                loader.faulty.add(written(each.map(), each.file()));
            }
        }
        return new Catalogues(loader.byName, loader.faulty);
    }

    /** Whether the mapping is an OpenAPI document that no catalogue imports; then it has a fault. */
    private boolean isStrayDocument(YamlMap map) {
        boolean stray =
                map.optional(CATALOGUE) == null && (map.optional("openapi") != null || map.optional("swagger") != null);
        if (stray) {
            faults.add(
                    map.at(),
                    "an OpenAPI document that no catalogue imports: name the file in 'import: [{openapi: FILE}]' of a"
                            + " catalogue, or move it out of this folder");
        }
        return stray;
    }

    /** The catalogue in a text; null after a fault. Files that it imports are in {@code directory}. */
    public static @Nullable OperationCatalogue parse(String file, String text, Path directory, Faults faults) {
        CatalogueLoader loader = new CatalogueLoader(Resolvers.ALL, faults);
        YamlNode node = Yaml.parse(file, text, faults);
        YamlMap map = node == null ? null : node.map(faults);
        if (map != null) {
            loader.add(map, directory);
        }
        return faults.isEmpty() && !loader.byName.isEmpty()
                ? loader.byName.values().iterator().next()
                : null;
    }

    private void add(YamlMap map, Path directory) {
        String given = Declaration.name(map, faults);
        YamlNode node = map.required("resolver", faults);
        String word = node == null ? null : node.string(faults);
        if (node == null || word == null) {
            return;
        }
        String name = given == null ? NAMELESS : given;
        Position first = given == null ? null : declared.putIfAbsent(name, map.at(CATALOGUE));
        if (first != null) {
            faults.add(map.at(CATALOGUE), "the catalogue '" + name + "' is already declared at " + first);
        }
        Resolver resolver = resolvers.named(word);
        if (resolver == null) {
            faults.add(node.at(), "'" + word + "' is no resolver" + DidYouMean.hint(word, resolvers.names()));
            String meant = DidYouMean.nearest(word, resolvers.names());
            resolver = meant == null ? null : resolvers.named(meant);
        }
        if (resolver == null) {
            // What the keys hold depends on the resolver. Only the common part is judged.
            Declaration.refusals(map, RefusalStyle.PROBLEM, faults);
            Declaration.target(map, Normalisation.DEFAULT, HeaderRules.of(HeaderProtocol.NONE), faults);
            map.unknownKeys(
                    faults, resolvers.list().stream().map(Resolver::keys).toArray(Keys[]::new));
            return;
        }
        RefusalStyle refusals = Declaration.refusals(map, resolver.refusals(), faults);
        HeaderProtocol protocol = resolver.protocol();
        HeaderRules headers =
                HeaderRules.of(protocol == HeaderProtocol.NONE ? Declaration.protocol(name, refusals) : protocol);
        TargetRules target = Declaration.target(map, resolver.spelling(), headers, faults);
        map.unknownKeys(faults, resolver.keys());
        Declaration declaration = Declaration.of(name, map, directory, target, resolver.name(), refusals, faults);
        OperationCatalogue read = resolver.read(declaration, faults);
        if (given != null) {
            byName.putIfAbsent(name, read);
        }
    }

    /** The name that a faulty file gives its catalogue; the file's own name if it gives none. */
    private static String written(@Nullable YamlMap map, Path file) {
        String name = map == null ? null : Declaration.name(map, new Faults());
        return name == null ? String.valueOf(file.getFileName()).replaceFirst("\\.yaml$", "") : name;
    }

    static String name(Path file) {
        Path parent = file.getParent() == null ? null : file.getParent().getFileName();
        return parent == null ? String.valueOf(file.getFileName()) : parent + "/" + file.getFileName();
    }

    private static List<Path> files(Path directory, Faults faults) {
        List<Path> files = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return files;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.yaml")) {
            stream.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            faults.add(new Position(String.valueOf(directory.getFileName()), 1, 1), "cannot be read");
        }
        Collections.sort(files);
        return files;
    }
}
