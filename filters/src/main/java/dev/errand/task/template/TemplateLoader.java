package dev.errand.task.template;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Loads all templates of a configuration. Thread-safe; reads files, so never on an event loop. */
public final class TemplateLoader {
    private final TemplateParser parser;

    public TemplateLoader(TemplateParser parser) {
        this.parser = parser;
    }

    /**
     * What a load found. With any fault the templates are not to be used: a reload keeps the last good ones.
     *
     * @param templates those without a fault, by name
     * @param faults every fault of every file
     */
    public record Result(Map<String, Template> templates, Faults faults) {
        public Result {
            templates = Map.copyOf(templates);
        }
    }

    /** Loads {@code *.yaml} and {@code *.yml} of the directory in the order of their names; none if there is none. */
    public Result load(Path tasksDirectory, OperationDirectory operations) {
        Faults faults = new Faults();
        Map<String, Template> templates = new LinkedHashMap<>();
        Map<String, String> files = new LinkedHashMap<>();
        for (Path file : files(tasksDirectory, faults)) {
            String name = tasksDirectory.getFileName() + "/" + file.getFileName();
            read(file, name, faults)
                    .flatMap(text -> parser.parse(name, text, operations, faults))
                    .ifPresent(template -> {
                        String earlier = files.putIfAbsent(template.name(), name);
                        if (earlier != null) {
                            faults.add(
                                    new Position(name, 1, 1),
                                    "template '" + template.name() + "' is already in " + earlier);
                        } else {
                            templates.put(template.name(), template);
                        }
                    });
        }
        return new Result(templates, faults);
    }

    private static List<Path> files(Path directory, Faults faults) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            List<Path> files = new ArrayList<>(all.filter(file -> {
                        String name = file.getFileName().toString();
                        return (name.endsWith(".yaml") || name.endsWith(".yml")) && !name.startsWith(".");
                    })
                    .toList());
            files.sort(null);
            return files;
        } catch (IOException e) {
            faults.add(new Position(directory.getFileName().toString(), 1, 1), "cannot be read");
            return List.of();
        }
    }

    private static Optional<String> read(Path file, String name, Faults faults) {
        try {
            if (Files.size(file) > Yaml.MAX_BYTES) {
                faults.add(new Position(name, 1, 1), "larger than " + Yaml.MAX_BYTES + " bytes");
                return Optional.empty();
            }
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString());
        } catch (CharacterCodingException e) {
            faults.add(new Position(name, 1, 1), "not UTF-8");
        } catch (IOException e) {
            faults.add(new Position(name, 1, 1), "cannot be read");
        }
        return Optional.empty();
    }
}
