package dev.errand.sequence;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.json.Durations;
import dev.errand.operation.AnswerCondition;
import dev.errand.sequence.NamedOperation.Name;
import dev.errand.sequence.NamedOperation.Part;
import dev.errand.sequence.rule.Rule;
import dev.errand.sequence.rule.RuleKeys;
import dev.errand.sequence.rule.RuleKind;
import dev.errand.sequence.rule.RuleKinds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a template's {@code rules}. */
public final class RuleParser {
    private final Faults faults;
    private final RuleKinds kinds;
    private final List<NamedOperation> named = new ArrayList<>();
    private final List<SequenceParser.Window> windows = new ArrayList<>();

    public RuleParser(Faults faults) {
        this(faults, RuleKinds.ALL);
    }

    /** @param kinds the kinds of rule that are allowed */
    public RuleParser(Faults faults, RuleKinds kinds) {
        this.faults = faults;
        this.kinds = kinds;
    }

    /** The operations that the rules name, in the order in which they are written. */
    List<NamedOperation> named() {
        return named;
    }

    /** How far the rules look back. */
    List<SequenceParser.Window> windows() {
        return windows;
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
            found.forEach(kind -> map.members().forEach((key, value) -> {
                if (key.equals(kind.name())) {
                    name(kind, map, key, value, List.of());
                }
            }));
            return null;
        }
        List<String> same = SequenceParser.same(map, faults);
        boolean observe = map.bool("observe", false, faults);
        RuleKind kind = found.get(0);
        map.unknownKeys(faults, kind.keys());
        map.members().forEach((key, value) -> name(kind, map, key, value, same));
        return kind.reader().read(map, new RuleKind.Common(same, observe, map.at()), faults);
    }

    private void name(RuleKind kind, YamlMap rule, String key, YamlNode value, List<String> same) {
        if (value instanceof YamlScalar id && kind.operationKeys().contains(key)) {
            named.add(NamedOperation.of(Part.RULES, id.text(), value.at(), rule, same));
        } else if (value instanceof YamlMap values && kind.valueKeys().contains(key)) {
            values.members().forEach((id, name) -> {
                if (name instanceof YamlScalar text) {
                    Name of = new Name(text.text(), name.at());
                    boolean argument = key.equals("to");
                    named.add(new NamedOperation(
                            Part.RULES, id, values.at(id), argument ? List.of(of) : List.of(), argument ? null : of));
                }
            });
        } else if (key.equals(RuleKeys.WHERE) && value instanceof YamlMap conditions) {
            conditions(rule, conditions);
        } else if (key.equals(RuleKeys.ANY) && value instanceof YamlList any) {
            any.items().forEach(item -> {
                if (item instanceof YamlMap conditions) {
                    conditions(rule, conditions);
                }
            });
        } else if (key.equals("within") && value instanceof YamlScalar text) {
            Duration length = Durations.parse(text.text());
            if (length != null) {
                windows.add(new SequenceParser.Window(length, new Name(text.text(), value.at())));
            }
        }
    }

    /** The values of an answer, and the arguments with which they are compared. */
    private void conditions(YamlMap rule, YamlMap conditions) {
        if (!(rule.optional("answered") instanceof YamlScalar answered)
                || !(rule.optional("when") instanceof YamlScalar when)) {
            return;
        }
        conditions.members().forEach((name, condition) -> {
            Name returned = new Name(name, conditions.at(name));
            named.add(new NamedOperation(Part.RULES, answered.text(), answered.at(), List.of(), returned));
            List<Name> arguments = AnswerCondition.arguments(condition).stream()
                    .filter(YamlScalar.class::isInstance)
                    .map(argument -> new Name(((YamlScalar) argument).text(), argument.at()))
                    .toList();
            if (!arguments.isEmpty()) {
                named.add(new NamedOperation(Part.RULES, when.text(), when.at(), arguments, null));
            }
        });
    }

    private String listed() {
        List<String> names = kinds.names();
        int last = names.size() - 1;
        return String.join(", ", names.subList(0, last)) + " and " + names.get(last);
    }
}
