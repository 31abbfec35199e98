package dev.errand.operator;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.sequence.SequencePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes a plan's states and the calls that lead from one to another, with the present state of a task. Pure. */
final class PlanDrawn {
    /** A larger plan is not drawn, since nobody reads such a drawing: only its size is written. */
    private static final int MOST_STATES = 256;

    private static final int MOST_EDGES = 2_048;

    private PlanDrawn() {}

    /**
     * The plan; null where there is none.
     *
     * @param at the task's state in the plan, such as {@code 3+1 in flight}; null if it is not known
     * @param broken the properties that the template does not have
     */
    static JsonValue of(SequencePolicy sequence, @Nullable String at, JsonValue broken) {
        if (!(sequence instanceof CompiledSequence compiled)) {
            return JsonNull.NULL;
        }
        Optional<Automaton> automaton = compiled.automaton();
        if (automaton.isEmpty()) {
            return JsonNull.NULL;
        }
        JsonMembers members = new JsonMembers();
        members.orNull("at", at);
        members.put("of", automaton.get().states());
        members.put("states", states(automaton.get()));
        members.put("broken", broken);
        members.put("interleave", new TreeSet<>(compiled.interleave()));
        return members.toJson();
    }

    private static JsonValue states(Automaton automaton) {
        int count = automaton.states();
        if (count > MOST_STATES || automaton.endEdge(count - 1) > MOST_EDGES) {
            return JsonNull.NULL;
        }
        List<JsonValue> states = new ArrayList<>();
        for (int state = 0; state < count; state++) {
            List<JsonValue> edges = new ArrayList<>();
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                edges.add(edge(automaton, edge));
            }
            states.add(new JsonMembers()
                    .put("final", automaton.isFinal(state))
                    .put("next", new JsonArray(edges))
                    .toJson());
        }
        return new JsonArray(states);
    }

    private static JsonObject edge(Automaton automaton, int edge) {
        JsonMembers members = new JsonMembers();
        members.put("operation", automaton.operation(edge));
        members.put("state", automaton.target(edge));
        members.put("step", automaton.stepNumber(edge));
        members.put("sent", automaton.sent(edge));
        members.put("same", automaton.step(edge).same());
        members.put("rule", automaton.step(edge).position().toString());
        return members.toJson();
    }
}
