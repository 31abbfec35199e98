package dev.errand.event;

import dev.errand.sink.SecretFile;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who is told.
 *
 * @param name names it in records and metrics
 * @param url where events are posted
 * @param audience the {@code aud} of its events
 * @param bearer its credential, or null
 * @param giveUpAfter the age at which an event that it does not take is given up
 */
public record EventReceiver(
        String name, URI url, String audience, @Nullable SecretFile bearer, Duration giveUpAfter) {}
