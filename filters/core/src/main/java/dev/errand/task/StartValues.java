package dev.errand.task;

import dev.errand.json.JsonValue;
import dev.errand.token.ParameterValue;
import dev.errand.token.RootFacts;
import dev.errand.token.VerifiedChain;
import java.util.List;
import java.util.Map;

/**
 * The values that the start of a task fixed, as its root has them. Immutable.
 *
 * @param parameters the task's parameters
 * @param pinned by operation and argument, the values about which humans are not asked
 */
public record StartValues(Map<String, ParameterValue> parameters, Map<String, Map<String, List<JsonValue>>> pinned) {
    /** A start that fixed nothing. */
    public static final StartValues NONE = new StartValues(Map.of(), Map.of());

    /** The values of a chain's root. A root of another anchor pins nothing here, since no human agreed to it here. */
    public static StartValues of(VerifiedChain chain) {
        RootFacts root = chain.root();
        if (root.task() != null) {
            return new StartValues(
                    root.task().parameters(), chain.rootToken().bounds().pinned());
        }
        return root.named() == null ? NONE : new StartValues(root.named().parameters(), Map.of());
    }
}
