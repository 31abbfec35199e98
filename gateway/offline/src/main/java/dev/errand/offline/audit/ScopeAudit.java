package dev.errand.offline.audit;

import dev.errand.offline.learn.Draft;
import dev.errand.offline.learn.GrantLearner;
import dev.errand.offline.learn.Proposal;
import dev.errand.offline.learn.Proposal.Candidate;
import dev.errand.offline.learn.ShorthandText;
import dev.errand.offline.learn.TemplateText;
import dev.errand.offline.learn.Traces;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.Replay;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares what one template grants with what was used, and proposes the smallest template that permits exactly the
 * recorded permitted calls. Immutable.
 *
 * @param template its name
 * @param granted the template as the configuration has it, or null if it is not at hand
 * @param recorded the revisions that the tasks ran under
 * @param usages by agent
 * @param grants by granted operation, each with what was used of it; empty if it is not known what was granted
 * @param budgets the bounds; empty if it is not known what was granted
 * @param branches the used parts of its plan, or null
 * @param proposal the smaller template, or null if none can be written
 * @param smaller what the proposal grants less; empty if nothing
 */
public record ScopeAudit(
        String template,
        @Nullable Template granted,
        SortedSet<String> recorded,
        int tasks,
        List<Usage> usages,
        List<Scope> grants,
        List<Budget> budgets,
        @Nullable Branches branches,
        @Nullable Proposal proposal,
        List<String> smaller) {
    public ScopeAudit {
        usages = List.copyOf(usages);
        grants = List.copyOf(grants);
        budgets = List.copyOf(budgets);
        smaller = List.copyOf(smaller);
    }

    /**
     * One granted operation.
     *
     * @param granted its arguments as a template writes them
     * @param sufficient the smallest that would have sufficed, or null if it was never used
     * @param evidence in a few words: what was used
     */
    public record Scope(
            String operation, String granted, @Nullable String sufficient, String evidence) {}

    /**
     * Audits the tasks of one template.
     *
     * @param candidate whether the proposal is to run as a candidate beside the template: if the granted template is known, it then
     *     leaves room for runs that it was not drafted from
     */
    public static ScopeAudit of(
            String name,
            List<RecordedTask> tasks,
            @Nullable Template granted,
            Replay replay,
            TemplateParser parser,
            boolean candidate) {
        Draft draft = new Draft(name, tasks, granted);
        SortedSet<String> revisions = new java.util.TreeSet<>();
        tasks.forEach(task -> revisions.add(task.revision()));
        List<Candidate> tried = new ArrayList<>();
        if (candidate && granted != null && tasks.size() > 1) {
            Headroom room = Headroom.of(name, tasks, granted, planFits(granted, draft, parser), replay, parser);
            tried.add(new Candidate(room.asGranted(), () -> room.text(name, tasks, granted, false)));
        }
        tried.addAll(candidates(name, tasks, granted, draft, parser));
        Proposal proposal = granted == null && Draft.needsBefore(tasks)
                ? null
                : Proposal.first(
                                tried,
                                parser,
                                granted == null
                                        ? null
                                        : new CatalogueDirectory(
                                                replay.policies().catalogues().values()),
                                replay,
                                tasks)
                        .orElse(null);
        return new ScopeAudit(
                name,
                granted,
                revisions,
                tasks.size(),
                Usage.of(tasks),
                granted == null ? List.of() : scopes(tasks, granted),
                granted == null ? List.of() : Budget.of(granted, tasks, draft),
                granted == null
                        ? null
                        : Branches.of(granted.enforced().sequence(), Traces.of(tasks), draft.operations())
                                .orElse(null),
                proposal,
                granted == null || proposal == null ? List.of() : Reductions.of(granted, proposal.template(), tasks));
    }

    private static List<Candidate> candidates(
            String name, List<RecordedTask> tasks, @Nullable Template granted, Draft draft, TemplateParser parser) {
        List<Candidate> candidates = new ArrayList<>();
        if (planFits(granted, draft, parser)) {
            candidates.add(new Candidate("", () -> text(name, tasks, draft, true, true, true)));
        }
        String kept = granted == null ? "no plan: any order" : "the plan is kept as it was granted";
        candidates.add(new Candidate(kept, () -> text(name, tasks, draft, false, true, true)));
        candidates.add(new Candidate(kept + ", and the limits", () -> text(name, tasks, draft, false, false, true)));
        if (granted != null) {
            candidates.add(new Candidate(
                    kept + ", and limits and grants", () -> text(name, tasks, draft, false, false, false)));
        }
        return candidates;
    }

    /**
     * Whether the learnt plan may replace the granted one: it must not permit an order of calls that the granted plan
     * refuses. If the granted template is not known, every learnt plan may.
     */
    private static boolean planFits(@Nullable Template granted, Draft draft, TemplateParser parser) {
        if (draft.plan().steps().isEmpty()) {
            return false;
        }
        if (granted == null) {
            return true;
        }
        TemplateText text = draft.text();
        draft.sequence(text, true);
        Optional<Template> planned = parser.parse(text.toString());
        return planned.isPresent()
                && PlanInclusion.includes(
                        granted.enforced().sequence(), planned.get().enforced().sequence());
    }

    private static String text(
            String name, List<RecordedTask> tasks, Draft draft, boolean plan, boolean limits, boolean allow) {
        TemplateText text = draft.text();
        long calls = tasks.stream().mapToLong(task -> task.permitted().size()).sum();
        text.head("The smallest template '" + name + "' that permits the " + calls + " permitted calls of "
                + tasks.size() + (tasks.size() == 1 ? " task" : " tasks") + " recorded");
        draft.agents(text);
        draft.delegation(text);
        if (allow) {
            draft.allow(text);
        }
        if (limits) {
            draft.limits(text, false);
        }
        if (plan) {
            draft.sequence(text, true);
        }
        return text.toString();
    }

    private static List<Scope> scopes(List<RecordedTask> tasks, Template granted) {
        var used = new GrantLearner(tasks, granted.grants()).grants();
        List<Scope> scopes = new ArrayList<>();
        granted.grants().tools().forEach((operation, arguments) -> {
            GrantLearner.Grant one = used.get(operation);
            scopes.add(new Scope(
                    operation,
                    ShorthandText.of(arguments),
                    one == null ? null : ShorthandText.of(one.arguments()),
                    one == null ? "never used" : one.evidence()));
        });
        return scopes;
    }

    /** The granted operations that no task used. */
    public List<String> neverUsed() {
        return grants.stream()
                .filter(scope -> scope.sufficient() == null)
                .map(Scope::operation)
                .toList();
    }
}
