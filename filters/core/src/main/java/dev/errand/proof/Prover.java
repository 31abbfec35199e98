package dev.errand.proof;

import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.proof.Property.Operations;
import dev.errand.proof.RunSearch.Answer;
import dev.errand.proof.Search.Goal;
import dev.errand.proof.Simulation.End;
import dev.errand.proof.World.Granted;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.Move;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.template.OperationDirectory;
import dev.errand.template.Template;
import dev.errand.token.ArgumentMap;
import dev.errand.token.Constraint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Proves properties of one template, over all runs that its grants, plan, rules, flow, budget and approvals permit
 * together. What it says holds for every run, time and data; a run that it shows is real. Not thread-safe.
 *
 * @param lines the template's file
 * @param deadline of all proofs together
 */
public record Prover(Template template, YamlMap lines, OperationDirectory directory, Deadline deadline) {
    static final int MOST_STATES = 20_000;
    private static final int MOST_OUTSIDE = 16;
    private static final String FEWER = "more time by --limit, or fewer values in constraints, may decide it";
    private static final String MANY_VALUES = "its parameters may equal more than " + World.MOST
            + " names of constraints: narrower patterns of the parameters decide it";

    /** Whether the template has the property. */
    public Verdict prove(Property property) {
        return prove(property, false);
    }

    /** @param unasked whether only calls count about which no human is asked */
    Verdict prove(Property property, boolean unasked) {
        if (property.kind() == Property.Kind.POSSIBLE) {
            return possible(property);
        }
        World.Worlds worlds = worlds(property, unasked);
        Verdict worst = worlds.cut() ? new Verdict.Undecided(MANY_VALUES) : new Verdict.Holds();
        for (World world : worlds.list()) {
            Set<String> ids = named(world, property.operations());
            if (ids.isEmpty() || (property.rule() != null && Implication.holds(world, property))) {
                continue;
            }
            List<String> same =
                    property.rule() == null ? List.of() : property.rule().same();
            Alphabet.Focuses focuses = Alphabet.focuses(world, same, ids);
            for (Map<String, JsonValue> focus : focuses.list()) {
                worst = worse(worst, verdict(world, property, focus, unasked));
            }
            worst = focuses.cut() ? worse(worst, new Verdict.Undecided(FEWER)) : worst;
        }
        return worst;
    }

    private World.Worlds worlds(Property property, boolean unasked) {
        Set<JsonValue> compared = new LinkedHashSet<>();
        if (property.where() instanceof ArgumentMap where) {
            where.named()
                    .values()
                    .forEach(rule -> compared.add(rule.constraint().toJson()));
        }
        boolean apart = !compared.isEmpty()
                || (property.rule() != null && !property.rule().same().isEmpty())
                || Model.rules(template.enforced().sequence()).stream()
                        .anyMatch(rule -> !rule.same().isEmpty());
        World.Worlds all = World.of(template, lines, directory, compared);
        World.Worlds some = apart ? all : new World.Worlds(all.list().subList(0, 1), false);
        boolean asks = unasked || !property.approved() || property.kind() == Property.Kind.APPROVAL;
        return asks ? some.and(passing(all.list().get(0), property)) : some;
    }

    private static World.Worlds passing(World usual, Property property) {
        boolean every = !property.approved();
        return PassingWorlds.of(usual, every ? usual.granted().keySet() : named(usual, property.operations()), every);
    }

    private static Set<String> named(World world, List<Operations> operations) {
        Set<String> ids = new LinkedHashSet<>();
        world.granted().forEach((id, granted) -> {
            if (operations.stream().anyMatch(each -> each.has(granted.operation()))) {
                ids.add(id);
            }
        });
        return ids;
    }

    /** A shortest real run first, then what is not known. */
    private static Verdict worse(Verdict one, Verdict other) {
        if (one instanceof Verdict.Fails first && other instanceof Verdict.Fails next) {
            return next.run().calls().size() < first.run().calls().size() ? next : first;
        }
        return rank(other) > rank(one) ? other : one;
    }

    private static int rank(Verdict verdict) {
        return verdict instanceof Verdict.Fails
                ? 3
                : verdict instanceof Verdict.Unshown ? 2 : verdict instanceof Verdict.Undecided ? 1 : 0;
    }

    private Verdict verdict(World world, Property property, Map<String, JsonValue> focus, boolean unasked) {
        Alphabet alphabet = new Alphabet(world);
        Rule rule = property.rule();
        if (rule != null) {
            return ofRule(world, property, rule, focus, alphabet, unasked);
        }
        List<Operations> named = property.operations();
        Answer answer;
        switch (property.kind()) {
            case NEVER -> {
                Model model = alphabet.model();
                answer = quest(model, property)
                        .solve(
                                null,
                                (state, letter, permitted, asked) -> permitted && has(named, letter),
                                end(property, false));
            }
            case APPROVAL -> {
                Model model = alphabet.model();
                answer = quest(model, property)
                        .solve(
                                null,
                                (state, letter, permitted, asked) -> permitted && !asked && has(named, letter),
                                end(property, true));
            }
            default -> {
                return only(world, property, alphabet);
            }
        }
        return verdict(answer);
    }

