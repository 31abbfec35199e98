package dev.errand.token;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks whether a child grants no more than its parent, by the rules of AAT-02 section 3. Pure. */
public final class Attenuation {
    private static final String REST = "*";

    private Attenuation() {}

    /**
     * One breach of these rules.
     *
     * @param step {@code 4p1} to {@code 4p4}
     * @param tool the tool whose grant is wider
     * @param argument the argument, {@code "*"} for those not named; empty if the parent does not grant the tool
     */
    public record Widening(String step, String tool, String argument) {}

    /** Returns the argument for which the child's map is wider, or null. */
    @FunctionalInterface
    private interface Rule {
        @Nullable String breach(ArgumentMap parent, ArgumentMap child);
    }

    /** The first breach in the order of the steps; empty if the child attenuates. */
    public static Optional<Widening> check(Capability parent, Capability child) {
        for (String tool : child.tools().keySet()) {
            if (!parent.tools().containsKey(tool)) {
                return Optional.of(new Widening("4p1", tool, ""));
            }
        }
        return first("4p2", Attenuation::unmatchedKey, parent, child)
                .or(() -> first("4p3", Attenuation::noLongerRequired, parent, child))
                .or(() -> first("4p4", Attenuation::notSubsumed, parent, child));
    }

    private static Optional<Widening> first(String step, Rule rule, Capability parent, Capability child) {
        for (var grant : child.tools().entrySet()) {
            // Every grant of a parsed or issued capability is an argument map. Another class would be a bug.
            ArgumentMap wide = (ArgumentMap) parent.tools().get(grant.getKey());
            String argument = wide == null ? REST : rule.breach(wide, (ArgumentMap) grant.getValue());
            if (argument != null) {
                return Optional.of(new Widening(step, grant.getKey(), argument));
            }
        }
        return Optional.empty();
    }

    private static @Nullable String unmatchedKey(ArgumentMap parent, ArgumentMap child) {
        if (child.open() && !parent.open()) {
            return REST;
        }
        for (String name : child.named().keySet()) {
            if (!parent.named().containsKey(name) && !parent.open()) {
                return name;
            }
        }
        for (var entry : parent.named().entrySet()) {
            boolean omitted = !child.named().containsKey(entry.getKey());
            if (omitted && (!entry.getValue().optional() || child.open())) {
                return entry.getKey();
            }
        }
        return null;
    }

    private static @Nullable String noLongerRequired(ArgumentMap parent, ArgumentMap child) {
        for (var entry : child.named().entrySet()) {
            ArgumentMap.Rule wide = parent.named().get(entry.getKey());
            if (wide != null && !wide.optional() && entry.getValue().optional()) {
                return entry.getKey();
            }
        }
        return null;
    }

    private static @Nullable String notSubsumed(ArgumentMap parent, ArgumentMap child) {
        for (var entry : child.named().entrySet()) {
            ArgumentMap.Rule wide = parent.named().get(entry.getKey());
            if (wide != null && !wide.constraint().subsumes(entry.getValue().constraint())) {
                return entry.getKey();
            }
        }
        return null;
    }
}
