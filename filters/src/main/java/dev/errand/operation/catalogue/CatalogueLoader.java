package dev.errand.operation.catalogue;

import dev.errand.config.DidYouMean;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Shape;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.declaration.Declaration;
import dev.errand.operation.header.HeaderRules;
import dev.errand.operation.jsonrpc.JsonRpcCatalogue;
import dev.errand.operation.kubernetes.KubernetesCatalogue;
import dev.errand.operation.normalise.Normalisation;
import dev.errand.operation.s3.S3Catalogue;
import dev.errand.operation.template.TemplateReader;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads every catalogue of a directory, noting every fault; used alike at start, at reload and by {@code check}. */
public final class CatalogueLoader {
    /** What a catalogue file may be. */
    public static final Shape SHAPE =
            Shape.either(TemplateReader.KEYS, KubernetesCatalogue.KEYS, S3Catalogue.KEYS, JsonRpcCatalogue.KEYS);

    private static final List<String> RESOLVERS = List.of("template", "kubernetes", "s3", "jsonrpc");

    private final Map<String, OperationCatalogue> byName = new LinkedHashMap<>();
    private final Map<String, Position> declared = new LinkedHashMap<>();
    private final Faults faults;

    private CatalogueLoader(Faults faults) {
        this.faults = faults;
    }

    /**
     * The catalogues of {@code *.yaml} in a directory; if a fault was noted they are not to be used. A directory that does
     * not exist holds none. Reads files.
     */
    public static Catalogues load(Path operations, Faults faults) {
        CatalogueLoader loader = new CatalogueLoader(faults);
        for (Path file : files(operations, faults)) {
            YamlNode node = Yaml.read(file, name(file), faults);
            YamlMap map = node == null ? null : node.map(faults);
            if (map != null) {
                loader.add(map, operations);
            }
        }
        return new Catalogues(loader.byName);
    }

    /** The one catalogue of a text; null after a fault. {@code directory} is where its imports are looked for. */
    public static @Nullable OperationCatalogue parse(String file, String text, Path directory, Faults faults) {
        CatalogueLoader loader = new CatalogueLoader(faults);
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
        String name = Declaration.name(map, faults);
        YamlNode node = map.required("resolver", faults);
        String resolver = node == null ? null : node.string(faults);
        if (node == null || resolver == null || name == null) {
            return;
        }
        Position first = declared.putIfAbsent(name, map.at("catalogue"));
        if (first != null) {
            faults.add(map.at("catalogue"), "the catalogue '" + name + "' is already declared at " + first);
        }
        OperationCatalogue catalogue = switch (resolver) {
            case "template" ->
                TemplateReader.read(
                        declaration(name, map, directory, Normalisation.DEFAULT, HeaderRules.COMMON), faults);
            case "kubernetes" ->
                KubernetesCatalogue.read(
                        declaration(name, map, directory, KubernetesCatalogue.DEFAULTS, HeaderRules.KUBERNETES),
                        faults);
            case "s3" ->
                S3Catalogue.read(declaration(name, map, directory, S3Catalogue.DEFAULTS, HeaderRules.COMMON), faults);
            case "jsonrpc" ->
                JsonRpcCatalogue.read(
                        declaration(name, map, directory, Normalisation.DEFAULT, HeaderRules.COMMON), faults);
            default -> {
                faults.add(node.at(), "'" + resolver + "' is no resolver" + DidYouMean.hint(resolver, RESOLVERS));
                yield null;
            }
        };
        if (catalogue != null) {
            byName.putIfAbsent(name, catalogue);
        }
    }

    private Declaration declaration(
            String name, YamlMap map, Path directory, Normalisation defaults, HeaderRules headers) {
        return new Declaration(name, map, directory, Declaration.target(map, defaults, headers, faults));
    }

    private static String name(Path file) {
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
