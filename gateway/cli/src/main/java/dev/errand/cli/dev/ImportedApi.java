package dev.errand.cli.dev;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.holder.AgentException;
import dev.errand.operation.Effect;
import dev.errand.operation.ImportReport;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.OperationForm;
import dev.errand.template.CatalogueLoader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What {@code init --dev --openapi} writes: a catalogue that imports the document, with the effect of each operation by its
 * method, a template that only reads, and scenarios. Every effect is a guess, and is marked as one. An {@link
 * AgentException} says why a document cannot be imported.
 */
final class ImportedApi implements Imported {
    private static final String NAME = "api";

    private final Path document;
    private final String file;
    private final String base;
    private final List<OperationForm> imported;
    private final List<ImportReport.LeftOut> leftOut;
    /** The operations that are written by hand, by id. */
    private final Map<String, OperationForm> own = new LinkedHashMap<>();

    private ImportedApi(Path document, String base, OperationCatalogue catalogue) {
        this.document = document;
        this.file = document.getFileName().toString();
        this.base = base;
        this.imported = catalogue.forms();
        this.leftOut = catalogue.imports().map(ImportReport::leftOut).orElse(List.of());
        for (ImportReport.LeftOut each : leftOut) {
            if (each.unnamed()) {
                String id = id(each.method(), each.template());
                own.putIfAbsent(
                        id, new OperationForm(each.method(), each.template(), id, Effect.UNREVIEWED, "", Set.of()));
            }
        }
    }

    /** Reads a document, as a catalogue beside it would. */
    static ImportedApi read(Path document) {
        Path name = document.getFileName();
        if (name == null || !Files.isRegularFile(document)) {
            throw new AgentException(document.toAbsolutePath().normalize() + ": there is no such file");
        }
        String base = base(document);
        Faults faults = new Faults();
        Path folder = Objects.requireNonNull(document.toAbsolutePath().getParent());
        OperationCatalogue catalogue = CatalogueLoader.parse("api.yaml", head(base, name.toString()), folder, faults);
        if (!faults.isEmpty() || catalogue == null) {
            throw new AgentException(document + ": "
                    + (faults.isEmpty()
                            ? "is no OpenAPI document"
                            : faults.list().get(0).toString()));
        }
        ImportedApi api = new ImportedApi(document, base, catalogue);
        if (api.imported.isEmpty() && api.own.isEmpty()) {
            throw new AgentException(document + ": has no operation that can be imported");
        } else if (api.reading() == null) {
            throw new AgentException(document + ": has no operation that only reads (GET), so no first template can be"
                    + " written; run init without --openapi, and write catalogue and template by hand");
        }
        return api;
    }

    private static String head(String base, String file) {
        return "catalogue: " + NAME + "\nresolver: template\n"
                + (base.isEmpty() ? "" : "base-path: \"" + base + "\"\n")
                + "import: [{openapi: \"" + file + "\"}]\n";
    }

    /** The path of the document's first server, or its basePath; empty if it is the root, or has a variable. */
    private static String base(Path document) {
        YamlNode node = Yaml.read(document, document.toString(), new Faults());
        if (!(node instanceof YamlMap map)) {
            return "";
        }
        YamlNode first = map.optional("servers") instanceof YamlList servers
                        && !servers.items().isEmpty()
                ? servers.items().get(0)
                : null;
        YamlNode url = first instanceof YamlMap server ? server.optional("url") : map.optional("basePath");
        if (!(url instanceof YamlScalar text)) {
            return "";
        }
        try {
            String path = Objects.requireNonNullElse(URI.create(text.text()).getRawPath(), "");
            String plain = path.replaceFirst("/+$", "");
            return plain.startsWith("/") ? plain : "";
        } catch (IllegalArgumentException variable) {
            return "";
        }
    }

