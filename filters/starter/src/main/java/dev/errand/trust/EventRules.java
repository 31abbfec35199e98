package dev.errand.trust;

import java.util.Set;

/**
 * Where and how an identity provider tells of its humans by Security Event Tokens (RFC 8417, RFC 8935).
 *
 * @param receiver the path to which it sends them
 * @param audience a value that their {@code aud} must contain
 * @param sessionRevoked what ends when a session of the human is revoked
 */
public record EventRules(String receiver, String audience, Set<Ends> sessionRevoked) {
    /** What an event ends. */
    public enum Ends {
        TASKS,
        STANDING
    }

    public EventRules {
        sessionRevoked = Set.copyOf(sessionRevoked);
    }
}
