package dev.errand.issuer.approval;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes values of a request as sentences for people. Pure. */
final class Reading {
    private static final long MINUTE = 60;
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern(
                    "HH:mm:ss 'UTC on' d MMMM", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private Reading() {}

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
            case "approval-required" -> "Every call of this operation needs a human's approval.";
            case "sequence-violation" -> "The call is not in the plan of the task, or not at this point of it.";
            case "rule-violation" -> "A rule of the template forbids the call at this point of the task.";
            case "flow-denied" -> "The task has read content that nobody vouches for, and this call could act on it.";
            default -> "The template of the task objects to the call.";
        };
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

    /** Says whether the task has read untrusted content, and what this means. */
    static String integrity(String integrity) {
        return integrity.equals("trusted")
                ? "Nothing untrusted has reached the task so far."
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
            case "one_of" -> "one of " + String.join(", ", new Shown(json).texts("values"));
            default -> Jcs.canonical(limit);
        };
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
