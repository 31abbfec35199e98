package dev.errand.proof;

import dev.errand.config.Position;
import dev.errand.json.JsonValue;
import dev.errand.operation.AnswerPlace;
import dev.errand.operation.Operation;
import dev.errand.proof.Property.Operations;
import dev.errand.proof.RunSearch.Answer;
import dev.errand.proof.Search.Goal;
import dev.errand.proof.Search.Part;
import dev.errand.proof.Simulation.End;
import dev.errand.proof.World.Granted;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.Rule;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.AlwaysAsked.Unless;
import dev.errand.task.Offer;
import dev.errand.task.PinnedArguments;
import dev.errand.task.TaskPolicy;
import dev.errand.template.ParameterPattern;
import dev.errand.token.ArgumentMap;
import dev.errand.token.Constraint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds what tasks of one template may do that tasks of another may not: the parts of the other template are proved of
 * the first as properties. Used once; not thread-safe.
 */
public final class Comparison {
    private static final int MOST_FOCUSES = 16;
    private static final int MOST_OTHER = 4;

    private final Revision wide;
    private final Revision narrow;
    private final Prover prover;
    private final Deadline deadline;
    private final List<Change> changes = new ArrayList<>();

    /**
     * Something that only the first template permits.
     *
     * @param part of a template: grants, limits, plan, rules, flow, approvals, parameters or starts
     * @param at where it was written, in the file of the template that the text is about
     * @param run the shortest run that only the first template permits; null if none is needed to show it, or if it
     *     depends on time or data
     */
    public record Change(
            String part, Position at, String text, @Nullable Run run) {}

    /** @param deadline of the whole comparison; what is not decided by then is told as a change */
    public Comparison(Revision wide, Revision narrow, Deadline deadline) {
        this.wide = wide;
        this.narrow = narrow;
        this.deadline = deadline;
        this.prover = new Prover(wide.template(), wide.lines(), wide.operations(), deadline);
    }

    /** What only the first template permits; empty if it permits nothing new. */
    public List<Change> run() {
        World world = World.usual(wide);
        World other = World.usual(narrow).as(world);
        parameters();
        grants(world, other);
        pinned(world, other);
        approvals(world, other);
        changes.addAll(new SettingsComparison(wide, narrow).run());
        SequencePolicy sequence = narrow.template().enforced().sequence();
        if (sequence instanceof CompiledSequence compiled
                && !(sequence.digest()
                                .equals(wide.template().enforced().sequence().digest())
                        && reactions(wide).equals(reactions(narrow)))) {
            plan(world, other, compiled);
            rules(world, other);
        }
        answers(sequence, world.granted().keySet());
        flow(world, other);
        return List.copyOf(changes);
    }

    private static List<Object> reactions(Revision revision) {
        TaskPolicy policy = revision.template().enforced();
        return List.of(policy.ask() != null, policy.reactions());
    }

    private void parameters() {
        narrow.template().grants().parameters().forEach((name, pattern) -> {
            var now = wide.template().grants().parameters().get(name);
            if (now != null && !now.equals(pattern) && !isWithin(now, pattern)) {
                add("parameters", wide.at("parameters", name), name + " is " + now + ", was " + pattern, (Run) null);
            }
        });
    }

    private static boolean isWithin(ParameterPattern now, ParameterPattern was) {
        List<String> words = World.words(now);
        return (was.isList() || !now.isList())
                && now.maxValues() <= was.maxValues()
                && (now.expression().equals(was.expression())
                        || (!words.isEmpty() && words.stream().allMatch(was::matches)));
    }

    private void grants(World world, World other) {
        world.granted().forEach((id, granted) -> {
            Granted before = other.granted().get(id);
            if (before == null) {
                reach(world, id, Map.of(), "grants", id + " is granted");
                return;
            }
            Set<String> names = new TreeSet<>(granted.arguments().named().keySet());
            names.addAll(before.arguments().named().keySet());
            for (String name : names) {
                argument(world, granted, before, name);
            }
            if (granted.arguments().open() && !before.arguments().open()) {
                reach(world, id, Map.of(), "grants", id + " may have further arguments");
            }
        });
    }

