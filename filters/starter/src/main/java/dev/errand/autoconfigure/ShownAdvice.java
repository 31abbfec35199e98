package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Warns of {@code show: body} without a key of use {@code state}: then people are shown no body. Reads files; for one
 * thread.
 */
final class ShownAdvice {
    private ShownAdvice() {}

    static void give(Path directory, ErrandProperties errand, Faults faults) {
        Path keys = errand.file(errand.keys());
        if (!SessionKey.isMissing(keys)) {
            return;
        }
        LabelAdvice.eachCatalogue(directory, (name, map) -> {
            Position at = shown(map);
            if (at != null) {
                faults.warn(
                        at,
                        "`show: body` shows nobody a body: the gateway keeps bodies only sealed by a key of use 'state', and "
                                + keys + " has none: `errand keys new` makes such a key");
            }
        });
    }

    /** Where a catalogue first says so; null if it does not. */
    private static @Nullable Position shown(YamlMap map) {
        if (map.optional("show") != null) {
            return map.at("show");
        }
        if (map.optional("operations") instanceof YamlList list) {
            for (YamlNode item : list.items()) {
                if (item instanceof YamlMap operation && operation.optional("show") != null) {
                    return operation.at("show");
                }
            }
        }
        return null;
    }
}
