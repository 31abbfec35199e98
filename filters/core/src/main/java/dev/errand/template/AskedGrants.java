package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.operation.Effect;
import dev.errand.task.AlwaysAsked;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads {@code ask: always} of the grants of one template. Not thread-safe. */
final class AskedGrants {
    /** The key. No argument may have this name. */
    static final String KEY = "ask";

    private static final String ALWAYS = "always";

    private final Faults faults;
    private final Set<String> ids = new HashSet<>();
    private final Set<String> others = new HashSet<>();
    private final List<AlwaysAsked.Wide> wide = new ArrayList<>();

    AskedGrants(Faults faults) {
        this.faults = faults;
    }

    /** Reads one grant. */
    void read(String id, YamlMap grant) {
        boolean always = isAlways(grant);
        if (!id.endsWith(":*")) {
            (always ? ids : others).add(id);
        } else if (always) {
            List<String> words = grant.strings("effects", new Faults());
            Set<Effect> effects = Arrays.stream(Effect.values())
                    .filter(effect -> words.contains(effect.wire()))
                    .collect(Collectors.toSet());
            wide.add(new AlwaysAsked.Wide(id.substring(0, id.length() - 1), effects));
        }
    }

    private boolean isAlways(YamlMap grant) {
        YamlNode node = grant.optional(KEY);
        if (node == null) {
            return false;
        }
        if (node instanceof YamlMap) {
            faults.add(
                    grant.at(KEY),
                    "ask is 'always' or left out: an argument named ask cannot be constrained, so give it another name");
            return false;
        }
        String word = node.string(faults);
        if (word != null && !word.equals(ALWAYS)) {
            faults.add(node.at(), "unknown value '" + word + "' for ask" + DidYouMean.hint(word, List.of(ALWAYS)));
        }
        return ALWAYS.equals(word);
    }

    AlwaysAsked close() {
        return ids.isEmpty() && wide.isEmpty() ? AlwaysAsked.NONE : new AlwaysAsked(ids, others, wide);
    }
}
