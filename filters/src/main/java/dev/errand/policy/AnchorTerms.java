package dev.errand.policy;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the roots of another anchor are held to besides their own details. Immutable and thread-safe.
 *
 * @param templates the templates that cap them; empty where none does
 * @param registerWithin how long after its {@code iat} a root may make its first call; null where it may until its end
 */
public record AnchorTerms(Set<String> templates, @Nullable Duration registerWithin) {
    /** No template and no bound of time. */
    public static final AnchorTerms NONE = new AnchorTerms(Set.of(), null);

    public AnchorTerms {
        templates = Set.copyOf(templates);
    }

    /** The time after which a root that was issued then may no longer make its first call, epoch milliseconds. */
    long registerBeforeMillis(long issuedAtSeconds) {
        return registerWithin == null ? Long.MAX_VALUE : issuedAtSeconds * 1000 + registerWithin.toMillis();
    }
}
