package dev.errand.task;

import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may decide on a request ({@code ask.by}). Immutable and thread-safe.
 *
 * @param humans the claim and the issuer that a human's token must have
 * @param clients a token must be issued to one of these clients, by {@code azp} or {@code client_id}; at least one
 * @param acr a token must have one of these {@code acr} values; empty if any will do
 * @param maxAge how long ago the human may have signed in, or null
 * @param fresh whether the human must have signed in after the request
 * @param notStarter whether the human who started the task may not decide
 */
public record Approvers(
        HumanPolicy humans,
        Set<String> clients,
        Set<String> acr,
        @Nullable Duration maxAge,
        boolean fresh,
        boolean notStarter) {
    /** How far {@code auth_time} may be ahead of our clock: a later one would stay fresh for as long as it is ahead. */
    private static final long MOST_AHEAD_SECONDS = 5;

    public Approvers {
        clients = Set.copyOf(clients);
        acr = Set.copyOf(acr);
    }

    /** Whether the claims name at least one client, and only clients that may decide. */
    public boolean admitsClient(JsonObject claims) {
        boolean named = false;
        for (String claim : new String[] {"azp", "client_id"}) {
            if (claims.get(claim) != null) {
                String client = claims.string(claim);
                if (client == null || !clients.contains(client)) {
                    return false;
                }
                named = true;
            }
        }
        return named;
    }

    /**
     * Whether the human signed in as required (RFC 9470). A sign-in of the future is none.
     *
     * @param openedMillis when the request was opened, epoch milliseconds
     * @param skewMillis how far the provider's clock may differ from ours
     */
    public boolean admitsSignIn(JsonObject claims, long openedMillis, long nowMillis, long skewMillis) {
        String given = claims.string("acr");
        if (!acr.isEmpty() && (given == null || !acr.contains(given))) {
            return false;
        }
        Long signedIn = claims.get("auth_time") instanceof JsonNumber time && time.isLong() ? time.asLong() : null;
        if (signedIn != null && signedIn > nowMillis / 1000 + MOST_AHEAD_SECONDS) {
            return false;
        }
        if (maxAge == null && !fresh) {
            return true;
        }
        if (signedIn == null) {
            return false;
        }
        // In seconds, since the milliseconds of an absurd time would wrap around.
        boolean lately =
                maxAge == null || signedIn > Math.floorDiv(nowMillis - skewMillis - maxAge.toMillis() - 1, 1000);
        return lately && (!fresh || signedIn >= openedMillis / 1000);
    }

    /** How long ago the human may have signed in, in seconds; 0 if a new sign-in is required, null for any time. */
    public @Nullable Long maxAgeSeconds() {
        return fresh ? Long.valueOf(0) : maxAge == null ? null : Long.valueOf(maxAge.toSeconds());
    }
}
