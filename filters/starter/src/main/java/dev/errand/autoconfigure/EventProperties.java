package dev.errand.autoconfigure;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who gets an event when a task ends before its time, and when a request for approval changes.
 *
 * @param giveUpAfter an event that a receiver does not take is dropped at this age
 */
record EventProperties(
        @DefaultValue List<Receiver> receivers,
        @DefaultValue("24h") Duration giveUpAfter) {

    /**
     * One receiver of Security Event Tokens.
     *
     * @param name null for the host of {@code url}
     * @param url {@code https}, or {@code http} on this machine
     * @param bearer a {@code file:} with a token
     */
    public record Receiver(
            @Nullable String name,
            String url,
            String audience,
            @Nullable String bearer) {}
}
