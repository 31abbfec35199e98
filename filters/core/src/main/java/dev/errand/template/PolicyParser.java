package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.limit.Bandwidth;
import dev.errand.sequence.rule.RuleKeys;
import dev.errand.task.TaskPolicy.Cut;
import dev.errand.task.TaskPolicy.Flow;
import dev.errand.task.TaskPolicy.Reaction;
import dev.errand.task.TaskPolicy.Reactions;
import dev.errand.task.TaskPolicy.Repeated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code limits}, {@code on-violation}, {@code cut}, {@code flow} and {@code streams}. Not thread-safe. */
record PolicyParser(@Nullable OperationDirectory operations, Faults faults) {
    /** The largest integer that every JSON reader keeps. */
    static final long MAX_INTEGER = (1L << 53) - 1;

    /** The kinds of violation whose reaction may be {@code ask}. */
    private static final Set<String> ASKING = Set.of("sequence", "rule", "flow");

    static final int MAX_DENIALS = 10_000;
    static final int MAX_STREAMS = 100_000;
    static final Duration MAX_PERIOD = Duration.ofDays(31);

    CallLimits limits(YamlMap template) {
        YamlMap map = section(template, "limits", TemplateKeys.LIMITS);
        if (map == null) {
            return CallLimits.NONE;
        }
        YamlNode task = map.optional("task");
        Map<String, List<Bandwidth>> byOperation = new LinkedHashMap<>();
        YamlNode node = map.optional("operations");
        YamlMap each = node == null ? null : node.map(faults);
        if (each != null) {
            each.members().forEach((id, value) -> {
                if (GrantParser.known(operations, each.at(id), id, faults)) {
                    byOperation.put(id, bandwidths(value));
                }
            });
        }
        YamlNode calls = map.optional("calls");
        return new CallLimits(
                task == null ? List.of() : bandwidths(task),
                byOperation,
                calls == null ? null : calls.integer(1, MAX_INTEGER, faults));
    }

    private List<Bandwidth> bandwidths(YamlNode node) {
        YamlList list = node.list(faults);
        if (list == null) {
            return List.of();
        }
        if (list.items().size() > TemplateKeys.MAX_LIMITS) {
            faults.add(
                    list.at(),
                    "at most " + TemplateKeys.MAX_LIMITS + " limits, found "
                            + list.items().size());
        }
        List<Bandwidth> read = new ArrayList<>();
        for (YamlNode item : list.items()) {
            Bandwidth bandwidth = bandwidth(item, true);
            if (bandwidth != null) {
                read.add(bandwidth);
            }
        }
        return read;
    }

    @Nullable Bandwidth bandwidth(YamlNode node, boolean mayObserve) {
        YamlMap map = node.map(faults);
        if (map == null) {
            return null;
        }
        boolean known = map.unknownKeys(faults, mayObserve ? TemplateKeys.LIMIT : TemplateKeys.BUCKET);
        YamlNode capacityNode = map.required("capacity", faults);
        YamlNode perNode = map.required("per", faults);
        Long capacity = capacityNode == null ? null : capacityNode.integer(1, MAX_INTEGER, faults);
        Duration per = perNode == null ? null : perNode.duration(Duration.ofSeconds(1), MAX_PERIOD, faults);
        if (perNode != null && per != null && per.toMillis() % 1000 != 0) {
            faults.add(perNode.at(), "a limit's period is in whole seconds, since tokens have whole seconds");
            return null;
        }
        return !known || capacity == null || per == null
                ? null
                : new Bandwidth(capacity, per, mayObserve && map.bool("observe", false, faults));
    }

    Reactions reactions(YamlMap template) {
        YamlMap map = section(template, "on-violation", TemplateKeys.ON_VIOLATION);
        Map<Integer, Reaction> ofRules = ofRules(template);
        if (map == null) {
            return Reactions.DEFAULT.with(ofRules);
        }
        YamlNode repeated = map.optional("repeated");
        return new Reactions(
                reaction(map, "sequence", Reactions.DEFAULT.sequence()),
                reaction(map, "rule", Reactions.DEFAULT.rule()),
                reaction(map, "limit", Reactions.DEFAULT.limit()),
                reaction(map, "not-granted", Reactions.DEFAULT.notGranted()),
                repeated == null ? Reactions.DEFAULT.repeated() : repeated(repeated),
                reaction(map, "flow", Reactions.DEFAULT.flow()),
                ofRules);
    }

