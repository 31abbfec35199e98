package dev.errand.fleet;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.EndedBy;
import dev.errand.state.Selector;
import dev.errand.token.Human;
import java.time.Duration;
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
        JsonMembers members = new JsonMembers();
        Human human = selector.human();
        members.put("human", human == null ? null : human.toJson());
        members.put("agent", selector.agent());
        members.put("template", selector.template());
        if (selector.all()) {
            members.put("all", true);
        }
        return members.toJson().members();
    }

    /** Who set it: {@code by}, and {@code iss} and {@code sub} of an operator whom an identity provider names. */
    public Map<String, JsonValue> operator() {
        JsonMembers members = new JsonMembers().put("by", by.wire());
        Human human = by.human();
        return (human == null ? members : members.putAll(human.toJson().members()))
                .toJson()
                .members();
    }

    /** The stored form. */
    String write() {
        JsonMembers members = new JsonMembers().putAll(selectors());
        members.put("at", atMillis);
        members.put("until", untilMillis);
        members.put("kept", keptMillis);
        members.putAll(operator());
        members.put("why", why);
        members.put("tell", tell);
        return Jcs.canonical(members.toJson());
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