    private RunSearch quest(Model model, Property property) {
        return new RunSearch(model, property.approved(), deadline);
    }

    private static End end(Property property, boolean unasked) {
        return new End(property.approved(), unasked, null, null, null, 0);
    }

    private static boolean has(List<Operations> operations, Letter letter) {
        return operations.stream().anyMatch(each -> each.has(letter.granted().operation()));
    }

    static Verdict verdict(Answer answer) {
        if (answer instanceof Answer.Real real) {
            return new Verdict.Fails(real.run());
        } else if (answer instanceof Answer.Open open) {
            return new Verdict.Unshown(open.decides(), open.run(), open.plays());
        }
        return answer instanceof Answer.None ? new Verdict.Holds() : new Verdict.Undecided(FEWER);
    }

    private Verdict ofRule(
            World world,
            Property property,
            Rule rule,
            Map<String, JsonValue> focus,
            Alphabet alphabet,
            boolean unasked) {
        alphabet.focus(focus);
        alphabet.bound(rule);
        world.granted()
                .forEach((id, granted) -> property.operations().forEach(each -> {
                    if (each.has(granted.operation())) {
                        alphabet.looks(id, rule, each.text());
                    }
                }));
        Model model = alphabet.model();
        End.Seen seen = (letter, arguments) -> moves(property.operations(), rule, letter, arguments);
        // What answers said is not known here: the rule may refuse each call that it judges.
        boolean ofAnswers = rule.withoutAnswers() != null;
        boolean late = ofAnswers
                || rule.terms().kind().equals("precedence")
                        && rule.terms().isWindowed(template.lifetime().toMillis());
        MonitorComponent monitor = model.property(
                rule,
                (letter, met) -> isApart(rule, letter, focus)
                        ? seen.of(letter, fresh(letter, rule, met))
                        : rule.looksAtAll() ? List.of(letter.move("other", letter.arguments())) : List.of(),
                MOST_STATES);
        String before =
                property.operations().get(property.operations().size() - 1).text();
        Goal goal = (state, letter, permitted, asked) -> permitted
                && !(unasked && asked)
                && (late
                        ? seen.of(letter, letter.arguments()).stream()
                                .anyMatch(move -> move.operation().equals(before))
                        : monitor.objects(state, letter));
        return verdict(quest(model, property)
                .solve(
                        late ? null : monitor,
                        goal,
                        new End(
                                property.approved(),
                                unasked,
                                null,
                                Model.policy(rule),
                                seen,
                                late && !ofAnswers ? rule.terms().windowMillis() + 1 : 0)));
    }

    /** Whether the call has the values that the property is about, or lacks one of them. */
    static boolean isApart(Rule rule, Letter letter, Map<String, JsonValue> focus) {
        for (String name : rule.same()) {
            JsonValue value = letter.arguments().get(name);
            if (value != null && !value.equals(focus.get(name))) {
                return false;
            }
        }
        return true;
    }

    /** The arguments, with another value at each call where the property counts different ones. */
    static JsonObject fresh(Letter letter, Rule rule, int met) {
        String of = rule.terms().of();
        if (of == null || !letter.others().contains(of)) {
            return letter.arguments();
        }
        Map<String, JsonValue> arguments =
                new LinkedHashMap<>(letter.arguments().members());
        arguments.put(of, new JsonString("\u0000fresh" + met));
        return new JsonObject(arguments);
    }

    /** The call under the names that the property gives to its operations; what is checked comes before what counts. */
    private static List<Move> moves(List<Operations> operations, Rule rule, Letter letter, JsonObject arguments) {
        List<Move> moves = new ArrayList<>();
        for (Operations each : operations) {
            if (each.has(letter.granted().operation())) {
                moves.add(letter.move(each.text(), arguments));
            }
        }
        if (!rule.terms().kind().equals("absence")) {
            Collections.reverse(moves);
        }
        return moves.isEmpty() && rule.looksAtAll() ? List.of(letter.move("other", arguments)) : moves;
    }

