package dev.errand.offline.learn;

import dev.errand.offline.learn.Proposal.Candidate;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.Replay;
import dev.errand.offline.replay.TaskParameters;
import dev.errand.operation.Effect;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.OperationDirectory;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Drafts a template from good runs: operations that change something are constrained, those that only read may come at any
 * time. Not thread-safe.
 */
public final class LearnedTemplate {
    /** The default factor by which counts and capacities exceed what was seen. */
    public static final double HEADROOM = 1.5;

    private final String name;
    private final List<RecordedTask> tasks;
    private final @Nullable Template before;
    private final Replay replay;
    private final TemplateParser parser;
    private final double headroom;
    private final long seed;

    /**
     * @param tasks the good runs, each with a permitted call; at least one
     * @param before the template as it is, or null if that is not known
     * @param headroom the factor, 1 or more, by which counts and capacities exceed what was seen
     * @param seed the seed by which runs are held out
     */
    public LearnedTemplate(
            String name,
            List<RecordedTask> tasks,
            @Nullable Template before,
            Replay replay,
            TemplateParser parser,
            double headroom,
            long seed) {
        this.name = name;
        this.tasks = tasks instanceof RecordedTasks ? tasks : List.copyOf(tasks);
        this.before = before;
        this.replay = replay;
        this.parser = parser;
        this.headroom = headroom;
        this.seed = seed;
    }

    /**
     * The result of learning.
     *
     * @param proposal the draft, and the calls that it would refuse of the runs that it was made from
     * @param table how many held-out runs its lines would have disturbed, as lines
     * @param notes what else a policy author should know, a sentence each
     */
    public record Learnt(Proposal proposal, List<String> table, List<String> notes) {
        public Learnt {
            table = List.copyOf(table);
            notes = List.copyOf(notes);
        }
    }

    /** Which plan the text of a draft has. */
    private enum Planned {
        NONE,
        /** A plan of what changes something; what only reads comes at any time. */
        CHANGES,
        /** The same, and what only reads is a step where every run has it before another step. */
        ORDERED
    }

    /** Which rules the text of a draft has. */
    private enum Ruled {
        NONE,
        /** Those that look at no answer. */
        CALLS,
        ALL
    }

    /** Which parts the text of a draft has. */
    private record Parts(
            Planned plan,
            Ruled rules,
            boolean narrow,
            @Nullable String flow,
            @Nullable HeldOut heldOut) {}

