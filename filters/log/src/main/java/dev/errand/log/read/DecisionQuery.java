package dev.errand.log.read;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Selects decisions. All of the given conditions must hold; null means any. Immutable.
 *
 * @param resource one of the record's resources, as the record shows it; a {@code *} at the end stands for any rest
 * @param operation the id of one of its operations
 * @param human the human's {@code sub}, or {@code iss}, a space and {@code sub}
 * @param agent the {@code sub} of any holder of the chain
 * @param since the earliest time, inclusive
 * @param until the latest time, exclusive
 * @param outcome {@code permit}, {@code deny} or {@code waiting}: calls that met an open request for approval, which no
 *     other word finds
 * @param limit the most decisions of a page, 1 to {@value #MAX_LIMIT}
 * @param before only records with a lower index; {@code Long.MAX_VALUE} begins at the newest
 */
public record DecisionQuery(
        @Nullable String resource,
        @Nullable String operation,
        @Nullable String human,
        @Nullable String agent,
        @Nullable String task,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable String outcome,
        int limit,
        long before) {
    public static final Set<String> OUTCOMES = Set.of("permit", "deny", "waiting");

    /** The most decisions of one page. */
    public static final int MAX_LIMIT = 1_000;

    /** Any decision, the newest first. */
    public static final DecisionQuery ANY =
            new DecisionQuery(null, null, null, null, null, null, null, null, 100, Long.MAX_VALUE);

    public DecisionQuery {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit must be 1.." + MAX_LIMIT + ", was " + limit);
        }
        if (outcome != null && !OUTCOMES.contains(outcome)) {
            throw new IllegalArgumentException("outcome must be permit, deny or waiting, was '" + outcome + "'");
        }
    }

    /** A copy that asks for at most this many decisions, below this index. */
    public DecisionQuery page(int most, long below) {
        return new DecisionQuery(resource, operation, human, agent, task, since, until, outcome, most, below);
    }

    /** Whether the record is a decision that meets the conditions; its index is not checked. */
    public boolean matches(JsonObject record) {
        return "decision".equals(record.string("kind"))
                && (task == null || task.equals(record.string("task")))
                && (outcome == null || outcome.equals(RecordFields.outcome(record)))
                && (operation == null || RecordFields.operations(record).contains(operation))
                && (resource == null || RecordFields.resources(record).stream().anyMatch(this::isResource))
                && (human == null || isHuman(record.object("human"), human))
                && (agent == null
                        || RecordFields.agents(record).stream().anyMatch(holder -> agent.equals(holder.string("sub"))))
                && isInTime(record);
    }

    /** Whether {@code resource} is the beginning of a name, so that the index of whole names does not help. */
    boolean isPrefix() {
        return resource != null && resource.endsWith("*");
    }

    private boolean isResource(String name) {
        return resource != null
                && (isPrefix() ? name.startsWith(resource.substring(0, resource.length() - 1)) : name.equals(resource));
    }

    private static boolean isHuman(@Nullable JsonObject human, String wanted) {
        if (human == null) {
            return false;
        }
        String subject = human.string("sub");
        return wanted.equals(subject) || wanted.equals(human.string("iss") + " " + subject);
    }

    private boolean isInTime(JsonObject record) {
        if (since == null && until == null) {
            return true;
        }
        try {
            Instant time = Instant.parse(String.valueOf(record.string("time")));
            return (since == null || !time.isBefore(since)) && (until == null || time.isBefore(until));
        } catch (DateTimeException e) {
            return false;
        }
    }
}
