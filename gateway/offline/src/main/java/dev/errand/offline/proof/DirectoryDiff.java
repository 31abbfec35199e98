package dev.errand.offline.proof;

import dev.errand.offline.proof.RequestSamples.Sample;
import dev.errand.offline.story.TemplateLines;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.proof.Comparison;
import dev.errand.proof.Comparison.Change;
import dev.errand.proof.Deadline;
import dev.errand.proof.Revision;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares two configurations: what tasks of the second may do that tasks of the first may not, and the reverse. Reads
 * files, so never on an event loop. Thread-safe.
 */
public record DirectoryDiff(Side first, Side second) {
    /**
     * A configuration.
     *
     * @param policies of the directory, without a fault
     */
    public record Side(Path directory, Policies policies) {
        private Revision revision(Template template) {
            return new Revision(
                    template,
                    TemplateLines.of(directory, template),
                    new CatalogueDirectory(policies.catalogues().values()));
        }
    }

    /**
     * What differs for one template.
     *
     * @param added whether only the second configuration has it
     * @param removed whether only the first configuration has it
     * @param more what only the second permits
     * @param less what only the first permits
     */
    public record OfTemplate(String template, boolean added, boolean removed, List<Change> more, List<Change> less) {
        public OfTemplate {
            more = List.copyOf(more);
            less = List.copyOf(less);
        }

        /** Whether the second configuration permits something new. */
        public boolean isNew() {
            return added || !more.isEmpty();
        }

        /** Whether nothing differs. */
        public boolean isSame() {
            return !added && !removed && more.isEmpty() && less.isEmpty();
        }
    }

    /**
     * A request, or an operation, to which the second catalogue gives another name or effect.
     *
     * @param what a request, or the id of an operation
     * @param before its name or effect in the first configuration; null if it has none
     * @param now its name or effect in the second configuration; null if it has none
     * @param grantedBy the templates of the second configuration that grant it
     */
    public record OfCatalogue(
            String what, @Nullable String before, @Nullable String now, List<String> grantedBy) {
        public OfCatalogue {
            grantedBy = List.copyOf(grantedBy);
        }

        /** Whether a template of the second configuration grants it. */
        public boolean isNew() {
            return !grantedBy.isEmpty();
        }
    }

    /** What differs; templates that permit something new come first. */
    public record Result(List<OfTemplate> templates, List<OfCatalogue> catalogues) {
        public Result {
            templates = List.copyOf(templates);
            catalogues = List.copyOf(catalogues);
        }

        /** Whether the second configuration permits something new. */
        public boolean isNew() {
            return templates.stream().anyMatch(OfTemplate::isNew)
                    || catalogues.stream().anyMatch(OfCatalogue::isNew);
        }
    }

    /**
     * Compares.
     *
     * @param only the name of the only template to look at; null for all
     * @param limit the time for one template and direction
     */
    public Result run(@Nullable String only, Duration limit) {
        Set<String> names = new TreeSet<>(first.policies().templates().keySet());
        names.addAll(second.policies().templates().keySet());
        names.removeIf(name -> only != null && !only.equals(name));
        List<OfTemplate> templates = new ArrayList<>();
        for (String name : names) {
            Template before = first.policies().templates().get(name);
            Template now = second.policies().templates().get(name);
            OfTemplate one = compared(name, before, now, limit);
            if (!one.isSame()) {
                templates.add(one);
            }
        }
        templates.sort(Comparator.comparing(one -> !one.isNew()));
        return new Result(templates, catalogues(names));
    }

    private OfTemplate compared(String name, @Nullable Template before, @Nullable Template now, Duration limit) {
        if (before == null || now == null) {
            return new OfTemplate(name, before == null, now == null, List.of(), List.of());
        }
        Revision old = first.revision(before);
        Revision changed = second.revision(now);
        return new OfTemplate(name, false, false, changes(changed, old, limit), changes(old, changed, limit));
    }

    private static List<Change> changes(Revision wide, Revision narrow, Duration limit) {
        return new Comparison(wide, narrow, Deadline.after(limit, System::nanoTime)).run();
    }

    private List<OfCatalogue> catalogues(Set<String> templates) {
        Map<String, OfCatalogue> found = new TreeMap<>();
        Map<String, Set<Sample>> samples = RequestSamples.of(first.policies().catalogues());
        RequestSamples.of(second.policies().catalogues())
                .forEach((name, more) -> samples.computeIfAbsent(name, each -> new LinkedHashSet<>())
                        .addAll(more));
        samples.forEach((name, requests) -> {
            OperationCatalogue before = first.policies().catalogue(name);
            OperationCatalogue now = second.policies().catalogue(name);
            for (Sample request : requests) {
                compare(
                        name + ": " + request,
                        before == null ? null : request.in(before),
                        now == null ? null : request.in(now),
                        templates,
                        found);
            }
        });
        for (String template : templates) {
            Template granting = second.policies().templates().get(template);
            if (granting != null) {
                granting.grants().tools().keySet().forEach(id -> {
                    Operation before = first.policies().operation(id).orElse(null);
                    Operation now = second.policies().operation(id).orElse(null);
                    if (before != null && now != null) {
                        compare(id, before, now, templates, found);
                    }
                });
            }
        }
        return found.values().stream()
                .sorted(Comparator.comparing(one -> !one.isNew()))
                .toList();
    }

    private void compare(
            String what,
            @Nullable Operation before,
            @Nullable Operation now,
            Set<String> templates,
            Map<String, OfCatalogue> found) {
        String was = before == null ? null : told(before);
        String is = now == null ? null : told(now);
        if (was == null ? is != null : !was.equals(is)) {
            List<String> granting = now == null
                    ? List.of()
                    : templates.stream()
                            .filter(name -> grants(second, name, now.id()))
                            .toList();
            found.put(what, new OfCatalogue(what, was, is, granting));
        }
    }

    private static String told(Operation one) {
        return one.id() + " (" + one.effect().wire() + (one.yieldsUntrusted() ? ", yields untrusted" : "")
                + (one.needsTrusted() ? ", needs trusted " + String.join(", ", one.trustedArguments()) : "") + ")";
    }

    private static boolean grants(Side side, String template, String id) {
        Template found = side.policies().templates().get(template);
        return found != null && found.grants().tools().containsKey(id);
    }
}
