package dev.errand.offline.story;

import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The lines of a template that a check of one call applied.
 *
 * @param template the revision that the call was judged by
 */
record RuleLines(TemplateLines template, RecordReading reading) {
    List<String> of(Check check) {
        return switch (check) {
            case GRANT, ARGUMENTS -> grants();
            case BUDGETS -> lines(template.at("limits", "calls"), template.at("delegation"));
            case RATES ->
                Stream.concat(
                                template.at("limits", "task").stream(),
                                reading.operations().stream()
                                        .flatMap(id -> template.at("limits", "operations", id).stream()))
                        .distinct()
                        .toList();
            case PLAN -> plan();
            case RULES -> lines(template.at("rules"));
            case FLOW -> lines(template.at("flow"));
            case APPROVAL -> lines(template.at("ask"));
            case TASK -> lines(template.at("lifetime"));
            case REQUEST, CHAIN, PROOF, IDENTITY, OPERATION, UPSTREAM -> List.of();
        };
    }

    /**
     * A plan step or rule, shown with the text of its line.
     *
     * @param rule {@code file:line} as the record has it; the file may have had another name on the replica that recorded it
     */
    String named(String rule) {
        String number = rule.substring(rule.lastIndexOf(':') + 1);
        return number.matches("[0-9]{1,6}")
                ? template.line(Integer.parseInt(number)).orElse(rule)
                : rule;
    }

    private List<String> grants() {
        List<String> lines = new ArrayList<>();
        for (String id : reading.operations()) {
            lines.add(template.grant(id)
                    .or(() -> template.at("allow").map(at -> at + " has no " + id))
                    .orElse("no grant of " + id));
        }
        return lines;
    }

    /** What the plan would have allowed in the state before the call. */
    private List<String> plan() {
        List<String> lines = new ArrayList<>();
        String before = reading.record().string("state_before");
        if (before == null
                || !(template.template().enforced().sequence() instanceof CompiledSequence sequence)
                || sequence.automaton().isEmpty()) {
            return lines;
        }
        Automaton automaton = sequence.automaton().get();
        int state = state(before);
        if (state >= 0 && state < automaton.states()) {
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                lines.add(automaton.step(edge).position() + ": allowed in state " + state + ": "
                        + automaton.operation(edge));
            }
            if (lines.isEmpty()) {
                lines.add(template.at("sequence").orElse("sequence") + " is finished");
            }
        }
        template.at("interleave").ifPresent(lines::add);
        return lines;
    }

    private static int state(String before) {
        String number = before.split("[+ ]", 2)[0];
        return number.matches("[0-9]{1,6}") ? Integer.parseInt(number) : -1;
    }

    @SafeVarargs
    private static List<String> lines(Optional<String>... lines) {
        return Stream.of(lines).flatMap(Optional::stream).toList();
    }
}
