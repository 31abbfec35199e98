package dev.errand.offline.audit;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.learn.Draft;
import dev.errand.offline.learn.ShorthandText;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.sequence.CompiledSequence;
import dev.errand.template.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Lists in words what one template grants less than another. Pure. */
final class Reductions {
    private Reductions() {}

    /** The reductions, each as a line; empty if the proposed template is no smaller. */
    static List<String> of(Template granted, Template proposed, List<RecordedTask> tasks) {
        List<String> smaller = new ArrayList<>();
        int before = granted.grants().tools().size();
        int after = proposed.grants().tools().size();
        if (after < before) {
            smaller.add("operations: " + before + " -> " + after);
        }
        proposed.grants().tools().forEach((operation, arguments) -> {
            JsonObject wide = granted.grants().tools().get(operation);
            if (wide != null && !wide.equals(arguments)) {
                smaller.add(operation + ": " + ShorthandText.of(wide) + " -> " + ShorthandText.of(arguments));
            }
        });
        Draft draft = new Draft(granted.name(), tasks, granted);
        List<Budget> narrow = Budget.of(proposed, tasks, draft);
        for (Budget wide : Budget.of(granted, tasks, draft)) {
            narrow.stream()
                    .filter(one -> one.name().equals(wide.name())
                            && !Objects.equals(one.granted(), wide.granted())
                            && one.granted() != null)
                    .findFirst()
                    .ifPresent(one -> smaller.add(wide.name() + ": "
                            + (wide.granted() == null ? "any number" : wide.granted()) + " -> " + one.granted()));
        }
        int statesBefore = states(granted);
        int statesAfter = states(proposed);
        boolean other = !granted.enforced()
                .sequence()
                .digest()
                .equals(proposed.enforced().sequence().digest());
        if (other && statesAfter > 0) {
            smaller.add("plan: " + (statesBefore == 0 ? "any order" : statesBefore + " states") + " -> " + statesAfter
                    + " states, and it permits nothing that was refused before");
        }
        return smaller;
    }

    private static int states(Template template) {
        return template.enforced().sequence() instanceof CompiledSequence sequence
                ? sequence.automaton().map(automaton -> automaton.states()).orElse(0)
                : 0;
    }
}
