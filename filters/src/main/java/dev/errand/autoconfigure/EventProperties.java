package dev.errand.autoconfigure;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who is told that a task ended before its time.
 *
 * @param giveUpAfter the age at which an event that a receiver does not take is given up
 */
public record EventProperties(
        @DefaultValue List<Receiver> receivers,
        @DefaultValue("24h") Duration giveUpAfter) {

    /**
     * One receiver of Security Event Tokens.
     *
     * @param name by default its host
     * @param url {@code https}, or {@code http} on this machine
     * @param bearer a {@code file:}
     */
    public record Receiver(
            @Nullable String name,
            String url,
            String audience,
            @Nullable String bearer) {}
}
