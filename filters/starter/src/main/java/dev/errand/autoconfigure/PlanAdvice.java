package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.sequence.NamedOperation;
import dev.errand.sequence.SequenceParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Warnings about a template whose plan and grants do not fit together: a step or a rule about an operation that is not
 * granted, a grant that the plan never permits, a rule that looks back further than a task lives. For one thread.
 */
final class PlanAdvice {
    private final WrittenTemplate written;
    private final Set<String> granted;
    private final Faults faults;

    private PlanAdvice(WrittenTemplate written, Faults faults) {
        this.written = written;
        this.granted = written.template().grants().tools().keySet();
        this.faults = faults;
    }

    static void give(WrittenTemplate written, Faults faults) {
        new PlanAdvice(written, faults).give();
    }

    private void give() {
        SequenceParser.Written plan = SequenceParser.read(written.map(), new Faults());
        Set<String> first = new HashSet<>();
        for (NamedOperation named : plan.named()) {
            boolean rule = named.part() == NamedOperation.Part.RULES;
            if (rule || first.add(named.part() + named.operation())) {
                ungranted(named);
            }
        }
        plan.windows().forEach(this::tooLong);
        if (!plan.steps().isEmpty()) {
            unplanned(plan.named().stream()
                    .filter(named -> named.part() != NamedOperation.Part.RULES)
                    .map(NamedOperation::operation)
                    .collect(Collectors.toSet()));
        }
    }

    private void ungranted(NamedOperation named) {
        String who = switch (named.part()) {
            case SEQUENCE -> "the plan names";
            case INTERLEAVE -> "`interleave` names";
            case RULES -> "the rule names";
        };
        // `allow` may name an operation whose catalogue has a fault; then it is not known whether it is granted.
        boolean allowed =
                written.map().optional("allow") instanceof YamlMap allow && allow.optional(named.operation()) != null;
        if (!allowed && !granted.contains(named.operation())) {
            faults.warn(
                    named.at(),
                    who + " '" + named.operation()
                            + "', which `allow` does not grant, so that every such call is refused: grant"
                            + " it under `allow`, or take it out here");
        }
    }

    private void tooLong(SequenceParser.Window window) {
        Duration lifetime = written.template().lifetime();
        if (window.length().compareTo(lifetime) > 0) {
            faults.warn(
                    window.written().at(),
                    "the rule looks back over " + window.written().text() + ", longer than the "
                            + lifetime.toSeconds()
                            + "s that a task of this template lives: write a shorter `within`, or leave it out for"
                            + " the whole task");
        }
    }

    /** Warns of operations that are granted and that the plan never permits, once for each key of {@code allow}. */
    private void unplanned(Set<String> permitted) {
        if (!(written.map().optional("allow") instanceof YamlMap allow)) {
            return;
        }
        for (String key : allow.members().keySet()) {
            boolean all = key.endsWith(":*");
            String prefix = key.substring(0, key.length() - 1);
            List<String> never = new ArrayList<>(granted.stream()
                    .filter(operation -> all
                            ? operation.startsWith(prefix) && !allow.members().containsKey(operation)
                            : operation.equals(key))
                    .filter(operation -> !permitted.contains(operation))
                    .sorted()
                    .toList());
            if (!never.isEmpty()) {
                faults.warn(
                        allow.at(key),
                        "'" + key + "' grants " + shown(never) + ", which neither the plan nor `interleave` permits at"
                                + " any time: add a step, write it under `interleave`, or take the grant out");
            }
        }
    }

    private static String shown(List<String> operations) {
        int most = 3;
        return String.join(", ", operations.subList(0, Math.min(most, operations.size())))
                + (operations.size() > most ? " and " + (operations.size() - most) + " more" : "");
    }
}