    /** Tells of arguments that a start must fix, or that humans are asked about, only under the other template. */
    private void pinned(World world, World other) {
        PinnedArguments is = wide.template().grants().pinned();
        PinnedArguments was = narrow.template().grants().pinned();
        other.granted().forEach((id, before) -> {
            Granted now = world.granted().get(id);
            if (now == null) {
                return;
            }
            Map<String, Boolean> fixed = is.byOperation().getOrDefault(id, Map.of());
            was.byOperation().getOrDefault(id, Map.of()).forEach((name, optional) -> {
                Boolean mayLack = fixed.get(name);
                if (hasMany(now, name) && (mayLack == null || (mayLack && !optional))) {
                    add("grants", world.grantAt(id), id + ": a start need not fix '" + name + "'", (Run) null);
                }
            });
            AlwaysAsked.Asked asked = wide.template().enforced().asked(now.operation());
            boolean always = asked.always() && asked.unless() == null;
            for (String name : was.asked().getOrDefault(id, Set.of())) {
                if (hasMany(now, name)
                        && !fixed.containsKey(name)
                        && !asked.pinned().contains(name)
                        && !always) {
                    String text = id + ": values of '" + name + "' that no start fixed pass without a human";
                    add("approvals", world.grantAt(id), text, (Run) null);
                }
            }
        });
    }

    /** Whether calls may have more than one value of the argument, so that it matters which one a start fixes. */
    private static boolean hasMany(Granted granted, String name) {
        Constraint constraint = granted.constraint(name);
        List<JsonValue> few = constraint == null ? null : Samples.all(constraint);
        return granted.mayHave(name) && (few == null || few.size() > 1);
    }

    /** Tells of calls that pass without a human only under the first template. */
    private void approvals(World usual, World other) {
        TaskPolicy was = narrow.template().enforced();
        if (was.ask() == null) {
            return;
        }
        for (String id : usual.granted().keySet()) {
            Granted before = other.granted().get(id);
            if (before == null) {
                continue;
            }
            offers(usual, before.operation());
            if (was.asked(before.operation()).always() && !isAskedAlike(id, before.operation())) {
                World.Worlds worlds = PassingWorlds.of(usual, other, id);
                Answer shortest = worlds.cut() ? new Answer.Late() : new Answer.None();
                for (World world : worlds.list()) {
                    shortest = shorter(shortest, passing(world, other.as(world), id));
                }
                add("approvals", usual.grantAt(id), id + " passes without a human", shortest);
            }
        }
    }

    /** Whether both templates say the same of which calls pass without a human. */
    private boolean isAskedAlike(String id, Operation operation) {
        return wide.template()
                        .enforced()
                        .asked(operation)
                        .equals(narrow.template().enforced().asked(operation))
                && wide.template()
                        .grants()
                        .parameters()
                        .equals(narrow.template().grants().parameters());
    }

    private Answer passing(World world, World other, String id) {
        TaskPolicy was = narrow.template().enforced();
        Granted before = Objects.requireNonNull(other.granted().get(id));
        Granted now = Objects.requireNonNull(world.permitted(false).get(id));
        Alphabet alphabet = new Alphabet(world);
        Unless unless = was.asked(before.operation()).unless();
        if (unless != null && unless.grant(other.parameters()) instanceof ArgumentMap passed) {
            passed.named().forEach((name, rule) -> {
                Constraint is = now.constraint(name);
                Set<JsonValue> candidates = Samples.near(rule.constraint());
                candidates.addAll(is == null ? Samples.names(2) : Samples.near(is));
                candidates.stream()
                        .filter(value ->
                                now.admits(name, value) && !rule.constraint().check(value))
                        .limit(MOST_OTHER)
                        .forEach(value -> alphabet.fix(id, Map.of(name, value)));
            });
        }
        Goal goal = (state, letter, permitted, asked) -> permitted
                && !asked
                && letter.operation().equals(id)
                && (unless == null || letter.others().stream().noneMatch(unless.names()::contains))
                && Alphabet.isAsked(was, other, before, letter.arguments().members());
        return new RunSearch(alphabet.model(), true, deadline)
                .solve(null, goal, new End(true, true, null, null, null, 0));
    }