    /** The draft; empty if no draft loads. */
    public Optional<Learnt> learn() {
        Planned plan = Planned.ORDERED;
        HeldOut whole = heldOut(new Parts(plan, Ruled.ALL, true, null, null));
        if (disturbs(whole)) {
            plan = Planned.CHANGES;
            whole = heldOut(new Parts(plan, Ruled.ALL, true, null, null));
        }
        HeldOut heldOut = disturbs(whole) ? heldOut(new Parts(Planned.NONE, Ruled.ALL, true, null, null)) : whole;
        List<String> notes = new ArrayList<>();
        if (!disturbs(whole) && !draft(tasks, plan).plan().orders()) {
            plan = Planned.NONE;
            notes.add("no plan is written: one would stop nothing but repetition");
        } else if (disturbs(whole)) {
            plan = Planned.NONE;
            notes.add("no plan is written: one would have disturbed "
                    + whole.disturbed().get(HeldOut.PLAN) + " of " + whole.runs()
                    + " good runs that it was not learnt from");
        }
        FailedOperations.of(tasks).forEach((operation, told) -> notes.add(operation + " " + told));
        unused().forEach(operation ->
                notes.add(operation + " was granted and never called in a good run: it is left out"));
        OperationDirectory operations = before == null
                ? null
                : new CatalogueDirectory(replay.policies().catalogues().values());
        Proposal proposal = Proposal.first(
                        List.of(
                                candidate("", new Parts(plan, Ruled.ALL, true, null, heldOut), notes),
                                candidate(
                                        "no rules over answers: recorded calls break one",
                                        new Parts(plan, Ruled.CALLS, true, null, heldOut),
                                        notes),
                                candidate(
                                        "flow is only observed: recorded calls break it",
                                        new Parts(plan, Ruled.ALL, true, "observe", heldOut),
                                        notes),
                                candidate(
                                        "no rules over answers, and flow is only observed: recorded calls break both",
                                        new Parts(plan, Ruled.CALLS, true, "observe", heldOut),
                                        notes),
                                candidate(
                                        "no plan and no rules: no small ones let every run through",
                                        new Parts(Planned.NONE, Ruled.NONE, true, "observe", heldOut),
                                        notes),
                                candidate(
                                        "no plan, no rules, and the grants as they were",
                                        new Parts(Planned.NONE, Ruled.NONE, false, "observe", heldOut),
                                        notes)),
                        parser,
                        operations,
                        replay,
                        tasks)
                .orElse(null);
        if (proposal == null) {
            return Optional.empty();
        }
        Set<String> written = new LinkedHashSet<>();
        proposal.template().grants().tools().keySet().stream()
                .sorted()
                .map(HeldOut::grant)
                .forEach(written::add);
        written.add(HeldOut.LIMITS);
        for (String line : proposal.text().split("\n", -1)) {
            if (line.startsWith("sequence:")) {
                written.add(HeldOut.PLAN);
            } else if (line.startsWith("  - {when:")
                    || line.startsWith("  - {precedence:")
                    || line.startsWith("  - {absence:")
                    || line.startsWith("  - {bounded:")) {
                written.add(HeldOut.rule(line));
            }
        }
        List<String> table =
                heldOut.runs() == 0 ? List.of("too few runs: nothing was held out") : heldOut.table(written);
        if (before != null) {
            notes.addAll(WiderDraft.of(before, proposal.template()));
        }
        return Optional.of(new Learnt(proposal, table, notes));
    }

    private static boolean disturbs(HeldOut heldOut) {
        return heldOut.disturbed().getOrDefault(HeldOut.PLAN, 0) > 0;
    }

    private Candidate candidate(String widened, Parts parts, List<String> notes) {
        return new Candidate(widened, () -> text(tasks, parts, notes));
    }

    private HeldOut heldOut(Parts parts) {
        return HeldOut.of(tasks, some -> text(some, parts, List.of()), replay, parser, seed);
    }

    private String text(List<RecordedTask> some, Parts parts, List<String> notes) {
        Draft draft = draft(some, parts.plan());
        boolean planned = parts.plan() != Planned.NONE && draft.plan().orders();
        TemplateText text = draft.text();
        long calls = some.stream().mapToLong(task -> task.permitted().size()).sum();
        text.head("The template '" + name + "', drafted from the " + calls
                + (calls == 1 ? " permitted call of " : " permitted calls of ") + some.size()
                + (some.size() == 1 ? " good run" : " good runs") + " recorded");
        notes.forEach(text::head);
        HeldOut heldOut = parts.heldOut();
        if (parts.narrow()) {
            allow(some, draft, text, heldOut);
        }
        draft.limits(text, true);
        List<String> rules = new ArrayList<>();
        if (parts.rules() != Ruled.NONE) {
            for (RuleMiner.Mined mined : mined(some, parts.rules() == Ruled.ALL)) {
                if (!(planned && mined.rule().startsWith("{absence:"))) {
                    String line = TemplateText.line(
                            "  - " + mined.rule(),
                            mined.evidence() + (heldOut == null ? "" : heldOut.of(mined.rule())));
                    rules.add(line);
                }
            }
        }
        if (planned) {
            draft.sequence(text, rules);
        } else {
            text.drop("sequence").drop("interleave").drop("rules");
            if (!rules.isEmpty()) {
                text.put("rules", rules);
            }
        }
        if (parts.flow() != null) {
            text.put("flow", parts.flow(), "");
        }
        if (heldOut == null) {
            text.put("on-violation", HeldOut.ONLY_DENY, "");
        }
        return text.toString();
    }

