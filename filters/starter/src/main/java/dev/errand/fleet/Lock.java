package dev.errand.fleet;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.EndedBy;
import dev.errand.state.Selector;
import dev.errand.token.Human;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An operator's lock. It ends the tasks that it selects and that began before it, and for some time refuses such
 * starts. Immutable.
 *
 * @param atMillis the store's time, epoch milliseconds
 * @param untilMillis until when starts are refused, epoch milliseconds; {@code atMillis} if none are refused
 * @param keptMillis until when a task that began before the lock can exist, epoch milliseconds
 * @param by the operator
 * @param why the reason, for the log
 * @param tell whether the agents are told the reason
 */
public record Lock(
        String id,
        long atMillis,
        long untilMillis,
        long keptMillis,
        EndedBy by,
        String why,
        boolean tell,
        Selector selector) {
    /** The longest time that a lock may refuse starts. */
    public static final Duration LONGEST = Duration.ofDays(30);

    /** Whether it refuses the start of selected tasks at this time, epoch milliseconds. */
    public boolean refusesStarts(long nowMillis) {
        return nowMillis < untilMillis;
    }

    /** Whether it has no effect any more at this time, epoch milliseconds. */
    public boolean isOver(long nowMillis) {
        return nowMillis >= untilMillis && nowMillis >= keptMillis;
    }

    /** This lock with another time. */
    public Lock at(long millis) {
        long lasts = Math.max(0, untilMillis - atMillis);
        return new Lock(id, millis, millis + lasts, keptMillis, by, why, tell, selector);
    }

    /** This lock, which refuses no more starts. */
    public Lock lifted() {
        return new Lock(id, atMillis, atMillis, keptMillis, by, why, tell, selector);
    }

    /** The members of its selector, for an answer of the API. */
    public Map<String, JsonValue> selectors() {
        return selectors(selector);
    }

    /** The members of a selector, as in a record. */
    public static Map<String, JsonValue> selectors(Selector selector) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        Human human = selector.human();
        if (human != null) {
            members.put(
                    "human",
                    new JsonObject(
                            Map.of("iss", new JsonString(human.issuer()), "sub", new JsonString(human.subject()))));
        }
        if (selector.agent() != null) {
            members.put("agent", new JsonString(selector.agent()));
        }
        if (selector.template() != null) {
            members.put("template", new JsonString(selector.template()));
        }
        if (selector.all()) {
            members.put("all", new JsonBoolean(true));
        }
        return members;
    }

    /** Who set it: {@code by}, and {@code iss} and {@code sub} of an operator whom an identity provider names. */
    public Map<String, JsonValue> operator() {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("by", new JsonString(by.wire()));
        Human human = by.human();
        if (human != null) {
            members.put("iss", new JsonString(human.issuer()));
            members.put("sub", new JsonString(human.subject()));
        }
        return members;
    }

    /** The stored form. */
    String write() {
        Map<String, JsonValue> members = new LinkedHashMap<>(selectors());
        members.put("at", JsonNumber.of(atMillis));
        members.put("until", JsonNumber.of(untilMillis));
        members.put("kept", JsonNumber.of(keptMillis));
        members.putAll(operator());
        members.put("why", new JsonString(why));
        members.put("tell", new JsonBoolean(tell));
        return Jcs.canonical(new JsonObject(members));
    }

    /** Reads what {@link #write} wrote; empty for anything else. */
    static Optional<Lock> read(String id, String written) {
        try {
            if (!(Json.parse(written) instanceof JsonObject row)) {
                return Optional.empty();
            }
            JsonObject human = row.object("human");
            Selector selector = new Selector(
                    human == null ? null : new Human(text(human, "iss"), text(human, "sub")),
                    row.string("agent"),
                    row.string("template"),
                    isTrue(row.get("all")));
            return Optional.of(new Lock(
                    id,
                    number(row, "at"),
                    number(row, "until"),
                    number(row, "kept"),
                    by(row),
                    text(row, "why"),
                    isTrue(row.get("tell")),
                    selector));
        } catch (Json.MalformedJsonException | IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }

    private static EndedBy by(JsonObject row) {
        EndedBy by = EndedBy.of(row);
        if (by == null) {
            throw new IllegalArgumentException("a lock lacks by");
        }
        return by;
    }

    private static String text(JsonObject row, String name) {
        String text = row.string(name);
        if (text == null) {
            throw new IllegalArgumentException("a lock lacks " + name);
        }
        return text;
    }

    private static long number(JsonObject row, String name) {
        if (row.get(name) instanceof JsonNumber number && number.isLong()) {
            return number.asLong();
        }
        throw new IllegalArgumentException("a lock lacks " + name);
    }

    private static boolean isTrue(@Nullable JsonValue value) {
        return value instanceof JsonBoolean flag && flag.value();
    }
}
