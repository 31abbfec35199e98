package dev.errand.sequence;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.sequence.NamedOperation.Part;
import dev.errand.sequence.SequenceCompiler.Interleaved;
import dev.errand.sequence.rule.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a template's {@code sequence} and {@code interleave}; {@link RuleParser} reads its {@code rules}. Not thread-safe.
 */
public final class SequenceParser {
    /** The highest count that may be written. */
    public static final int MAX_TIMES = 1_000_000;

    private final Faults faults;
    private final List<NamedOperation> named = new ArrayList<>();

    public SequenceParser(Faults faults) {
        this.faults = faults;
    }

    /**
     * Plan and rules as they are written.
     *
     * @param named every operation that they name, in the order in which they are written
     * @param windows how far rules look back
     */
    public record Written(
            List<PlanStep> steps,
            List<Interleaved> interleaved,
            List<Rule> rules,
            List<NamedOperation> named,
            List<Window> windows) {}

    /** How far a rule looks back, and where it says so. */
    public record Window(Duration length, NamedOperation.Name written) {}

    /**
     * The policy of a template's {@code sequence}, {@code interleave} and {@code rules}; null, with faults, if one of
     * them does not load.
     *
     * @param responseTimeout as for {@link SequenceCompiler#compile}
     */
    public static @Nullable SequencePolicy policy(YamlMap template, Duration responseTimeout, Faults faults) {
        int before = faults.count();
        Written written = read(template, faults);
        return faults.count() > before ? null : policy(written, responseTimeout, faults);
    }

    /** The policy of what was read without a fault; null, with faults, if it cannot be compiled. */
    public static @Nullable SequencePolicy policy(Written written, Duration responseTimeout, Faults faults) {
        SequenceCompiler.Compilation compilation =
                SequenceCompiler.compile(written.steps(), written.interleaved(), written.rules(), responseTimeout);
        if (compilation instanceof SequenceCompiler.Compilation.Faulty faulty) {
            faulty.faults().forEach(faults::add);
            return null;
        }
        return ((SequenceCompiler.Compilation.Compiled) compilation).policy();
    }

    /** Reads plan and rules of a template; what is faulty is left out. */
    public static Written read(YamlMap template, Faults faults) {
        YamlNode sequence = template.optional("sequence");
        YamlNode interleave = template.optional("interleave");
        YamlNode rules = template.optional("rules");
        SequenceParser parser = new SequenceParser(faults);
        RuleParser monitored = new RuleParser(faults);
        List<PlanStep> steps = sequence == null ? List.of() : parser.parse(sequence);
        List<Interleaved> interleaved = interleave == null ? List.of() : parser.parseInterleave(interleave);
        List<Rule> parsed = rules == null ? List.of() : monitored.parse(rules);
        parser.named.addAll(monitored.named());
        return new Written(steps, interleaved, parsed, parser.named, monitored.windows());
    }

    /** The steps of {@code sequence}; empty, with a fault, if there is none. */
    public List<PlanStep> parse(YamlNode sequence) {
        List<PlanStep> steps = steps(sequence);
        if (sequence instanceof YamlList list && list.items().isEmpty()) {
            faults.add(sequence.at(), "`sequence` has no step: leave it out to allow any order");
        }
        return steps;
    }

    /** The operations of {@code interleave}. */
    private List<Interleaved> parseInterleave(YamlNode interleave) {
        List<Interleaved> operations = new ArrayList<>();
        YamlList list = interleave.list(faults);
        if (list != null) {
            for (YamlNode item : list.items()) {
                String operation = item.string(faults);
                if (operation != null) {
                    operations.add(new Interleaved(operation, item.at()));
                    named.add(NamedOperation.of(Part.INTERLEAVE, operation, item.at(), null, List.of()));
                }
            }
        }
        return operations;
    }

    private List<PlanStep> steps(YamlNode node) {
        List<PlanStep> steps = new ArrayList<>();
        YamlList list = node.list(faults);
        if (list != null) {
            for (YamlNode item : list.items()) {
                PlanStep step = step(item);
                if (step != null) {
                    steps.add(step);
                }
            }
        }
        return steps;
    }

