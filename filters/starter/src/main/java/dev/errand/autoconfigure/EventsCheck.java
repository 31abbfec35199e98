package dev.errand.autoconfigure;

import dev.errand.autoconfigure.ErrandProperties.Events;
import dev.errand.autoconfigure.ErrandProperties.HumanIssuer;
import dev.errand.config.ConfigurationException;
import dev.errand.trust.EventRules;
import dev.errand.trust.EventRules.Ends;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads where identity providers send security events ({@code errand.trust.humans[].events}). Pure. */
final class EventsCheck {
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~-]{1,64}){1,8}");
    private static final Set<String> OWN =
            Set.of("oauth2", ".well-known", "problems", "approvals", "start", "errands", "dev");
    private static final String REVOKED = "session-revoked";

    private EventsCheck() {}

    /** The rules of an entry; null if its provider tells nothing. */
    static @Nullable EventRules rules(ErrandProperties properties, HumanIssuer human) {
        Events events = human.events();
        if (events == null) {
            return null;
        }
        String receiver = events.receiver();
        if (receiver == null || !PATH.matcher(receiver).matches() || OWN.contains(receiver.split("/")[1])) {
            throw fault(
                    human, "events.receiver must be a path of this gateway that nothing else has, such as /ssf/idp");
        }
        if (properties.trust().humans().stream()
                        .filter(other -> other.events() != null
                                && receiver.equals(other.events().receiver()))
                        .count()
                > 1) {
            throw fault(human, "events.receiver '" + receiver + "' is another entry's too: give each its own path");
        }
        String audience = events.audience();
        if (audience == null || audience.isBlank()) {
            throw fault(human, "events.audience is missing: it is what the provider writes into aud of its events");
        }
        if (!human.subject().equals("sub")) {
            throw fault(
                    human,
                    "events name a human by sub, but subject is '" + human.subject()
                            + "': leave events out, or let sub name the human");
        }
        for (Map.Entry<String, List<String>> each : events.ends().entrySet()) {
            if (!each.getKey().equals(REVOKED)) {
                throw fault(human, "events.ends has '" + each.getKey() + "': the only name is " + REVOKED);
            }
        }
        return new EventRules(receiver, audience, ends(human, events.ends().get(REVOKED)));
    }

    private static Set<Ends> ends(HumanIssuer human, @Nullable List<String> words) {
        if (words == null) {
            return Set.of(Ends.TASKS);
        }
        Set<Ends> ends = EnumSet.noneOf(Ends.class);
        for (String word : words) {
            try {
                ends.add(Ends.valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException unknown) {
                throw fault(human, "events.ends." + REVOKED + " has '" + word + "': write tasks, standing, or both");
            }
        }
        return ends;
    }

    private static ConfigurationException fault(HumanIssuer human, String what) {
        return ConfigurationException.of("errand.trust.humans: " + human.issuer() + ": " + what);
    }
}
