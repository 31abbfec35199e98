package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Loads all templates of a configuration. Thread-safe; reads files, so do not call it on an event loop. */
record TemplateLoader(TemplateParser parser) {
    /**
     * The result of a load. If there is any fault, the templates must not be used: a reload keeps the last good ones.
     *
     * @param templates the templates without a fault, by name
     * @param candidates the candidates, by the name of the template beside which each is judged
     * @param faults every fault of every file
     */
    public record Result(Map<String, Template> templates, Map<String, Template> candidates, Faults faults) {
        public Result {
            templates = Map.copyOf(templates);
            candidates = Map.copyOf(candidates);
        }
    }

    /** A template, and the name of its file. */
    private record Loaded(Template template, String file) {}

    /**
     * Loads {@code *.yaml} and {@code *.yml} of the directory, sorted by name; none if the directory does not exist.
     */
    public Result load(Path tasksDirectory, OperationDirectory operations) {
        Faults faults = new Faults();
        Map<String, Loaded> templates = new LinkedHashMap<>();
        Map<String, Loaded> candidates = new LinkedHashMap<>();
        Map<String, String> files = new HashMap<>();
        Set<String> known = new HashSet<>();
        boolean all = true;
        for (Path file : files(tasksDirectory, faults)) {
            String name = tasksDirectory.getFileName() + "/" + file.getFileName();
            Optional<String> text = read(file, name, faults);
            Optional<Template> read = text.flatMap(found -> parser.parse(name, found, operations, faults));
            String declared = read.map(Template::name)
                    .orElseGet(() -> text.map(found -> named(name, found)).orElse(null));
            boolean candidate = CandidateFile.isNamed(name);
            // A file with other faults has its name, too.
            String earlier = declared == null ? null : files.putIfAbsent(candidate + declared, name);
            if (earlier != null) {
                faults.add(
                        new Position(name, 1, 1),
                        (candidate ? "a candidate of template '" : "template '") + declared + "' is already in "
                                + earlier);
            }
            read.ifPresent(template -> (template.candidate() ? candidates : templates)
                    .putIfAbsent(template.name(), new Loaded(template, name)));
            if (read.isEmpty() && !candidate) {
                // A template whose file has a fault is there.
                all &= declared != null;
                known.add(String.valueOf(declared));
            }
        }
        known.addAll(templates.keySet());
        if (all) {
            candidates.forEach((name, loaded) -> {
                if (!known.contains(name)) {
                    CandidateFile.unknown(loaded.file(), loaded.template(), known, faults);
                }
            });
        }
        return new Result(byName(templates), byName(candidates), faults);
    }

    /** The name of the template in a file that has faults; null if it cannot be read. */
    private static @Nullable String named(String file, String text) {
        return Yaml.parse(file, text, new Faults()) instanceof YamlMap map
                ? map.string("template", new Faults())
                : null;
    }

    private static Map<String, Template> byName(Map<String, Loaded> loaded) {
        return loaded.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().template()));
    }

    private static List<Path> files(Path directory, Faults faults) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try {
            return Yaml.files(directory);
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

    /** Distinguishes a candidate's file from a template's: by its name, and by {@code candidate: true} in it. Pure. */
    static final class CandidateFile {
        private static final String KEY = "candidate";
        private static final Pattern NAME = Pattern.compile(".*\\.candidate\\.ya?ml");

        private CandidateFile() {}

        /** Whether the name of the file is that of a candidate's file. */
        static boolean isNamed(String file) {
            return NAME.matcher(file).matches();
        }

        /** Whether the template is a candidate. Adds a fault if the file's name says otherwise. */
        static boolean check(String file, YamlMap map, Faults faults) {
            int before = faults.count();
            YamlNode node = map.optional(KEY);
            boolean candidate = map.bool(KEY, false, faults);
            if (faults.count() > before) {
                return false;
            }
            if (node != null && !candidate) {
                faults.add(node.at(), "`candidate` is true, or is left out");
            } else if (candidate && !isNamed(file)) {
                faults.add(
                        map.at(KEY),
                        "a candidate stands in a file of its own, named NAME.candidate.yaml: rename the file, or leave"
                                + " `candidate` out");
            } else if (!candidate && isNamed(file)) {
                faults.add(
                        map.at("template"),
                        "a file named *.candidate.yaml holds a candidate: write `candidate: true`, or rename the file");
            }
            return candidate;
        }

        /** Adds a fault if the candidate's template does not exist. */
        static void unknown(String file, Template template, Set<String> known, Faults faults) {
            if (Yaml.parse(file, template.text(), new Faults()) instanceof YamlMap map) {
                YamlNode name = map.optional("template");
                faults.add(
                        name == null ? map.at() : name.at(),
                        "a candidate is judged beside a template of the same name, and there is no template '"
                                + template.name() + "'" + DidYouMean.hint(template.name(), known));
            }
        }
    }
}