    private @Nullable PlanStep step(YamlNode node) {
        if (node instanceof YamlScalar) {
            String operation = node.string(faults);
            if (operation != null) {
                named.add(NamedOperation.of(Part.SEQUENCE, operation, node.at(), null, List.of()));
            }
            return operation == null ? null : new PlanStep.Op(operation, Times.ONCE, false, List.of(), node.at());
        }
        YamlMap map = node.map(faults);
        if (map == null) {
            return null;
        }
        YamlNode repeated = map.optional("repeat");
        if (repeated != null) {
            return repeat(map, repeated);
        }
        if (map.members().size() != 1) {
            faults.add(
                    map.at(),
                    "a step is one operation, or one of any, all and repeat; found "
                            + map.members().size() + " keys: begin each step with its own `-`");
            map.members().forEach((key, value) -> {
                if (key.contains(":")) {
                    operation(map, key, value);
                }
            });
            return null;
        }
        Map.Entry<String, YamlNode> only = map.members().entrySet().iterator().next();
        return switch (only.getKey()) {
            case "any" -> new PlanStep.Any(inner(map, "any", only.getValue()), map.at());
            case "all" -> new PlanStep.All(inner(map, "all", only.getValue()), map.at());
            default -> operation(map, only.getKey(), only.getValue());
        };
    }

    private @Nullable PlanStep repeat(YamlMap map, YamlNode repeated) {
        map.unknownKeys(faults, SequenceKeys.REPEAT);
        List<PlanStep> steps = inner(map, "repeat", repeated);
        YamlNode times = map.optional("times");
        if (times == null) {
            faults.add(map.at("repeat"), "`repeat` needs `times`: N, N..M, N..* or \"?\"");
            return null;
        }
        Times counted = times(times);
        return counted == null ? null : new PlanStep.Repeat(steps, counted, map.at());
    }

    private List<PlanStep> inner(YamlMap map, String key, YamlNode node) {
        List<PlanStep> steps = steps(node);
        if (steps.isEmpty() && node instanceof YamlList list && list.items().isEmpty()) {
            faults.add(map.at(key), "`" + key + "` needs at least one step");
        }
        return steps;
    }

    private @Nullable PlanStep operation(YamlMap step, String operation, YamlNode value) {
        YamlMap detail = value instanceof YamlMap map ? map : null;
        List<String> same = detail == null ? List.of() : same(detail, faults);
        named.add(NamedOperation.of(Part.SEQUENCE, operation, step.at(operation), detail, same));
        if (detail == null) {
            Times times = times(value);
            return times == null ? null : new PlanStep.Op(operation, times, false, same, step.at());
        }
        detail.unknownKeys(faults, SequenceKeys.DETAIL);
        YamlNode counted = detail.optional("times");
        Times times = counted == null ? Times.ONCE : times(counted);
        YamlNode outcome = detail.optional("outcome");
        if (outcome != null
                && !(outcome instanceof YamlScalar scalar && scalar.text().equals("sent"))) {
            faults.add(
                    outcome.at(),
                    "`outcome` can only be sent, found " + outcome.kind()
                            + "; without it a step counts when its upstream answers below 400");
        }
        return times == null ? null : new PlanStep.Op(operation, times, outcome != null, same, step.at());
    }

    /** The argument names under {@code same}. */
    static List<String> same(YamlMap map, Faults faults) {
        YamlNode node = map.optional("same");
        if (node == null) {
            return List.of();
        }
        List<String> names = map.strings("same", faults);
        if (node instanceof YamlList list && list.items().isEmpty()) {
            faults.add(node.at(), "`same` needs the name of an argument, such as resource");
        } else if (new HashSet<>(names).size() < names.size()) {
            faults.add(node.at(), "`same` names an argument twice");
        }
        return names;
    }

    private @Nullable Times times(YamlNode node) {
        if (node instanceof YamlScalar scalar) {
            String text = scalar.text();
            boolean number = scalar.type() == YamlScalar.Type.NUMBER;
            boolean string = scalar.type() == YamlScalar.Type.STRING;
            if (string && text.equals("?")) {
                return new Times(0, 1);
            }
            int dots = text.indexOf("..");
            int min = count(dots < 0 ? text : text.substring(0, dots));
            boolean unbounded = dots >= 0 && text.substring(dots + 2).equals("*");
            int max = dots < 0 ? min : unbounded ? Times.UNBOUNDED : count(text.substring(dots + 2));
            if ((number || string) && min >= 0 && max >= 1 && min <= max) {
                return new Times(min, max);
            }
        }
        faults.add(
                node.at(),
                "expected how often: N, N..M, N..* or \"?\", with whole numbers up to " + MAX_TIMES
                        + ", N <= M and M at least 1; found " + node.kind());
        return null;
    }

    private static int count(String digits) {
        if (!digits.matches(SequenceKeys.COUNT)) {
            return -1;
        }
        int count = Integer.parseInt(digits);
        return count <= MAX_TIMES ? count : -1;
    }
}
