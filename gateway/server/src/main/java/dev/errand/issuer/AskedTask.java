package dev.errand.issuer;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.ProvenanceRecord;
import dev.errand.token.Human;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task that an agent asks for, and that a human may allow (RFC 8628). Replicas share it. Immutable.
 *
 * @param id the name in records, {@code sr-} and 22 characters; no code
 * @param code the two halves of the {@code user_code}
 * @param device the hash of the {@code device_code}
 * @param agent the attested SPIFFE ID of the agent
 * @param jkt the thumbprint of the task's key
 * @param details the text of {@code authorization_details}
 * @param template the template's name
 * @param revision the template's revision
 * @param digest what the human agrees to ({@link ConsentDigest})
 * @param purpose what the agent says to the human, or null
 * @param named the only human who may see it, or null
 * @param from the network address that asked
 * @param times when it was asked and when it ends
 * @param polling how often the agent may ask for the token
 * @param state what became of it
 * @param consent who allowed or refused it; null before
 */
public record AskedTask(
        String id,
        Code code,
        String device,
        String agent,
        String jkt,
        String details,
        String template,
        String revision,
        String digest,
        @Nullable String purpose,
        @Nullable Human named,
        String from,
        Times times,
        Polling polling,
        State state,
        @Nullable Decided consent) {
    /** The halves of a user code, four letters each. The first one finds the request; the second one shows that the human has the code. */
    public record Code(String first, String second) {
        @Override
        public String toString() {
            return "Code";
        }
    }

    /** Epoch seconds. */
    public record Times(long asked, long expires) {}

    /**
     * @param intervalSeconds the least time between two requests for the token
     * @param lastMillis when the agent asked last, epoch milliseconds; 0 for never
     */
    record Polling(long intervalSeconds, long lastMillis) {}

    /**
     * A human's decision.
     *
     * @param claims the claims of the human's sign-in
     * @param at epoch seconds
     */
    record Decided(Human human, JsonObject claims, long at) {}

    /** What became of a request. That its time is over shows its time alone. */
    enum State {
        PENDING,
        ALLOWED,
        REFUSED,
        USED;

        private String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    boolean isOver(long nowSeconds) {
        return nowSeconds >= times.expires();
    }

    AskedTask polled(long intervalSeconds, long atMillis) {
        return with(new Polling(intervalSeconds, atMillis), state, consent);
    }

    AskedTask decided(State next, Decided by) {
        return with(polling, next, by);
    }

    AskedTask used() {
        return with(polling, State.USED, consent);
    }

    /** The same request, whose time is over now. */
    AskedTask over(long nowSeconds) {
        return with(new Times(times.asked(), nowSeconds), polling, state, consent);
    }

    private AskedTask with(Polling how, State next, @Nullable Decided by) {
        return with(times, how, next, by);
    }

    private AskedTask with(Times when, Polling how, State next, @Nullable Decided by) {
        return new AskedTask(
                id, code, device, agent, jkt, details, template, revision, digest, purpose, named, from, when, how,
                next, by);
    }

    /** The runs that it is for; null for one. */
    public @Nullable StandingAsked standing() {
        return StartDetails.standing(details);
    }

    /** Whether it is for many runs. */
    public boolean isStanding() {
        return standing() != null;
    }

    /** The record of something that became of it. */
    ProvenanceRecord.StartRequest record(String what, @Nullable String task, Instant time, String gateway) {
        Human by = consent == null ? null : consent.human();
        return new ProvenanceRecord.StartRequest(
                time, id, what, template, revision, agent, by, digest, purpose, isStanding(), task, gateway);
    }

    /** The stored form: one task has one. */
    byte[] write() {
        JsonMembers json = new JsonMembers();
        json.put("id", id);
        json.put("first", code.first());
        json.put("second", code.second());
        json.put("device", device);
        json.put("agent", agent);
        json.put("jkt", jkt);
        json.put("details", details);
        json.put("template", template);
        json.put("revision", revision);
        json.put("digest", digest);
        json.put("purpose", purpose);
        json.put("named", named == null ? null : named.toJson());
        json.put("from", from);
        json.put("asked", times.asked());
        json.put("expires", times.expires());
        json.put("interval", polling.intervalSeconds());
        json.put("polled", polling.lastMillis());
        json.put("state", state.wire());
        if (consent != null) {
            json.put("by", consent.human().toJson());
            json.put("claims", consent.claims());
            json.put("at", consent.at());
        }
        return Jcs.canonicalBytes(json.toJson());
    }

    /** Reads what {@link #write} made; empty for anything else. */
    static Optional<AskedTask> read(byte[] stored) {
        try {
            JsonObject json = Json.parseObject(stored);
            JsonObject claims = json.object("claims");
            Human by = human(json.object("by"));
            return Optional.of(new AskedTask(
                    text(json, "id"),
                    new Code(text(json, "first"), text(json, "second")),
                    text(json, "device"),
                    text(json, "agent"),
                    text(json, "jkt"),
                    text(json, "details"),
                    text(json, "template"),
                    text(json, "revision"),
                    text(json, "digest"),
                    json.string("purpose"),
                    human(json.object("named")),
                    text(json, "from"),
                    new Times(number(json, "asked"), number(json, "expires")),
                    new Polling(number(json, "interval"), number(json, "polled")),
                    State.valueOf(text(json, "state").toUpperCase(Locale.ROOT)),
                    by == null || claims == null ? null : new Decided(by, claims, number(json, "at"))));
        } catch (MalformedJsonException | IllegalArgumentException damaged) {
            return Optional.empty();
        }
    }

    private static String text(JsonObject json, String name) {
        String text = json.string(name);
        if (text == null) {
            throw new IllegalArgumentException(name);
        }
        return text;
    }

    private static long number(JsonObject json, String name) {
        if (json.get(name) instanceof JsonNumber number && number.isLong()) {
            return number.asLong();
        }
        throw new IllegalArgumentException(name);
    }

    private static @Nullable Human human(@Nullable JsonObject json) {
        return json == null ? null : new Human(text(json, "iss"), text(json, "sub"));
    }
}
