package dev.errand.sequence;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleKind;
import dev.errand.sequence.rule.RuleKinds;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a template's {@code rules}. */
public final class RuleParser {
    private final Faults faults;
    private final RuleKinds kinds;

    public RuleParser(Faults faults) {
        this(faults, RuleKinds.ALL);
    }

    /** @param kinds the kinds of rule that are allowed */
    public RuleParser(Faults faults, RuleKinds kinds) {
        this.faults = faults;
        this.kinds = kinds;
    }

    /** The rules in their order; faulty rules are left out. */
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
        List<RuleKind> found = kinds.list().stream()
                .filter(kind -> map.optional(kind.name()) != null)
                .toList();
        if (found.size() != 1) {
            map.unknownKeys(faults, kinds.list().stream().map(RuleKind::keys).toArray(Keys[]::new));
            String names = found.stream().map(RuleKind::name).collect(Collectors.joining(" and "));
            faults.add(map.at(), "a rule is one of " + listed() + "; found " + (names.isEmpty() ? "none" : names));
            return null;
        }
        List<String> same = SequenceParser.same(map, faults);
        boolean observe = map.bool("observe", false, faults);
        RuleKind kind = found.get(0);
        map.unknownKeys(faults, kind.keys());
        return kind.read(map, new RuleKind.Common(same, observe, map.at()), faults);
    }

    private String listed() {
        List<String> names = kinds.names();
        int last = names.size() - 1;
        return String.join(", ", names.subList(0, last)) + " and " + names.get(last);
    }
}