    /** Rules over answers first, if they are wanted. Another rule is left out only if one of these implies it, so that none makes a draft wider. */
    private List<RuleMiner.Mined> mined(List<RecordedTask> some, boolean answers) {
        List<RuleMiner.Mined> all = new ArrayList<>();
        if (answers) {
            new AnswerMiner(some, this::changes, replay::isText)
                    .rules(replay::returns).stream().limit(RuleMiner.MAX_RULES).forEach(all::add);
        }
        List<String> implied = all.stream().map(RuleMiner.Mined::implied).toList();
        new RuleMiner(some, this::changes)
                .rules().stream()
                        .filter(mined -> !implied.contains(mined.rule()))
                        .forEach(all::add);
        return all;
    }

    private Draft draft(List<RecordedTask> some, Planned plan) {
        SortedSet<String> free = new TreeSet<>();
        some.forEach(task -> task.permitted()
                .forEach(call ->
                        call.operations().stream().filter(id -> !changes(id)).forEach(free::add)));
        FailedOperations.of(some).keySet().forEach(free::add);
        return new Draft(name, some, before, free, headroom, plan == Planned.ORDERED);
    }

    /** Writes {@code allow}: operations that change something get what was seen; those that only read stay as they were granted. */
    private void allow(List<RecordedTask> some, Draft draft, TemplateText text, @Nullable HeldOut heldOut) {
        Map<String, String> lines = new TreeMap<>();
        SortedSet<String> named = new TreeSet<>();
        new WriteLearner(some, before == null ? null : before.grants(), this::changes)
                .lines()
                .forEach((operation, line) -> {
                    named.addAll(TaskParameters.named(line.arguments()));
                    lines.put(
                            operation,
                            ShorthandText.of(line.arguments(), line.pinned(), draft.isAsked(operation)) + "\n"
                                    + line.evidence() + (heldOut == null ? "" : heldOut.of(HeldOut.grant(operation))));
                });
        if (before == null) {
            some.forEach(task -> task.permitted()
                    .forEach(call -> call.operations().forEach(id -> lines.putIfAbsent(id, "{}\nit only reads"))));
        } else {
            before.grants().tools().forEach((operation, arguments) -> {
                if (!changes(operation)) {
                    lines.put(
                            operation,
                            ShorthandText.of(arguments, draft.pinned(operation), draft.isAsked(operation))
                                    + "\nas it was granted");
                }
            });
        }
        List<String> block = new ArrayList<>();
        lines.forEach((operation, line) -> block.add(TemplateText.line(
                "  " + YamlText.string(operation) + ": " + line.substring(0, line.indexOf('\n')),
                line.substring(line.indexOf('\n') + 1))));
        text.put("allow", block);
        if (before == null && !named.isEmpty()) {
            text.put("parameters", LearnedParameters.lines(some, named));
        }
    }

    /** Whether the operation may change something; one that no catalogue has counts as such. */
    private boolean changes(String id) {
        Effect effect =
                replay.policies().operation(id).map(found -> found.effect()).orElse(Effect.UNREVIEWED);
        return effect != Effect.READ && effect != Effect.LIST;
    }

    /** The granted operations that change something and were never called. */
    private SortedSet<String> unused() {
        SortedSet<String> unused = new TreeSet<>();
        if (before != null) {
            before.grants().tools().keySet().stream().filter(this::changes).forEach(unused::add);
            tasks.forEach(
                    task -> task.permitted().forEach(call -> call.operations().forEach(unused::remove)));
        }
        return unused;
    }

    /** One line on the draft. */
    public static String verdict(Proposal proposal) {
        return proposal.refused().count() + " differences among permitted calls"
                + (proposal.widened().isEmpty() ? "" : "; " + proposal.widened());
    }
}
