package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.json.DidYouMean;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
import dev.errand.sequence.rule.RuleKinds;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles plans and rules, and checks that every operation they name is in a catalogue. Thread-safe.
 *
 * @param responseTimeout after which a call without an outcome counts as failed
 */
public record SequencePlans(Duration responseTimeout) implements PlanCompiler {
    private static final Set<String> STRUCTURE = Set.of("any", "all", "repeat");
    private static final Set<String> RULE_OPERATIONS = RuleKinds.ALL.operationKeys();
    private static final Set<String> RULE_VALUES = RuleKinds.ALL.valueKeys();

    @Override
    public @Nullable SequencePolicy compile(YamlMap template, @Nullable OperationDirectory operations, Faults faults) {
        int before = faults.count();
        SequencePolicy policy = SequenceParser.policy(template, responseTimeout, faults);
        if (policy != null && operations != null) {
            steps(template.optional("sequence"), operations, faults);
            steps(template.optional("interleave"), operations, faults);
            rules(template.optional("rules"), operations, faults);
            RuleBounds.check(policy, faults);
        }
        return faults.count() > before ? null : policy;
    }

    private static void steps(@Nullable YamlNode node, OperationDirectory operations, Faults faults) {
        if (!(node instanceof YamlList list)) {
            return;
        }
        for (YamlNode step : list.items()) {
            if (step instanceof YamlMap map) {
                map.members().forEach((key, value) -> {
                    if (STRUCTURE.contains(key)) {
                        steps(value, operations, faults);
                    } else if (!key.equals("times") || map.optional("repeat") == null) {
                        named(map.at(key), key, value instanceof YamlMap detail ? detail : null, operations, faults);
                    }
                });
            } else {
                String id = step.string(faults);
                if (id != null) {
                    GrantParser.known(operations, step.at(), id, faults);
                }
            }
        }
    }

    private static void rules(@Nullable YamlNode node, OperationDirectory operations, Faults faults) {
        if (!(node instanceof YamlList list)) {
            return;
        }
        for (YamlNode rule : list.items()) {
            if (rule instanceof YamlMap map) {
                map.members().forEach((key, value) -> {
                    String id = RULE_OPERATIONS.contains(key) ? value.string(faults) : null;
                    if (id != null) {
                        named(value.at(), id, map, operations, faults);
                    }
                    if (RULE_VALUES.contains(key) && value instanceof YamlMap values) {
                        values(key, values, operations, faults);
                    }
                });
            }
        }
    }

    /**
     * Checks that under {@code from} each operation returns a value of that name, and under {@code to} has such an
     * argument.
     */
    private static void values(String key, YamlMap values, OperationDirectory operations, Faults faults) {
        values.members().forEach((id, value) -> {
            String name = value.string(faults);
            if (name == null || !GrantParser.known(operations, values.at(id), id, faults)) {
                return;
            }
            if (key.equals("to")) {
                GrantParser.argument(operations, value.at(), name, List.of(id), id, faults);
                return;
            }
            Set<String> names =
                    operations.find(id).orElseThrow().values().returns().keySet();
            if (!names.contains(name)) {
                faults.add(
                        value.at(),
                        names.isEmpty()
                                ? "the catalogue says nothing under `returns` of '" + id + "': write there where its"
                                        + " answers have '" + name + "'"
                                : "'" + id + "' returns no '" + name + "'" + DidYouMean.hint(name, names));
            }
        });
    }

    /** Checks that the operation is in a catalogue, and that it has each argument under {@code same} beside it. */
    private static void named(
            Position at, String id, @Nullable YamlMap beside, OperationDirectory operations, Faults faults) {
        if (GrantParser.known(operations, at, id, faults) && beside != null) {
            for (String argument : beside.strings("same", faults)) {
                GrantParser.argument(operations, beside.at("same"), argument, List.of(id), id, faults);
            }
            YamlNode of = beside.optional("of");
            String counted = of instanceof YamlScalar ? of.string(faults) : null;
            if (of != null && counted != null) {
                GrantParser.argument(operations, of.at(), counted, List.of(id), id, faults);
            }
        }
    }
}
