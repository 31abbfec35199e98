package dev.errand.issuer.approval;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.limit.Bandwidth;
import dev.errand.operation.Effect;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes values of a request as sentences for people. Pure. */
final class RequestSentences {
    /** Before the names of headers whose values are cut. */
    static final String CUT = "Cut after 256 characters: ";

    /** Before the names of headers whose values nobody is shown. */
    static final String LEFT_OUT = "Not shown, since it may hold a credential: ";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:/-]+");
    private static final long MINUTE = 60;
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern(
                    "HH:mm:ss 'UTC on' d MMMM", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private static final Map<Long, String> DAY_UNITS = new LinkedHashMap<>();

    static {
        DAY_UNITS.put(86_400L, "day");
        DAY_UNITS.put(3_600L, "hour");
        DAY_UNITS.put(60L, "minute");
    }

    private RequestSentences() {}

    /** How much time is left, rounded down, so that nobody counts on more. */
    static String left(long seconds) {
        if (seconds < 0) {
            return "no time";
        }
        if (seconds < 2 * MINUTE) {
            return seconds == 1 ? "1 second" : seconds + " seconds";
        }
        long minutes = seconds / MINUTE;
        return minutes < 2 * MINUTE ? minutes + " minutes" : minutes / MINUTE + " hours";
    }

    /** A time of day that people compare with their clock. */
    static String clock(long epochSeconds) {
        return epochSeconds < 0 || epochSeconds > Integer.MAX_VALUE * 4L
                ? "an unknown time"
                : CLOCK.format(Instant.ofEpochSecond(epochSeconds));
    }

    /** Why the call was stopped. */
    static String why(String code) {
        return switch (code) {
            case "approval-required" -> "The template asks a human about such a call.";
            case "sequence-violation" -> "The call is not in the plan of the task, or not at this point of it.";
            case "rule-violation" -> "A rule of the template forbids the call at this point of the task.";
            case "flow-denied" -> "The task has read content that nobody vouches for, and this call could act on it.";
            default -> "The template of the task objects to the call.";
        };
    }

    /** What else people may approve by one answer; empty if it is this call only. */
    static List<String> offer(Shown shown) {
        JsonObject offer = shown.object("offer");
        if (offer == null) {
            return List.of();
        }
        Shown many = new Shown(offer);
        List<String> lines = new ArrayList<>();
        lines.add("You may approve up to " + count(many.number("calls"), "call")
                + " of this operation by one answer, this one included. They may come until "
                + (offer.get("task") == null ? clock(shown.number("expires")) : "the task ends")
                + ", and only while the task's integrity is the same.");
        JsonObject fixed = Objects.requireNonNullElse(offer.object("fixed"), JsonObject.EMPTY);
        fixed.members().forEach((name, value) -> lines.add("Each has the " + name + " " + Jcs.canonical(value) + "."));
        JsonObject within = Objects.requireNonNullElse(shown.object("offer_within"), JsonObject.EMPTY);
        lines.add("The other values may differ from call to call"
                + (within.members().isEmpty() ? "." : ":"));
        within.members().forEach((name, limit) -> {
            if (fixed.get(name) == null) {
                lines.add((name.equals("*") ? "any other argument" : quoted(name)) + " " + limit(limit));
            }
        });
        return lines;
    }

    /** The name of an argument of a token, in quotes if it could be taken for more than a name: agents narrow tokens. */
    private static String quoted(String name) {
        return NAME.matcher(name).matches() ? name : Jcs.canonical(new JsonString(name));
    }

    /** What people have approved. */
    static String approved(Shown shown) {
        JsonObject offer = shown.object("offer");
        long used = shown.number("offer_used");
        return offer == null || used < 0
                ? "People approved it. It passes once, when the agent makes it again."
                : "People approved up to " + count(new Shown(offer).number("calls"), "call") + " of this kind. " + used
                        + (used == 1 ? " has" : " have") + " passed.";
    }

    /** Where an objection comes from, and what its rule had counted; empty if neither is known. */
    static String objection(JsonObject objected) {
        Shown shown = new Shown(objected);
        String at = shown.text("at");
        long counted = shown.number("counted");
        return counted < 0 ? at : at + ", counted so far: " + counted;
    }

    /** How many requests for the same were refused before. */
    static String refused(long before) {
        return "Humans refused " + (before == 1 ? "an earlier request" : before + " earlier requests")
                + " of this task for this operation with these arguments.";
    }

    /** Says whether the task has read untrusted content, and what this means; empty if nobody watches that. */
    static String integrity(Shown shown) {
        if (shown.text("integrity").equals("trusted")) {
            return shown.text("flow").equals("off") ? "" : "Nothing untrusted has reached the task so far.";
        }
        return !shown.warnsOfContent()
                ? ""
                : "Untrusted content has reached the task: its instruction, or something that it has read. The arguments may"
                        + " come from there, so read them with care.";
    }

    /** What a grant allows of an argument (AAT-02 section 2), in words where these are short. */
    static String limit(JsonValue limit) {
        JsonObject json = limit instanceof JsonObject object ? object : JsonObject.EMPTY;
        JsonValue value = json.get("value");
        return switch (String.valueOf(json.string("constraint_type"))) {
            case "wildcard" -> "any value";
            case "path_containment" -> "within " + json.string("root");
            case "exact" -> value == null ? Jcs.canonical(limit) : "exactly " + Shown.plain(value);
            case "one_of" -> "one of " + texts(json, "values");
            case "not_one_of" -> "anything but " + texts(json, "excluded");
            case "range" -> range(json);
            case "contains" -> "a list that has " + texts(json, "required");
            case "subset" -> "a list of nothing but " + texts(json, "allowed");
            case "all" -> clauses(json, " and ");
            case "any" -> clauses(json, " or ");
            default -> Jcs.canonical(limit);
        };
    }

    private static String texts(JsonObject json, String member) {
        return String.join(", ", new Shown(json).texts(member));
    }

    private static String clauses(JsonObject json, String between) {
        String member = json.get("constraints") == null ? "clauses" : "constraints";
        return new Shown(json)
                .objects(member).stream().map(RequestSentences::limit).collect(Collectors.joining(between));
    }

    private static String range(JsonObject json) {
        JsonValue min = json.get("min");
        JsonValue max = json.get("max");
        boolean least = !new JsonBoolean(false).equals(json.get("min_inclusive"));
        boolean most = !new JsonBoolean(false).equals(json.get("max_inclusive"));
        String from = min == null ? "" : (least ? "at least " : "more than ") + Shown.plain(min);
        String to = max == null ? "" : (most ? "at most " : "less than ") + Shown.plain(max);
        return from + (min == null || max == null ? "" : " and ") + to;
    }

    /** The short name of an agent: the last part of its SPIFFE ID. */
    static String name(String agent) {
        return agent.substring(agent.lastIndexOf('/') + 1);
    }

    /** What an operation does. */
    static String verb(Effect effect) {
        return switch (effect) {
            case READ -> "Read";
            case LIST -> "List";
            case WRITE -> "Change";
            case DELETE -> "Delete";
            case EXECUTE -> "Run";
            case ADMIN -> "Administer";
            case CONNECT -> "Connect to";
            case UNREVIEWED -> "Do what nobody has reviewed";
        };
    }

    /** A length of time. */
    static String lasting(long seconds) {
        return DAY_UNITS.entrySet().stream()
                .filter(unit -> seconds >= unit.getKey() && seconds % unit.getKey() == 0)
                .findFirst()
                .map(unit -> count(seconds / unit.getKey(), unit.getValue()))
                .orElseGet(() -> count(seconds, "second"));
    }

    /** Many runs in words, with the year if it is not that of the request. */
    static String standing(int runs, Instant until, @Nullable Bandwidth limit, long askedSeconds) {
        String often = "";
        if (limit != null) {
            long seconds = limit.period().toSeconds();
            String unit = DAY_UNITS.get(seconds);
            String many = limit.capacity() == 1 ? "one" : Long.toString(limit.capacity());
            String period = unit == null ? " in " + lasting(seconds) : unit.equals("hour") ? " an hour" : " a " + unit;
            often = ", at most " + many + period;
        }
        return "up to " + count(runs, "run") + " until " + DAY.format(until) + year(until, askedSeconds) + often
                + ", without asking again";
    }

    private static String year(Instant until, long askedSeconds) {
        int year = until.atZone(ZoneOffset.UTC).getYear();
        boolean same =
                Instant.ofEpochSecond(askedSeconds).atZone(ZoneOffset.UTC).getYear() == year;
        return same ? "" : " " + year;
    }

    /** A number of things. */
    static String count(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    /** How often the operation was called lately. */
    static String used(long used) {
        if (used < 0) {
            return "This gateway's log has no earlier run of the template.";
        }
        return used == 0
                ? "The operation was not called in the last 100 runs of the template."
                : "The operation was called " + (used == 1 ? "once" : used + " times")
                        + " in the last 100 runs of the template.";
    }
}
