package dev.errand.proof;

import dev.errand.config.Position;
import dev.errand.proof.Search.Goal;
import dev.errand.proof.Search.Part;
import dev.errand.proof.Search.Result;
import dev.errand.proof.Search.Step;
import dev.errand.proof.Simulation.End;
import dev.errand.proof.Simulation.Played;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Searches a real run to a goal. It begins with the plan alone. A run that it finds is rehearsed against the whole
 * template; a part that refuses a call of it is added, and the search begins again. So the first real run is a shortest
 * one, and if none is found, there is none. Not thread-safe.
 */
record RunSearch(Model model, boolean approved, Deadline deadline) {
    /** The answer. */
    sealed interface Answer {
        /** No run reaches the goal. */
        record None() implements Answer {}

        /** A shortest real run. */
        record Real(Run run, List<Step> steps) implements Answer {}

        /**
         * Whether a run reaches the goal depends on time or data.
         *
         * @param plays whether the run goes through with some time and data
         */
        record Open(Position decides, Run run, boolean plays) implements Answer {}

        /** There was not enough time, or calls have too many combinations of values. */
        record Late() implements Answer {}
    }

    Answer solve(@Nullable Component property, Goal goal, End end) {
        Attempt usual = attempt(property, goal, end, false);
        if (usual.answer != null) {
            return usual.answer instanceof Answer.None && model.isCut() ? new Answer.Late() : usual.answer;
        }
        Attempt strict = attempt(property, goal, end, true);
        if (strict.answer instanceof Answer.Real || strict.answer instanceof Answer.Late) {
            return strict.answer;
        }
        Simulation rehearsal = new Simulation(model, usual.steps, end, true);
        Played freely = rehearsal.play();
        return new Answer.Open(
                blocking(model, usual.played, last(usual.steps)),
                freely.run() == null ? Simulation.asIs(model.world(), usual.steps) : freely.run(),
                freely.run() != null && !rehearsal.guesses());
    }

    private static String last(List<Step> steps) {
        return steps.get(steps.size() - 1).letter().operation();
    }

    /**
     * One search with refinement.
     *
     * @param answer null if the search cannot tell
     * @param steps the run that is neither real nor refused by a part that could be added
     */
    private record Attempt(@Nullable Answer answer, List<Step> steps, Played played) {
        static Attempt of(Answer answer) {
            return new Attempt(answer, List.of(), new Played(null, Set.of(), 0, null));
        }
    }

    private Attempt attempt(@Nullable Component property, Goal goal, End end, boolean strictly) {
        Set<Integer> included = new TreeSet<>();
        if (model.hasPlan() && (!model.asks(Part.PLAN) || !approved)) {
            included.add(Part.PLAN);
        }
        long calls = calls();
        while (true) {
            List<Part> parts = new ArrayList<>();
            for (int place : included) {
                Part part = model.part(place, strictly);
                if (part != null) {
                    parts.add(part);
                }
            }
            Result result = new Search(model.letters(), parts, property, approved, calls, deadline).run(goal);
            if (result instanceof Result.Late) {
                return Attempt.of(new Answer.Late());
            } else if (!(result instanceof Result.Found found)) {
                return Attempt.of(new Answer.None());
            } else {
                Played played = new Simulation(model, found.run(), end, false).play();
                if (played.run() != null) {
                    return Attempt.of(new Answer.Real(played.run(), found.run()));
                }
                boolean more = false;
                for (int place : played.blockers()) {
                    more |= model.part(place, strictly) != null && included.add(place);
                }
                if (!more) {
                    return new Attempt(null, found.run(), played);
                }
            }
        }
    }

    private long calls() {
        Long calls = model.world().template().limits().calls();
        return calls == null ? Long.MAX_VALUE : calls;
    }

    /** Where what refused a call was written: first what decides by time or data, else the grant of the last operation. */
    static Position blocking(Model model, Played played, String operation) {
        for (int place : played.blockers()) {
            if (model.isOpen(place)) {
                return model.at(place);
            }
        }
        for (int place : played.blockers()) {
            return place == Part.PLAN ? model.world().written(played.step()) : model.at(place);
        }
        return model.world().grantAt(operation);
    }
}
