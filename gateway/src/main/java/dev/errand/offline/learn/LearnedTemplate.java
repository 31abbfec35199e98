package dev.errand.offline.learn;

import dev.errand.offline.learn.Proposal.Candidate;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.Redecision;
import dev.errand.offline.replay.Replay;
import dev.errand.task.template.CatalogueDirectory;
import dev.errand.task.template.OperationDirectory;
import dev.errand.task.template.Template;
import dev.errand.task.template.TemplateParser;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Drafts a template's limits and plan from recorded runs, and proves the draft on them. Pure. */
public final class LearnedTemplate {
    private LearnedTemplate() {}

    /**
     * The draft; empty if none loads.
     *
     * @param tasks at least one
     * @param before the template as configured, or null: then who and what it is for is drafted from the records too
     */
    public static Optional<Proposal> of(
            String name, List<RecordedTask> tasks, @Nullable Template before, Replay replay, TemplateParser parser) {
        Draft draft = new Draft(name, tasks, before);
        OperationDirectory operations = before == null
                ? null
                : new CatalogueDirectory(replay.policies().catalogues().values());
        return Proposal.first(
                List.of(
                        new Candidate("", () -> text(name, tasks, draft, true, null)),
                        new Candidate(
                                "flow is only observed: recorded calls break it",
                                () -> text(name, tasks, draft, true, "observe")),
                        new Candidate(
                                "no plan: none that is small lets every run through",
                                () -> text(name, tasks, draft, false, "observe"))),
                parser,
                operations,
                replay,
                tasks);
    }

    private static String text(
            String name, List<RecordedTask> tasks, Draft draft, boolean plan, @Nullable String flow) {
        TemplateText text = draft.text();
        long calls = tasks.stream().mapToLong(task -> task.permitted().size()).sum();
        text.head("Limits and plan of the template '" + name + "', drafted from the " + calls + " permitted calls of "
                + tasks.size() + (tasks.size() == 1 ? " run" : " runs") + " recorded");
        draft.limits(text, true);
        if (plan) {
            draft.sequence(text, false);
        } else {
            text.drop("sequence").drop("interleave").drop("rules");
        }
        if (flow != null) {
            text.put("flow", flow, "");
        }
        return text.toString();
    }

    /** One line on how well a draft fits. */
    public static String verdict(Proposal proposal) {
        List<Redecision> refused = proposal.refused();
        return refused.size() + " differences among permitted calls"
                + (proposal.widened().isEmpty() ? "" : "; " + proposal.widened());
    }
}
