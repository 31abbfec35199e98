package dev.errand.sequence;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.sequence.rule.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a template's {@code rules}. */
public final class RuleParser {
    static final long MAX_COUNT = 1L << 53;
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(366);

    private final Faults faults;

    public RuleParser(Faults faults) {
        this.faults = faults;
    }

    /** The rules in their order; those that are faulty are left out. */
    public List<Rule> parse(YamlNode rules) {
        List<Rule> parsed = new ArrayList<>();
        YamlList list = rules.list(faults);
        if (list != null) {
            for (YamlNode item : list.items()) {
                YamlMap map = item.map(faults);
                Rule rule = map == null ? null : rule(map);
                if (rule != null) {
                    parsed.add(rule);
                }
            }
        }
        return parsed;
    }

    private @Nullable Rule rule(YamlMap map) {
        List<String> kinds = List.of("absence", "precedence", "bounded").stream()
                .filter(kind -> map.optional(kind) != null)
                .toList();
        if (kinds.size() != 1) {
            map.unknownKeys(faults, SequenceKeys.ABSENCE, SequenceKeys.PRECEDENCE, SequenceKeys.BOUNDED);
            faults.add(map.at(), "a rule is one of absence, precedence and bounded; found " + found(kinds));
            return null;
        }
        List<String> same = SequenceParser.same(map, faults);
        boolean observe = map.bool("observe", false, faults);
        return switch (kinds.get(0)) {
            case "absence" -> absence(map, same, observe);
            case "precedence" -> precedence(map, same, observe);
            default -> bounded(map, same, observe);
        };
    }

    private static String found(List<String> kinds) {
        return kinds.isEmpty() ? "none" : String.join(" and ", kinds);
    }

    private @Nullable Rule absence(YamlMap map, List<String> same, boolean observe) {
        map.unknownKeys(faults, SequenceKeys.ABSENCE);
        String operation = map.requiredString("absence", faults);
        String after = map.requiredString("after", faults);
        return operation == null || after == null ? null : new Rule.Absence(operation, after, same, observe, map.at());
    }

    private @Nullable Rule precedence(YamlMap map, List<String> same, boolean observe) {
        map.unknownKeys(faults, SequenceKeys.PRECEDENCE);
        String operation = map.requiredString("precedence", faults);
        String before = map.requiredString("before", faults);
        if (operation != null && operation.equals(before)) {
            faults.add(map.at("before"), "`" + before + "` cannot come before itself: nothing could ever be the first");
            return null;
        }
        return operation == null || before == null
                ? null
                : new Rule.Precedence(operation, before, same, observe, map.at());
    }

    private @Nullable Rule bounded(YamlMap map, List<String> same, boolean observe) {
        map.unknownKeys(faults, SequenceKeys.BOUNDED);
        String operation = map.requiredString("bounded", faults);
        YamlNode atMost = map.required("at-most", faults);
        YamlNode within = map.optional("within");
        Duration window = within == null ? null : within.duration(SHORTEST, LONGEST, faults);
        Long most =
                atMost == null ? null : atMost.integer(1, within == null ? MAX_COUNT : Rule.Bounded.MAX_WINDOW, faults);
        return operation == null || most == null || (within != null && window == null)
                ? null
                : new Rule.Bounded(
                        operation,
                        most,
                        window == null ? Optional.empty() : Optional.of(window.toMillis()),
                        same,
                        observe,
                        map.at());
    }
}