    private Verdict only(World world, Property property, Alphabet alphabet) {
        ArgumentMap where = (ArgumentMap) Objects.requireNonNull(property.where());
        Set<String> unsure = new LinkedHashSet<>();
        boolean asking = property.approved();
        Map<String, Granted> general = world.general().permitted(asking);
        for (String id : named(world, property.operations())) {
            Granted granted = Objects.requireNonNull(world.permitted(asking).get(id));
            where.named().forEach((name, wanted) -> {
                Constraint constraint = granted.constraint(name);
                Constraint folded = name.equals(Folding.ARGUMENT)
                        ? wanted.constraint().folded(granted.folding())
                        : wanted.constraint();
                Set<JsonValue> candidates = constraint == null
                        ? Samples.near(wanted.constraint())
                        : Samples.near(constraint, wanted.constraint());
                candidates.addAll(Samples.names(2));
                List<JsonValue> outside = candidates.stream()
                        .filter(value -> granted.admits(name, value) && !folded.check(value))
                        .limit(MOST_OUTSIDE)
                        .toList();
                outside.forEach(value -> alphabet.fix(id, Map.of(name, value)));
                Constraint any = Objects.requireNonNull(general.get(id)).constraint(name);
                if (!outside.isEmpty()) {
                    // If plan or rules look at the argument, other values may pass where these do not.
                    if (isLookedAt(id, name)) {
                        unsure.add(id);
                    }
                } else if (any != null && world.isSampled(id, name) && !Constraint.covers(wanted.constraint(), any)) {
                    unsure.add(id);
                } else if (constraint != null
                        && Samples.all(constraint) == null
                        && !Constraint.covers(wanted.constraint(), constraint)) {
                    unsure.add(id);
                } else if (constraint == null && granted.arguments().open()) {
                    unsure.add(id);
                }
            });
        }
        Model model = alphabet.model();
        Answer answer = quest(model, property)
                .solve(
                        null,
                        (state, letter, permitted, asked) ->
                                permitted && has(property.operations(), letter) && isOutside(where, letter),
                        end(property, false));
        if (!(answer instanceof Answer.None) || unsure.isEmpty()) {
            return verdict(answer);
        }
        Answer reached = quest(model, property)
                .solve(
                        null,
                        (state, letter, permitted, asked) -> permitted && unsure.contains(letter.operation()),
                        end(property, false));
        if (reached instanceof Answer.Real real) {
            String last = real.run().calls().get(real.run().calls().size() - 1).operation();
            return new Verdict.Unshown(world.grantAt(last), real.run(), true);
        }
        return verdict(reached);
    }

    private boolean isLookedAt(String operation, String argument) {
        return template.enforced().sequence() instanceof CompiledSequence sequence
                && (sequence.rules().stream()
                                .map(RuleMonitor::rule)
                                .anyMatch(rule -> !rule.observe()
                                        && rule.looksAt(operation).stream()
                                                .anyMatch(slot -> slot.name().equals(argument)))
                        || sequence.automaton()
                                .map(automaton -> automaton.registers().contains(argument))
                                .orElse(false));
    }

    private static boolean isOutside(ArgumentMap where, Letter letter) {
        return where.named().keySet().stream().noneMatch(letter.others()::contains)
                && !(where.folded(letter.granted().folding())
                                .check(letter.move().arguments())
                        instanceof dev.errand.token.Capability.Check.Granted);
    }

    private Verdict possible(Property property) {
        List<Operations> wanted = property.operations();
        World.Worlds all = World.of(template, lines, directory, Set.of());
        World.Worlds worlds =
                property.approved() ? all : all.and(passing(all.list().get(0), property));
        Verdict verdict = new Verdict.Undecided(FEWER);
        for (World world : worlds.list()) {
            Model model = new Alphabet(world).model();
            Answer answer = order(model, property, wanted.size());
            if (answer instanceof Answer.Real || (answer instanceof Answer.Open open && open.plays())) {
                return new Verdict.Holds();
            }
            Verdict here = answer instanceof Answer.None ? impossible(model, property) : verdict(answer);
            verdict = verdict instanceof Verdict.Undecided ? here : verdict;
        }
        return worlds.cut() ? new Verdict.Undecided(MANY_VALUES) : verdict;
    }

    private Answer order(Model model, Property property, int most) {
        List<Operations> wanted = property.operations();
        Component order = new Component(model.letters().size(), false) {
            @Override
            boolean judge(int state, Letter letter) {
                return false;
            }

            @Override
            int move(int state, Letter letter, Outcome outcome) {
                boolean next = state < most
                        && outcome == Outcome.HAPPENED
                        && wanted.get(state).has(letter.granted().operation());
                return next ? state + 1 : state;
            }
        };
        Goal goal = new Goal() {
            @Override
            public boolean reached(int state, Letter letter, boolean permitted, boolean asked) {
                return false;
            }

            @Override
            public boolean reached(int state) {
                return state == most;
            }
        };
        return quest(model, property).solve(order, goal, end(property, false));
    }

    /** The first call that no run has after those before it, and what objects to it there. */
    private Verdict impossible(Model model, Property property) {
        int first = property.operations().size();
        List<Search.Step> before = List.of();
        while (first > 1) {
            Answer answer = order(model, property, first - 1);
            if (answer instanceof Answer.Real real) {
                before = real.steps();
                break;
            } else if (answer instanceof Answer.Late) {
                return new Verdict.Undecided(FEWER);
            }
            first--;
        }
        Operations named = property.operations().get(first - 1);
        Position objects = null;
        for (Letter letter : model.letters()) {
            if (objects == null && named.has(letter.granted().operation())) {
                List<Search.Step> steps = new ArrayList<>(before);
                steps.add(new Search.Step(letter, Outcome.HAPPENED));
                objects = RunSearch.blocking(
                        model, new Simulation(model, steps, end(property, false), false).play(), letter.operation());
            }
        }
        return new Verdict.Impossible(
                first, named.text(), objects == null ? World.grantAt(lines, named.text()) : objects);
    }
}
