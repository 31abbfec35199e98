package dev.errand.offline.proof;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RequestHeaders;
import dev.errand.operation.Resolution;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One request for each line of a catalogue's file that names a method and a path. */
final class RequestSamples {
    private static final RequestHeaders NO_HEADERS = new RequestHeaders() {
        @Override
        public List<String> values(String name) {
            return List.of();
        }

        @Override
        public Set<String> names() {
            return Set.of();
        }
    };

    private RequestSamples() {}

    /** A request. */
    record Sample(String method, String path, @Nullable String query) {
        /** The operation that the catalogue names it; null if it names none, or several. */
        @Nullable Operation in(OperationCatalogue catalogue) {
            byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
            Resolution named = catalogue.resolve(new CatalogueRequest(method, path, query, NO_HEADERS, body));
            return named instanceof Resolution.Resolved resolved
                            && resolved.calls().size() == 1
                    ? resolved.calls().get(0).operation()
                    : null;
        }

        @Override
        public String toString() {
            return method + " " + path + (query == null ? "" : "?" + query);
        }
    }

    /** The requests of all catalogues of a configuration, by the catalogue's name. */
    static Map<String, Set<Sample>> of(Path directory) {
        Map<String, Set<Sample>> samples = new TreeMap<>();
        Path folder = directory.resolve("operations");
        if (!Files.isDirectory(folder)) {
            return samples;
        }
        try {
            for (Path file : Yaml.files(folder)) {
                if (Yaml.read(file, file.getFileName().toString(), new Faults()) instanceof YamlMap map) {
                    samples.computeIfAbsent(text(map, "catalogue"), name -> new LinkedHashSet<>())
                            .addAll(ofCatalogue(map));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return samples;
    }

    private static List<Sample> ofCatalogue(YamlMap catalogue) {
        List<Sample> samples = new ArrayList<>();
        for (YamlNode operation : items(catalogue.optional("operations"))) {
            YamlNode matches = operation instanceof YamlMap map ? map.optional("match") : null;
            for (YamlNode match : matches instanceof YamlMap ? List.of(matches) : items(matches)) {
                if (match instanceof YamlMap map) {
                    String path =
                            text(catalogue, "base-path") + text(map, "path").replaceAll("\\{[^}]*\\}", "x1");
                    YamlNode methods = Objects.requireNonNullElse(map.optional("method"), match);
                    for (YamlNode method : methods instanceof YamlScalar ? List.of(methods) : items(methods)) {
                        if (method instanceof YamlScalar word) {
                            samples.add(new Sample(word.text(), path, query(map.optional("query"))));
                        }
                    }
                }
            }
        }
        return samples;
    }

    private static @Nullable String query(@Nullable YamlNode node) {
        if (!(node instanceof YamlMap map)) {
            return null;
        }
        List<String> pairs = new ArrayList<>();
        map.members()
                .forEach(
                        (name, value) -> pairs.add(name + "=" + (value instanceof YamlScalar one ? one.text() : "x1")));
        return String.join("&", pairs);
    }

    private static List<YamlNode> items(@Nullable YamlNode node) {
        return node instanceof YamlList list ? list.items() : List.of();
    }

    private static String text(YamlMap map, String key) {
        return map.optional(key) instanceof YamlScalar scalar ? scalar.text() : "";
    }
}