    /** An id of the method and the fixed segments of the path, such as get.orders.lines. */
    private String id(String method, String template) {
        StringBuilder id = new StringBuilder(method.toLowerCase(Locale.ROOT));
        for (String segment : template.replaceAll("[{}]", "").split("/", -1)) {
            String plain = segment.replaceAll("[^A-Za-z0-9_-]", "");
            if (!plain.isEmpty()) {
                id.append('.').append(plain);
            }
        }
        return id.substring(0, Math.min(id.length(), 128));
    }

    /** The name of the document beside the catalogue. */
    String file() {
        return file;
    }

    String content() throws IOException {
        return Files.readString(document, StandardCharsets.UTF_8);
    }

    @Override
    public String catalogue() {
        StringBuilder text = new StringBuilder("""
                # What the requests to the API mean, from its OpenAPI document. A request that is not named is refused. The effects are
                # guesses by the method: look at each line, and take its mark away. A template can bound a value of a body only if its
                # operation is written by hand, with params: docs/operations/catalogue.md
                """);
        text.append(head(base, file));
        if (!own.isEmpty()) {
            text.append("normalise: {query: open}\n");
        }
        text.append("effects:\n");
        Map<String, OperationForm> byId = new TreeMap<>();
        imported.forEach(form -> byId.putIfAbsent(form.id().substring(NAME.length() + 1), form));
        byId.forEach((id, form) -> text.append("  \"")
                .append(id)
                .append("\": ")
                .append(effect(form.method()))
                .append("  # review: ")
                .append(form.method())
                .append(' ')
                .append(form.path())
                .append('\n'));
        if (byId.isEmpty()) {
            text.setLength(text.length() - "effects:\n".length());
        }
        if (!own.isEmpty()) {
            text.append("# These have no operationId that can be an id here.\noperations:\n");
        }
        own.values()
                .forEach(form -> text.append("  - {id: \"")
                        .append(form.id())
                        .append("\", match: {method: ")
                        .append(form.method())
                        .append(", path: \"")
                        .append(form.path())
                        .append("\"}, effect: ")
                        .append(effect(form.method()))
                        .append("}  # review\n"));
        for (ImportReport.LeftOut each : leftOut) {
            if (!each.unnamed() && !each.method().equals("HEAD")) {
                text.append("# left out: ")
                        .append(each.method())
                        .append(' ')
                        .append(each.template())
                        .append(": ")
                        .append(each.why())
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String effect(String method) {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE" -> "read";
            case "DELETE" -> "delete";
            default -> "write";
        };
    }

    private @Nullable OperationForm reading() {
        return all().stream()
                .filter(form -> effect(form.method()).equals("read"))
                .findFirst()
                .orElse(null);
    }

    private List<OperationForm> all() {
        List<OperationForm> all = new ArrayList<>(imported);
        own.values()
                .forEach(form -> all.add(new OperationForm(
                        form.method(),
                        base + form.path(),
                        NAME + ':' + form.id(),
                        form.effect(),
                        form.resource(),
                        form.arguments())));
        return all;
    }

    @Override
    public String scenarios() {
        StringBuilder text = new StringBuilder("""
                # What tasks of the template explore may do, and what not: `errand test DIR` judges it without a gateway.
                template: explore
                calls:
                """);
        OperationForm reading = Objects.requireNonNull(reading());
        request(text, reading, "permit");
        all().stream()
                .filter(form -> !effect(form.method()).equals("read"))
                .findFirst()
                .ifPresent(form -> request(text, form, "not-granted"));
        return text.toString();
    }

    /** The path of a request that the template {@code explore} permits, for a line that people paste into a shell. */
    String firstPath() {
        String path = example(Objects.requireNonNull(reading()));
        return path.matches("[A-Za-z0-9._~/-]+") ? path : "/";
    }

    private static String example(OperationForm form) {
        return form.path().replaceAll("\\{[^}]*\\}", "1");
    }

    private static void request(StringBuilder text, OperationForm form, String expect) {
        text.append("  - {request: {method: ")
                .append(form.method())
                .append(", path: \"/api")
                .append(example(form))
                .append("\"}, operation: \"")
                .append(form.id())
                .append("\", expect: ")
                .append(expect)
                .append("}\n");
    }
}