    /** The reactions that rules name themselves, by the place of the rule. */
    private Map<Integer, Reaction> ofRules(YamlMap template) {
        List<YamlNode> rules = template.optional("rules") instanceof YamlList list ? list.items() : List.of();
        Map<Integer, Reaction> found = new HashMap<>();
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i) instanceof YamlMap rule && rule.optional(RuleKeys.REACTION) != null) {
                Reaction reaction = choice(rule, RuleKeys.REACTION, Reaction.INTERRUPT, Reaction.class);
                if (reaction == Reaction.THROTTLE) {
                    faults.add(
                            rule.at(RuleKeys.REACTION),
                            "throttle is for limit only: write deny, interrupt or ask for a rule");
                } else if (rule.bool("observe", false, new Faults())) {
                    faults.add(
                            rule.at(RuleKeys.REACTION),
                            "a rule with observe: true refuses nothing: leave out one of the two");
                }
                found.put(i, reaction);
            }
        }
        return found;
    }

    private Reaction reaction(YamlMap map, String key, Reaction fallback) {
        Reaction reaction = choice(map, key, fallback, Reaction.class);
        if (reaction == Reaction.ASK && !ASKING.contains(key)) {
            YamlNode node = map.optional(key);
            faults.add(
                    node == null ? map.at(key) : node.at(),
                    "ask is for sequence, rule and flow only: write deny or interrupt for " + key);
        }
        if (reaction == Reaction.THROTTLE && !key.equals("limit")) {
            YamlNode node = map.optional(key);
            faults.add(
                    node == null ? map.at(key) : node.at(),
                    "throttle is for limit only: write deny or interrupt for " + key);
        }
        return reaction;
    }

    private @Nullable Repeated repeated(YamlNode node) {
        YamlMap map = node.map(faults);
        if (map == null || !map.unknownKeys(faults, TemplateKeys.REPEATED)) {
            return null;
        }
        map.required("denials", faults);
        map.required("within", faults);
        int denials = (int) map.integer("denials", 5, 1, MAX_DENIALS, faults);
        Duration within = map.duration("within", Duration.ofMinutes(1), Duration.ofMillis(1), MAX_PERIOD, faults);
        Reaction then = reaction(map, "then", Reaction.INTERRUPT);
        return then == Reaction.INTERRUPT ? new Repeated(denials, within.toMillis()) : null;
    }

    Cut cut(YamlMap template) {
        return choice(template, "cut", Cut.SUBTREE, Cut.class);
    }

    Flow flow(YamlMap template) {
        return choice(template, "flow", Flow.OFF, Flow.class);
    }

    StreamLimits streams(YamlMap template) {
        YamlMap map = section(template, "streams", TemplateKeys.STREAMS);
        StreamLimits fallback = StreamLimits.DEFAULT;
        return map == null
                ? fallback
                : new StreamLimits(
                        (int) map.integer("max", fallback.max(), 0, MAX_STREAMS, faults),
                        map.duration("each", fallback.each(), Duration.ofSeconds(1), MAX_PERIOD, faults));
    }

    /** The mapping under an optional key, after reporting its unknown keys; null if it is absent or no mapping. */
    @Nullable YamlMap section(YamlMap template, String key, Keys known) {
        YamlNode node = template.optional(key);
        YamlMap map = node == null ? null : node.map(faults);
        if (map != null) {
            map.unknownKeys(faults, known);
        }
        return map;
    }

    private <E extends Enum<E>> E choice(YamlMap map, String key, E fallback, Class<E> type) {
        String word = map.string(key, faults);
        YamlNode node = map.optional(key);
        if (word == null || node == null) {
            return fallback;
        }
        List<String> words = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT);
            if (name.equals(word)) {
                return constant;
            }
            words.add(name);
        }
        faults.add(node.at(), "unknown value '" + word + "' for " + key + DidYouMean.hint(word, words));
        return fallback;
    }
}
