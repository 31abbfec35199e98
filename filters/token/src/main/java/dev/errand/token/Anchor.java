package dev.errand.token;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One key that may sign root tokens.
 *
 * @param issuer what the root's {@code iss} must be; null accepts any
 * @param keyId its {@code kid}, or null
 * @param key the key
 * @param ours whether it is our own issuer's: only such a root names one of our tasks
 * @param humans the identity providers whose humans its roots may speak for; null for any provider
 */
public record Anchor(
        @Nullable String issuer,
        @Nullable String keyId,
        HolderKey key,
        boolean ours,
        @Nullable Set<String> humans) {
    public Anchor {
        humans = humans == null ? null : Set.copyOf(humans);
    }

    /** An anchor whose roots may speak for the humans of any identity provider, as our own issuer's do. */
    public Anchor(@Nullable String issuer, @Nullable String keyId, HolderKey key, boolean ours) {
        this(issuer, keyId, key, ours, null);
    }

    /** Whether its roots may speak for this human. */
    boolean speaksFor(Human human) {
        return humans == null || humans.contains(human.issuer());
    }
}
