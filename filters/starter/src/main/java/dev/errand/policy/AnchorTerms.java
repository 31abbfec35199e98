package dev.errand.policy;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The bounds on roots of another anchor, beside their own details. Immutable and thread-safe.
 *
 * @param templates the templates that cap them; empty if none does
 * @param registerWithin how long after its {@code iat} a root may make its first call; null: as long as the root is
 *     valid
 */
public record AnchorTerms(Set<String> templates, @Nullable Duration registerWithin) {
    /** No template and no time limit. */
    public static final AnchorTerms NONE = new AnchorTerms(Set.of(), null);

    public AnchorTerms {
        templates = Set.copyOf(templates);
    }

    /**
     * The time after which a root issued at {@code issuedAtSeconds} may not make its first call, epoch milliseconds.
     */
    long registerBeforeMillis(long issuedAtSeconds) {
        return registerWithin == null ? Long.MAX_VALUE : issuedAtSeconds * 1000 + registerWithin.toMillis();
    }
}
