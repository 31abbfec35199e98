package dev.errand.state;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The data with which another replica can give a credential back. Immutable; prints no secret.
 *
 * @param id unique among the credentials of its replica
 * @param task the task that the credential was for, as records show it
 * @param upstream the name under {@code errand.upstreams}
 * @param kind the name of the credential's kind
 * @param untilMillis when the credential expires by itself, epoch milliseconds
 * @param secret the credential; nobody may change the array
 */
@SuppressWarnings("ArrayRecordComponent") // compared only by its id
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
