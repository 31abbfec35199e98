package dev.errand.operator;

import dev.errand.fleet.Lock;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.EndedBy;
import dev.errand.operator.Parameters.UnfitException;
import dev.errand.state.Selector;
import dev.errand.token.Human;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;

/** The bodies by which operators end tasks, and say what became of a call. Pure. */
final class OrderBody {
    private static final Set<String> MEMBERS = Set.of("human", "agent", "template", "all", "why", "lock", "tell");
    private static final int MAX_WHY = 512;
    private static final String DECISION = "[A-Za-z0-9_-]{1,128}";
    private static final String OUTCOME =
            "send {\"decision\": \"d-...\", \"happened\": true} (or false) and nothing else";
    private static final int MAX_TEXT = 512;

    private OrderBody() {}

    /**
     * Why one task is ended.
     *
     * @param tell whether its holders are told the reason
     */
    public record Reason(String why, boolean tell) {}

    /** {@code {"why": …, "tell": …}}. */
    public static Reason reason(String body) {
        JsonObject object = object(body);
        return new Reason(why(object), flag(object, "tell"));
    }

    /**
     * What an operator knows of a call whose outcome was unknown.
     *
     * @param decision the call's decision id
     */
    public record Outcome(String decision, boolean happened) {}

    /** {@code {"decision": …, "happened": …}}. */
    public static Outcome outcome(String body) {
        JsonObject object = object(body, OUTCOME);
        String decision = object.string("decision");
        if (object.members().keySet().equals(Set.of("decision", "happened"))
                && decision != null
                && decision.matches(DECISION)
                && object.get("happened") instanceof JsonBoolean happened) {
            return new Outcome(decision, happened.value());
        }
        throw new UnfitException(OUTCOME);
    }

    /** The order in the body of {@code POST /tasks/interrupt}. */
    static ManyTasks.Order order(String body, EndedBy by) {
        JsonObject object = object(body);
        if (!MEMBERS.containsAll(object.members().keySet())) {
            throw new UnfitException(
                    "the body must have why and at least one of human, agent, template and all; it may have lock and tell, and nothing else");
        }
        Human human = human(object.get("human"));
        String agent = text(object, "agent");
        String template = text(object, "template");
        boolean all = flag(object, "all");
        if (human == null && agent == null && template == null && !all) {
            throw new UnfitException("name at least one of human, agent, template and \"all\": true");
        }
        return new ManyTasks.Order(
                new Selector(human, agent, template, all), by, why(object), flag(object, "tell"), lock(object));
    }

    private static JsonObject object(String body) {
        return object(body, "send a JSON object with \"why\", 1 to " + MAX_WHY + " characters");
    }

    private static JsonObject object(String body, String otherwise) {
        try {
            if (Json.parse(body) instanceof JsonObject object) {
                return object;
            }
        } catch (Json.MalformedJsonException notJson) {
            // Refused below.
        }
        throw new UnfitException(otherwise);
    }

    private static String why(JsonObject object) {
        String why = object.string("why");
        if (why == null || why.isBlank() || why.length() > MAX_WHY) {
            throw new UnfitException("send {\"why\": \"...\"} with 1 to " + MAX_WHY + " characters");
        }
        return why;
    }

    private static @Nullable Human human(@Nullable JsonValue value) {
        if (value == null) {
            return null;
        }
        if (value instanceof JsonObject human && human.members().keySet().equals(Set.of("iss", "sub"))) {
            String issuer = text(human, "iss");
            String subject = text(human, "sub");
            if (issuer != null && subject != null) {
                return new Human(issuer, subject);
            }
        }
        throw new UnfitException("human is {\"iss\": \"...\", \"sub\": \"...\"}");
    }

    private static @Nullable String text(JsonObject object, String name) {
        if (object.get(name) == null) {
            return null;
        }
        String text = object.string(name);
        if (text == null || text.isEmpty() || text.length() > MAX_TEXT) {
            throw new UnfitException("'" + name + "' must be a string of 1 to " + MAX_TEXT + " characters");
        }
        return text;
    }

    private static boolean flag(JsonObject object, String name) {
        JsonValue value = object.get(name);
        if (value != null && !(value instanceof JsonBoolean)) {
            throw new UnfitException("'" + name + "' must be true or false");
        }
        return value instanceof JsonBoolean flag && flag.value();
    }

    private static @Nullable Duration lock(JsonObject object) {
        if (object.get("lock") == null) {
            return null;
        }
        String text = object.string("lock");
        try {
            Duration lasts =
                    text == null || text.matches("[0-9]*") ? Duration.ZERO : DurationStyle.detectAndParse(text);
            if (lasts.toMillis() > 0 && lasts.compareTo(Lock.LONGEST) <= 0) {
                return lasts;
            }
        } catch (IllegalArgumentException | ArithmeticException notOne) {
            // Refused below.
        }
        throw new UnfitException("'lock' is a duration such as 15m, up to " + Lock.LONGEST.toDays() + "d");
    }
}
