package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.sequence.rule.RuleKinds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about a template whose plan and grants do not fit together: a step or a rule about an operation that is not
 * granted, a grant that the plan never permits, a rule that looks back further than a task lives. For one thread.
 */
final class PlanAdvice {
    private static final Set<String> STRUCTURE = Set.of("any", "all", "repeat");
    private static final Set<String> RULE_OPERATIONS = RuleKinds.ALL.operationKeys();
    private static final Set<String> RULE_VALUES = RuleKinds.ALL.valueKeys();

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
        Map<String, Position> steps = new LinkedHashMap<>();
        YamlNode sequence = written.map().optional("sequence");
        steps(sequence, steps);
        Map<String, Position> interleaved = new LinkedHashMap<>();
        steps(written.map().optional("interleave"), interleaved);
        steps.forEach((operation, at) -> ungranted(operation, at, "the plan names"));
        interleaved.forEach((operation, at) -> ungranted(operation, at, "`interleave` names"));
        rules(written.map().optional("rules"));
        if (sequence != null) {
            Set<String> permitted = new TreeSet<>(steps.keySet());
            permitted.addAll(interleaved.keySet());
            unplanned(permitted);
        }
    }

    private void ungranted(String operation, Position at, String who) {
        if (!granted.contains(operation)) {
            faults.warn(
                    at,
                    who + " '" + operation
                            + "', which `allow` does not grant, so that every such call is refused: grant"
                            + " it under `allow`, or take it out here");
        }
    }

    /** The operations that steps name, each with the place of its first one. */
    private static void steps(@Nullable YamlNode node, Map<String, Position> found) {
        if (!(node instanceof YamlList list)) {
            return;
        }
        for (YamlNode step : list.items()) {
            if (step instanceof YamlScalar scalar) {
                found.putIfAbsent(scalar.text(), step.at());
            } else if (step instanceof YamlMap map) {
                map.members().forEach((key, value) -> {
                    if (STRUCTURE.contains(key)) {
                        steps(value, found);
                    } else if (!key.equals("times")) {
                        found.putIfAbsent(key, map.at(key));
                    }
                });
            }
        }
    }

    private void rules(@Nullable YamlNode node) {
        if (!(node instanceof YamlList list)) {
            return;
        }
        Duration lifetime = written.template().lifetime();
        for (YamlNode item : list.items()) {
            if (!(item instanceof YamlMap rule)) {
                continue;
            }
            rule.members().forEach((key, value) -> {
                if (RULE_OPERATIONS.contains(key) && value instanceof YamlScalar scalar) {
                    ungranted(scalar.text(), value.at(), "the rule names");
                } else if (RULE_VALUES.contains(key) && value instanceof YamlMap values) {
                    values.members().keySet().forEach(id -> ungranted(id, values.at(id), "the rule names"));
                }
            });
            YamlNode within = rule.optional("within");
            Duration window =
                    within == null ? null : within.duration(Duration.ZERO, Duration.ofDays(366), new Faults());
            if (within != null && window != null && window.compareTo(lifetime) > 0) {
                faults.warn(
                        within.at(),
                        "the rule looks back over " + text(within) + ", longer than the " + lifetime.toSeconds()
                                + "s that a task of this template lives: write a shorter `within`, or leave it out for"
                                + " the whole task");
            }
        }
    }

    private static String text(YamlNode node) {
        return node instanceof YamlScalar scalar ? scalar.text() : node.kind();
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
