package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.task.AlwaysAsked;
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
     */
    record Written(boolean always, @Nullable JsonObject unless) {}

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
            return new Written(true, constraints == null ? null : shorthand.plain(constraints));
        }
        String word = node == null ? null : node.string(faults);
        if (node != null && word != null && !word.equals(ALWAYS)) {
            faults.add(node.at(), "unknown value '" + word + "' for ask" + DidYouMean.hint(word, List.of(ALWAYS)));
        }
        return new Written(ALWAYS.equals(word), null);
    }

    /**
     * Adds one grant with the arguments that it pins with {@code else: ask}.
     *
     * @param effects those of a grant of {@code catalogue:*}; empty for any other
     */
    void add(String id, Set<Effect> effects, Written written, Set<String> pinned) {
        AlwaysAsked.Asked asked = new AlwaysAsked.Asked(
                written.always(), written.unless() == null ? null : UnlessClause.of(written.unless()), pinned);
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
