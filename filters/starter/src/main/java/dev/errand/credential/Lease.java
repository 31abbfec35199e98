package dev.errand.credential;

import dev.errand.token.Sha256;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A credential that was obtained for one task, and how long it is good. Immutable; prints no secret.
 *
 * @param sent the credential in the form in which it is sent, without its scheme
 * @param kept a secret that is needed to send it and is never sent itself, or null
 * @param renewable whether it can be renewed
 * @param renewNanos the time from which another one is asked for, {@link System#nanoTime}
 * @param endNanos the time at which it ends by itself, {@link System#nanoTime}
 */
public record Lease(Secret sent, @Nullable Secret kept, boolean renewable, long renewNanos, long endNanos) {
    /** The longest lifetime that is believed, whatever the server says. */
    private static final Duration LONGEST = Duration.ofDays(1);

    /** A lease of this lifetime, counted from {@code fromNanos}; it is renewed in the last third of it. */
    public static Lease lasting(
            Secret sent, @Nullable Secret kept, boolean renewable, Duration lifetime, long fromNanos) {
        long nanos = (lifetime.compareTo(LONGEST) > 0 ? LONGEST : lifetime).toNanos();
        return new Lease(sent, kept, renewable, fromNanos + nanos / 3 * 2, fromNanos + nanos);
    }

    /** {@code sha-256:} and the digest of the credential as it is sent. */
    public String hash() {
        return Sha256.labelOf(sent.reveal(""));
    }

    /** How long it is still good. */
    Duration left(long nowNanos) {
        return Duration.ofNanos(Math.max(0, endNanos - nowNanos));
    }

    @Override
    public String toString() {
        return "***";
    }
}
