package dev.errand.proof;

import dev.errand.config.Fault;
import dev.errand.config.Position;
import dev.errand.json.JsonValue;
import dev.errand.proof.RunSearch.Answer;
import dev.errand.proof.Search.Goal;
import dev.errand.proof.Search.Part;
import dev.errand.proof.Simulation.End;
import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what has no effect in a whole template: a rule that can never object, a step that no run reaches, a grant that no
 * run uses, a budget that no run can reach. What is not decided in time is not told. Used once; not thread-safe.
 */
public final class Vacuity {
    private final Revision revision;
    private final World world;
    private final Deadline deadline;
    private final List<Fault> found = new ArrayList<>();

    public Vacuity(Revision revision, Deadline deadline) {
        this.revision = revision;
        this.world = World.usual(revision);
        this.deadline = deadline;
    }

    /** A warning for each, at its place. */
    public List<Fault> find() {
        Model model = new Alphabet(world).model();
        for (int place = 0; place < model.rules().size(); place++) {
            if (!model.rules().get(place).observe() && !objects(model.rules().get(place), place)) {
                warn(
                        model.rules().get(place).position(),
                        "this rule can never object: no run comes to a call that it refuses");
            }
        }
        steps(model);
        grants(model);
        budget(model);
        return List.copyOf(found);
    }

    private void warn(Position at, String message) {
        found.add(Fault.of(at, message));
    }

    private boolean objects(Rule rule, int place) {
        if (rule.withoutAnswers() != null) {
            // What answers say is not known, so only the grants can show that it never objects.
            return rule.operations().stream().allMatch(world.granted()::containsKey);
        }
        Set<String> ids = new LinkedHashSet<>(rule.operations());
        Alphabet.Focuses focuses = Alphabet.focuses(world, rule.same(), ids);
        for (Map<String, JsonValue> focus : focuses.list()) {
            Alphabet alphabet = new Alphabet(world);
            alphabet.focus(focus);
            Model model = alphabet.model();
            MonitorComponent monitor = model.property(
                    rule,
                    (letter, met) -> !rule.looksAtAll() && !rule.operations().contains(letter.operation())
                            ? List.of()
                            : Prover.isApart(rule, letter, focus)
                                    ? List.of(letter.move(letter.operation(), Prover.fresh(letter, rule, met)))
                                    : rule.looksAtAll() ? List.of(letter.move("other", letter.arguments())) : List.of(),
                    Prover.MOST_STATES);
            Goal goal = (state, letter, permitted, asked) -> monitor.objects(state, letter);
            if (!(solve(model, monitor, goal, new End(true, false, place, null, null, 0)) instanceof Answer.None)) {
                return true;
            }
        }
        return focuses.cut();
    }

    private Answer solve(Model model, @Nullable Component property, Goal goal, End end) {
        return new RunSearch(model, true, deadline).solve(property, goal, end);
    }

    private void steps(Model model) {
        SequencePolicy plan = Model.planOf(revision.lines());
        if (!(plan instanceof CompiledSequence compiled) || compiled.automaton().isEmpty()) {
            return;
        }
        Automaton automaton = compiled.automaton().get();
        MonitorComponent at = model.property(plan, (letter, met) -> List.of(letter.move()));
        Set<Position> steps = new LinkedHashSet<>();
        for (int edge = 0; edge < automaton.endEdge(automaton.states() - 1); edge++) {
            steps.add(automaton.step(edge).position());
        }
        for (Position step : steps) {
            Goal goal = (state, letter, permitted, asked) -> permitted
                    && state != Component.LOST
                    && !at.objects(state, letter)
                    && takes(automaton, at.state(state).settled(), letter, step);
            if (solve(model, at, goal, End.PERMITTED) instanceof Answer.None) {
                warn(step, "no run reaches this step of the plan");
            }
        }
    }

    private static boolean takes(Automaton automaton, String settled, Letter letter, Position step) {
        int state = Integer.parseInt(settled);
        for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
            if (automaton.operation(edge).equals(letter.operation())) {
                return automaton.step(edge).position().equals(step);
            }
        }
        return false;
    }

    private void grants(Model model) {
        Map<Position, Set<String>> grants = new LinkedHashMap<>();
        world.granted()
                .keySet()
                .forEach(id -> grants.computeIfAbsent(world.grantAt(id), each -> new LinkedHashSet<>())
                        .add(id));
        grants.forEach((at, ids) -> {
            Goal goal = (state, letter, permitted, asked) -> permitted && ids.contains(letter.operation());
            if (solve(model, null, goal, End.PERMITTED) instanceof Answer.None) {
                warn(at, "no run uses this grant");
            }
        });
    }

    private void budget(Model model) {
        Long calls = revision.template().limits().calls();
        List<Part> parts = new ArrayList<>();
        for (int place : model.places()) {
            Part part = calls == null ? null : model.part(place, false);
            if (part != null) {
                parts.add(part);
            }
        }
        if (calls != null && !parts.isEmpty() && !model.isCut()) {
            long longest = new Search(model.letters(), parts, null, true, Long.MAX_VALUE, deadline).longest();
            if (longest >= 0 && longest < calls) {
                warn(world.callsAt(), "no run can reach this budget: the longest run has " + longest + " calls");
            }
        }
    }
}
