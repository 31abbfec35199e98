package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.json.DidYouMean;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts a candidate in its template's place. Before anything is written, the whole configuration is checked, both as it is and as
 * it will be. Then the template is copied, replaced by one rename, and the candidate's file removed. So the files are a valid
 * configuration at each moment, and a promotion that broke off may be run again. Blocks on the disk.
 */
final class Promotion {
    private Promotion() {}

    /**
     * The result of a promotion.
     *
     * @param done whether the files changed
     * @param lines for people
     */
    record Result(boolean done, List<String> lines) {
        Result {
            lines = List.copyOf(lines);
        }

        private static Result refused(String line) {
            return new Result(false, List.of(line));
        }
    }

    static Result of(Path directory, Map<String, Object> overrides, String name) throws IOException {
        ConfigurationCheck.Result checked = ConfigurationCheck.check(directory, overrides);
        if (!checked.faults().isEmpty()) {
            return refused(checked.faults(), "the configuration has faults: nothing was promoted");
        }
        Policies policies = Objects.requireNonNull(checked.policies());
        Template candidate = policies.candidates().get(name);
        if (candidate == null) {
            return Result.refused("there is no candidate of a template '" + name + "' in " + directory.resolve("tasks")
                    + DidYouMean.hint(name, policies.candidates().keySet()));
        }
        Template template = policies.template(name).orElseThrow();
        TaskFiles files = new TaskFiles(directory.resolve("tasks"));
        Path to = files.of(template.text());
        Path from = files.of(candidate.text());
        if (to == null || from == null) {
            return Result.refused("a file of the template '" + name + "' changed meanwhile: nothing was promoted");
        }
        String text = CandidateLine.without(candidate.text()).orElse(null);
        if (text == null) {
            return Result.refused(
                    "tasks/" + from.getFileName()
                            + ": write `candidate: true` on a line of its own, or as a member of a mapping in braces, so that it can be taken out");
        }
        List<Fault> faults = faultsOf(text, "tasks/" + to.getFileName(), directory, overrides, policies);
        return faults.isEmpty()
                ? write(files, from, to, template, text)
                : refused(faults, "the configuration would have these faults: nothing was promoted");
    }

    private static Result refused(List<Fault> faults, String why) {
        return new Result(
                false,
                Stream.concat(faults.stream().map(Fault::toString), Stream.of(why))
                        .toList());
    }

    /** The faults of the configuration as it would be after the promotion. */
    private static List<Fault> faultsOf(
            String text, String file, Path directory, Map<String, Object> overrides, Policies policies) {
        Faults faults = new Faults();
        Optional<Template> promoted = ConfigurationCheck.parser(directory, overrides)
                .parse(file, text, new CatalogueDirectory(policies.catalogues().values()), faults);
        return promoted.isEmpty()
                ? faults.list()
                : ConfigurationCheck.check(directory, overrides, now -> promoted(now, promoted.get()))
                        .faults();
    }

    private static Policies promoted(Policies now, Template template) {
        Map<String, Template> templates = new HashMap<>(now.templates());
        templates.put(template.name(), template);
        Map<String, Template> candidates = new HashMap<>(now.candidates());
        candidates.remove(template.name());
        return new Policies(now.revision(), now.catalogues(), templates, candidates, now.faulty());
    }

    private static Result write(TaskFiles files, Path from, Path to, Template before, String text) throws IOException {
        String linked = TaskFiles.linked(from, to);
        if (linked != null) {
            return Result.refused(linked + " is a symbolic link, as in a mounted volume: make the change at the source"
                    + " of that volume");
        }
        Path copy = to.resolveSibling(to.getFileName() + ".before");
        files.write(copy, before.text(), to);
        files.write(to, text, to);
        Files.delete(from);
        files.force();
        return new Result(
                true,
                List.of(
                        "promoted: " + to + " is what " + from.getFileName() + " was (" + Sha256.labelOf(text) + ")",
                        "before: " + copy + " (" + before.revision() + "); to go back: mv " + copy + " " + to,
                        "Tasks that run keep the revision that they began under; new tasks start under this one."));
    }
}
