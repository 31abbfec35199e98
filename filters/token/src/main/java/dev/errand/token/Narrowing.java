package dev.errand.token;

import dev.errand.token.ArgumentMap.Rule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The intersection of two capabilities, if a token can express it: the tools that both grant, and for each argument the
 * narrower of two comparable constraints. The result attenuates both. Pure.
 */
public sealed interface Narrowing {
    /** The tools that both grant; it has no tools if they have none in common. */
    record Narrowed(Capability capability) implements Narrowing {}

    /**
     * No intersection can be expressed: neither constraint subsumes the other, or one side requires an argument that
     * the other forbids.
     */
    record Incomparable() implements Narrowing {}

    /** Narrows one capability by another; the order does not matter. */
    static Narrowing of(Capability one, Capability other) {
        Map<String, ToolGrant> tools = new LinkedHashMap<>();
        for (String tool : new TreeSet<>(one.tools().keySet())) {
            if (!(other.tools().get(tool) instanceof ArgumentMap b)
                    || !(one.tools().get(tool) instanceof ArgumentMap a)) {
                continue;
            }
            Map<String, Rule> named = new LinkedHashMap<>();
            TreeSet<String> names = new TreeSet<>(a.named().keySet());
            names.addAll(b.named().keySet());
            for (String name : names) {
                Side left = Side.of(a, name);
                Side right = Side.of(b, name);
                if (left.forbids() || right.forbids()) {
                    // An argument that one side forbids cannot be passed. If the other side requires it, no call is
                    // possible.
                    if (left.demands() || right.demands()) {
                        return new Incomparable();
                    }
                    continue;
                }
                Constraint narrower = narrower(left.admitted(), right.admitted());
                if (narrower == null) {
                    return new Incomparable();
                }
                named.put(name, new Rule(narrower, !left.demands() && !right.demands()));
            }
            boolean open = a.open() && b.open();
            if (named.isEmpty() && !open) {
                return new Incomparable(); // a token cannot say "no arguments at all"
            }
            tools.put(tool, new ArgumentMap(named, open));
        }
        return new Narrowed(new Capability(tools));
    }

    private static @Nullable Constraint narrower(Constraint one, Constraint other) {
        if (one.subsumes(other)) {
            return other;
        }
        return other.subsumes(one) ? one : null;
    }
}
