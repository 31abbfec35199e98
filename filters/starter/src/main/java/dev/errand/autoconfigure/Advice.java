package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is wrong with a configuration as a whole although each part is valid: mostly warnings. All of it is
 * reported, whatever other faults there are. Reads the files of the directory; for one thread.
 */
record Advice(Path directory, SpringYaml yaml, Faults faults) {
    /**
     * Adds all findings.
     *
     * @param errand null if it cannot be read: then what depends on it is left out
     * @param routes how many routes were read
     * @param prefixes further prefixes of operation ids, each with its catalogue
     */
    public void give(@Nullable ErrandProperties errand, Policies policies, int routes, Map<String, String> prefixes) {
        SpringKeys.check(yaml, faults);
        nothingRead(policies, routes);
        List<WrittenTemplate> templates = WrittenTemplate.of(directory, policies);
        for (WrittenTemplate written : templates) {
            PlanAdvice.give(written, faults);
            TemplateAdvice.consent(written, faults);
            if (errand != null) {
                TemplateAdvice.give(written, errand, faults);
            }
            if (written.template().candidate()) {
                CandidateAdvice.give(written, policies, faults);
            }
        }
        OptionalAdvice.give(directory, templates, prefixes, faults);
        List<Template> compiled = templates.stream()
                .map(WrittenTemplate::template)
                .filter(template -> !template.candidate())
                .toList();
        // A template that did not load may look at any label.
        if (templates.size()
                == WrittenTemplate.files(directory.resolve("tasks")).size()) {
            LabelAdvice.give(directory, compiled, prefixes, faults);
        }
        if (errand != null) {
            EmptyDocuments.check(errand, yaml, faults);
            ShownAdvice.give(directory, errand, faults);
        }
    }

    private void nothingRead(Policies policies, int routes) {
        Position at = new Position(SpringYaml.FILE, 1, 1);
        if (routes == 0) {
            faults.warn(
                    at,
                    "no route was read, so that every call is 404: write at least one under"
                            + " spring.cloud.gateway.server.webflux.routes");
        }
        if (policies.catalogues().isEmpty()
                && WrittenTemplate.files(directory.resolve("operations")).isEmpty()) {
            faults.warn(
                    at,
                    "no catalogue was read: write what the requests to an upstream mean into operations/NAME.yaml, beside"
                            + " this file");
        }
        if (policies.templates().isEmpty()
                && WrittenTemplate.files(directory.resolve("tasks")).isEmpty()) {
            faults.warn(
                    at,
                    "no template was read, so that no task can start: write what a task may do into tasks/NAME.yaml,"
                            + " beside this file");
        }
    }
}
