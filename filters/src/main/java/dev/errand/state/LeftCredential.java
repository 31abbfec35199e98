package dev.errand.state;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What another replica needs to give a credential back. Immutable; prints no secret.
 *
 * @param id names it among those of its replica
 * @param task the task that it was for, as records show it
 * @param upstream the name under {@code errand.upstreams}
 * @param kind the word of its kind
 * @param untilMillis when it ends by itself, epoch milliseconds
 * @param secret the credential; never changed by whoever holds this
 */
@SuppressWarnings("ArrayRecordComponent") // compared by its id alone
public record LeftCredential(String id, String task, String upstream, String kind, long untilMillis, byte[] secret) {
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LeftCredential that && id.equals(that.id);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id);
    }

    @Override
    public String toString() {
        return upstream + " " + id + " ***";
    }
}