    /** Tells of one answer of a human that lets more calls pass. */
    private void offers(World world, Operation operation) {
        Offer.Terms now = offer(wide, operation);
        if (now != null && !now.isWithin(offer(narrow, operation))) {
            String text = operation.id() + ": one answer of a human lets " + now.calls()
                    + " calls pass that have the same " + String.join(", ", now.fixed());
            add("approvals", world.grantAt(operation.id()), text, (Run) null);
        }
    }

    private static Offer.@Nullable Terms offer(Revision revision, Operation operation) {
        return revision.template().enforced().asked(operation).offer();
    }

    private void argument(World world, Granted now, Granted before, String name) {
        String id = now.operation().id();
        if (now.mayHave(name) && !before.mayHave(name)) {
            reach(world, id, Map.of(), "grants", id + " may have '" + name + "'");
            return;
        }
        if (now.mayLack(name) && !before.mayLack(name)) {
            reach(world, id, Map.of(), "grants", id + " may lack '" + name + "'");
        }
        Constraint was = before.constraint(name);
        Constraint is = now.constraint(name);
        if (!now.mayHave(name) || was == null || (is != null && was.subsumes(is))) {
            return;
        }
        List<JsonValue> few = is == null ? null : Samples.all(is);
        Set<JsonValue> candidates = few != null ? new LinkedHashSet<>(few) : Samples.near(was);
        if (few == null) {
            candidates.addAll(is == null ? Samples.names(2) : Samples.near(is));
        }
        JsonValue more = candidates.stream()
                .filter(value -> now.admits(name, value) && !was.check(value))
                .findFirst()
                .orElse(null);
        if (more != null || few == null) {
            String text = id + " may have another '" + name + "'";
            reach(world, id, more == null ? Map.of() : Map.of(name, more), "grants", text);
        }
    }

    /** Tells of a call that only the first template permits, unless no run has it. */
    private void reach(World world, String id, Map<String, JsonValue> arguments, String part, String text) {
        Alphabet alphabet = new Alphabet(world);
        if (!arguments.isEmpty()) {
            alphabet.fix(id, arguments);
        }
        Model model = alphabet.model();
        Goal goal = (state, letter, permitted, asked) -> permitted
                && letter.operation().equals(id)
                && letter.arguments().members().entrySet().containsAll(arguments.entrySet());
        Answer answer = new RunSearch(model, true, deadline).solve(null, goal, End.PERMITTED);
        add(part, world.grantAt(id), text, answer);
    }

    private void add(String part, Position at, String text, Answer answer) {
        if (answer instanceof Answer.Real real) {
            add(part, at, text, real.run());
        } else if (answer instanceof Answer.Open open) {
            add(part, at, text + " (" + open.decides() + " would have to decide)", open.plays() ? open.run() : null);
        } else if (answer instanceof Answer.Late) {
            add(
                    part,
                    at,
                    text + " (not decided: more time by --limit, or fewer values in constraints, may decide it)",
                    (Run) null);
        }
    }

    private void add(String part, Position at, String text, @Nullable Run run) {
        changes.add(new Change(part, at, text, run));
    }

    private void plan(World world, World other, CompiledSequence was) {
        if (was.automaton().isEmpty()) {
            return;
        }
        SequencePolicy plan = Model.planOf(narrow.lines());
        if (plan.digest().equals(Model.planOf(wide.lines()).digest())
                && reactions(wide).equals(reactions(narrow))) {
            return;
        }
        boolean unasked = new Model(other, List.of()).asks(Part.PLAN);
        Set<String> same = new TreeSet<>(was.automaton().get().registers());
        Answer shortest = new Answer.None();
        Alphabet.Focuses focuses =
                Alphabet.focuses(world, List.copyOf(same), world.granted().keySet());
        boolean more = focuses.cut() || focuses.list().size() > MOST_FOCUSES;
        for (Map<String, JsonValue> focus :
                focuses.list().subList(0, Math.min(MOST_FOCUSES, focuses.list().size()))) {
            Alphabet alphabet = new Alphabet(world);
            alphabet.looks(was);
            alphabet.focus(focus);
            Model model = alphabet.model();
            MonitorComponent property = model.property(
                    plan,
                    (letter, met) ->
                            other.granted().containsKey(letter.operation()) ? List.of(letter.move()) : List.of());
            Goal goal = (state, letter, permitted, asked) -> permitted
                    && !(unasked && asked)
                    && other.granted().containsKey(letter.operation())
                    && property.objects(state, letter);
            End end = new End(
                    true,
                    unasked,
                    null,
                    plan,
                    (letter, arguments) -> List.of(letter.move(letter.operation(), arguments)),
                    0);
            shortest = shorter(shortest, new RunSearch(model, true, deadline).solve(property, goal, end));
        }
        shortest = more ? shorter(shortest, new Answer.Late()) : shortest;
        add("plan", wide.at("sequence"), "an order that the plan of the other refuses", shortest);
    }

