package dev.errand.sink;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A receiver of security events.
 *
 * @param name its name in records and metrics
 * @param url where events are posted
 * @param audience the {@code aud} of its events
 * @param bearer its credential, or null
 * @param giveUpAfter an event that the receiver does not take is dropped at this age
 */
public record EventReceiver(
        String name, URI url, String audience, @Nullable SecretFile bearer, Duration giveUpAfter) {}
