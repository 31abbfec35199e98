package dev.errand.token;

import dev.errand.token.ArgumentMap.Rule;
import org.jspecify.annotations.Nullable;

/**
 * What one of two argument maps says about one argument.
 *
 * @param constraint null if the map forbids the argument
 * @param demands whether a call must have the argument
 */
record Side(@Nullable Constraint constraint, boolean demands) {
    static Side of(ArgumentMap map, String name) {
        Rule rule = map.named().get(name);
        if (rule != null) {
            return new Side(rule.constraint(), !rule.optional());
        }
        return new Side(map.open() ? Wildcard.ANY : null, false);
    }

    boolean forbids() {
        return constraint == null;
    }

    Constraint admitted() {
        if (constraint == null) {
            throw new IllegalStateException("the argument is forbidden");
        }
        return constraint;
    }
}