    private static Answer shorter(Answer one, Answer other) {
        if (one instanceof Answer.Real first && other instanceof Answer.Real next) {
            return next.run().calls().size() < first.run().calls().size() ? next : first;
        }
        return other instanceof Answer.Real || one instanceof Answer.None ? other : one;
    }

    private void rules(World world, World other) {
        Model was = new Model(other, List.of());
        List<Rule> now = Model.rules(wide.template().enforced().sequence());
        Model is = new Model(world, List.of());
        for (int place = 0; place < was.rules().size(); place++) {
            Rule rule = was.rules().get(place);
            boolean asks = was.asks(place);
            boolean kept = false;
            for (int each = 0; each < now.size(); each++) {
                kept |= (asks || !is.asks(each))
                        && !now.get(each).observe()
                        && now.get(each).label().equals(rule.label())
                        && Set.copyOf(now.get(each).same()).equals(Set.copyOf(rule.same()));
            }
            if (rule.observe() || kept) {
                continue;
            }
            Property property = new Property(
                    rule.label(),
                    rule.position(),
                    null,
                    Property.Kind.RULE,
                    rule.operations().stream()
                            .map(id -> new Operations(id, Set.of()))
                            .toList(),
                    rule,
                    null,
                    true,
                    false);
            Verdict verdict = prover.prove(property, asks);
            if (verdict instanceof Verdict.Holds) {
                continue;
            }
            Run run = verdict instanceof Verdict.Fails fails
                    ? fails.run()
                    : verdict instanceof Verdict.Unshown unshown && unshown.plays() ? unshown.run() : null;
            add("rules", rule.position(), "the rule is not there, or says less: " + rule.label(), run);
        }
    }

    /** Tells of values at which rules look and which the catalogues find elsewhere in the answers. */
    private void answers(SequencePolicy was, Set<String> ids) {
        for (String id : ids) {
            for (String name : was.returns(id)) {
                AnswerValues.Source source = new AnswerValues.Source(id, name);
                if (!place(wide, source).equals(place(narrow, source))) {
                    add("rules", wide.at("rules"), "rules look at another '" + name + "' of " + id, (Run) null);
                }
            }
        }
    }

    private void flow(World world, World other) {
        TaskPolicy was = narrow.template().enforced();
        if (was.flow() != TaskPolicy.Flow.ENFORCE
                || isSameFlow(was, wide.template().enforced())) {
            return;
        }
        Model model = new Alphabet(world).model();
        Component property = model.flow(was);
        boolean unasked = new Model(other, List.of()).asks(Part.FLOW);
        Goal goal = (state, letter, permitted, asked) ->
                permitted && !(unasked && asked) && property.objects(state, letter);
        add(
                "flow",
                wide.at("flow"),
                "a call after untrusted content",
                new RunSearch(model, true, deadline)
                        .solve(property, goal, new End(true, unasked, null, null, null, 0)));
    }

    private boolean isSameFlow(TaskPolicy was, TaskPolicy is) {
        return is.flow() == was.flow()
                && is.fixed().equals(was.fixed())
                && reactions(wide).equals(reactions(narrow))
                && is.fixed().sources().values().stream()
                        .flatMap(each -> each.values().stream())
                        .flatMap(List::stream)
                        .allMatch(source -> place(wide, source).equals(place(narrow, source)));
    }

    private static Optional<AnswerPlace> place(Revision revision, AnswerValues.Source source) {
        return revision.operations()
                .find(source.operation())
                .map(operation -> operation.values().returns().get(source.name()));
    }
}
