package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.sequence.NamedOperation;
import dev.errand.sequence.NarrowerPlan;
import dev.errand.sequence.SequenceParser;
import dev.errand.sequence.SequencePolicy;
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
    @Override
    public @Nullable SequencePolicy compile(YamlMap template, @Nullable OperationDirectory operations, Faults faults) {
        int before = faults.count();
        SequenceParser.Written written = SequenceParser.read(template, faults);
        SequencePolicy policy =
                faults.count() > before ? null : SequenceParser.policy(written, responseTimeout, faults);
        if (operations != null) {
            written.named().forEach(named -> check(named, operations, faults));
            if (policy != null) {
                RuleBounds.check(policy, faults);
            }
        }
        return faults.count() > before ? null : policy;
    }

    @Override
    public NarrowerPlan.Result narrowed(YamlNode steps, YamlMap template, SequencePolicy wider) {
        return NarrowerPlan.compile(steps, template, wider, responseTimeout);
    }

    /** Checks that a catalogue has the operation, with these arguments and with this value under {@code returns}. */
    private static void check(NamedOperation named, OperationDirectory operations, Faults faults) {
        String id = named.operation();
        if (!GrantParser.known(operations, named.at(), id, faults)) {
            return;
        }
        named.arguments()
                .forEach(name -> GrantParser.argument(operations, name.at(), name.text(), List.of(id), id, faults));
        NamedOperation.Name returned = named.returned();
        if (returned != null) {
            returned(operations, returned.at(), id, returned.text(), faults);
        }
    }

    /** Checks that the catalogue says where the answers of the operation, which it has, have the value. */
    static void returned(@Nullable OperationDirectory operations, Position at, String id, String name, Faults faults) {
        Set<String> names = operations == null
                ? Set.of(name)
                : operations.find(id).orElseThrow().values().returns().keySet();
        if (!names.contains(name)) {
            faults.add(
                    at,
                    names.isEmpty()
                            ? "the catalogue says nothing under `returns` of '" + id + "': write there where its"
                                    + " answers have '" + name + "'"
                            : "'" + id + "' returns no '" + name + "'" + DidYouMean.hint(name, names));
        }
    }
}
