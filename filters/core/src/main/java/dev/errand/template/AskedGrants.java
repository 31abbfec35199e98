package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.Offer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what the grants of one template ask humans: {@code ask}, and {@code pinned: {else: ask}}. Not thread-safe. */
final class AskedGrants {
    /** The key. No argument may have this name. */
    static final String KEY = "ask";

    /** The key of the calls that pass without a human. */
    static final String UNLESS = "unless";

    /** The key of a question for many calls. */
    static final String OFFER = "offer";

    /** The key of the arguments whose values are the same in all calls of an offer. */
    static final String FIXED = "fixed";

    private static final String ALWAYS = "always";

    private final Faults faults;
    private final Map<String, AlwaysAsked.Asked> ids = new LinkedHashMap<>();
    private final List<AlwaysAsked.Wide> wide = new ArrayList<>();

    AskedGrants(Faults faults) {
        this.faults = faults;
    }

    /**
     * What one grant says under {@code ask}.
     *
     * @param unless the constraints of the calls that pass without a human; null if none does
     * @param offer for how many calls people may be asked at once; null for one
     */
    record Written(boolean always, @Nullable JsonObject unless, Offer.@Nullable Terms offer) {}

    /** Reads {@code ask} of one grant. */
    Written read(YamlMap grant, ConstraintShorthand shorthand) {
        YamlNode node = grant.optional(KEY);
        if (node instanceof YamlMap map) {
            map.unknownKeys(faults, TemplateKeys.ASKED);
            YamlNode unless = map.optional(UNLESS);
            YamlMap constraints = unless == null ? null : unless.map(faults);
            if (constraints != null && constraints.members().isEmpty()) {
                faults.add(constraints.at(), "unless names at least one argument: without one every call would pass");
            }
            return new Written(true, constraints == null ? null : shorthand.plain(constraints), offer(map));
        }
        String word = node == null ? null : node.string(faults);
        if (node != null && word != null && !word.equals(ALWAYS)) {
            faults.add(node.at(), "unknown value '" + word + "' for ask" + DidYouMean.hint(word, List.of(ALWAYS)));
        }
        return new Written(ALWAYS.equals(word), null, null);
    }

    private Offer.@Nullable Terms offer(YamlMap asked) {
        YamlNode node = asked.optional(OFFER);
        YamlMap map = node == null ? null : node.map(faults);
        if (map == null) {
            return null;
        }
        map.unknownKeys(faults, TemplateKeys.OFFER);
        int calls = map.required("calls", faults) == null ? 1 : (int) map.integer("calls", 1, 1, Offer.MOST, faults);
        YamlNode fixed = map.required(FIXED, faults);
        YamlList list = fixed == null ? null : fixed.list(faults);
        if (list == null) {
            return null;
        }
        List<String> names = new ArrayList<>();
        for (YamlNode item : list.items()) {
            String name = item.string(faults);
            if (name != null && names.contains(name)) {
                faults.add(item.at(), "'" + name + "' is named twice");
            } else if (name != null) {
                names.add(name);
            }
        }
        if (list.items().isEmpty()) {
            faults.add(
                    list.at(), "fixed names at least one argument, whose value is the same in all calls of the offer");
        }
        return names.isEmpty() ? null : new Offer.Terms(calls, names, map.bool("task", false, faults));
    }

    /**
     * Reports what an offer of these operations may not have: an effect that needs a question for each call, and values about which
     * humans are asked but which may differ from call to call.
     *
     * @param pinned the arguments with {@code pinned: {else: ask}}
     */
    void check(YamlMap grant, Written written, Map<String, Effect> effects, Set<String> pinned) {
        if (written.offer() == null
                || !(grant.optional(KEY) instanceof YamlMap asked)
                || !(asked.optional(OFFER) instanceof YamlMap offer)) {
            return;
        }
        effects.forEach((id, effect) -> {
            if (!Offer.mayHave(effect)) {
                faults.add(
                        asked.at(OFFER),
                        "'" + id + "' has the effect " + effect.wire()
                                + ": a human must be asked about each of its calls; write ask: always");
            }
        });
        for (String name : pinned) {
            if (!written.offer().fixed().contains(name)) {
                faults.add(
                        offer.at(FIXED),
                        "a human is asked about values of '" + name + "' (else: ask), so fixed must name it, too");
            }
        }
    }

    /**
     * Adds one grant with the arguments that it pins with {@code else: ask}.
     *
     * @param effects those of a grant of {@code catalogue:*}; empty for any other
     */
    void add(String id, Set<Effect> effects, Written written, Set<String> pinned) {
        AlwaysAsked.Asked asked = new AlwaysAsked.Asked(
                written.always(),
                written.unless() == null ? null : UnlessClause.of(written.unless()),
                pinned,
                written.offer());
        if (!id.endsWith(":*")) {
            ids.put(id, asked);
        } else if (!asked.equals(AlwaysAsked.Asked.NOTHING)) {
            wide.add(new AlwaysAsked.Wide(id.substring(0, id.length() - 1), effects, asked));
        }
    }

    AlwaysAsked close() {
        AlwaysAsked asked = new AlwaysAsked(ids, wide);
        return asked.isEmpty() ? AlwaysAsked.NONE : asked;
    }
}
