package dev.errand.offline.replay;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.ParameterValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The recorded events of one task, from all replicas, in the order of the recorded times. Immutable.
 *
 * @param id the task's id in records
 * @param template the template it was judged by
 * @param revision the template's revision then
 * @param events at least one decision among them
 */
public record RecordedTask(String id, String template, String revision, List<Event> events) {
    public RecordedTask {
        events = List.copyOf(events);
    }

    /** A recorded event of the task. */
    public sealed interface Event {
        /** When it was recorded, epoch milliseconds. */
        long timeMillis();
    }

    /**
     * The task was started.
     *
     * @param parameters the task's parameters; null where the record has none
     */
    public record Started(long timeMillis, @Nullable Map<String, ParameterValue> parameters) implements Event {}

    /** A call was decided. */
    public record Decided(RecordedCall call) implements Event {
        @Override
        public long timeMillis() {
            return call.timeMillis();
        }
    }

    /**
     * The outcome of a permitted call.
     *
     * @param status the upstream's status, or null if it gave none
     * @param compensated whether no byte was sent
     * @param values what the answer said, as far as that is recorded: by operation and name, null for what it did not say
     */
    public record CameTo(
            String decision, long timeMillis, @Nullable Integer status, boolean compensated, JsonObject values)
            implements Event {
        /** What the answer said to the operation, as far as that is recorded. */
        public JsonObject said(String operation) {
            JsonObject said = values.object(operation);
            return said == null ? JsonObject.EMPTY : said;
        }

        /** Whether the step happened: its upstream answered below 400. */
        public boolean happened() {
            return status != null && status < 400;
        }

        /** Whether the call was sent and no answer came. */
        public boolean isUnanswered() {
            return status == null && !compensated;
        }
    }

    /** An operator said what became of a call whose outcome was unknown. */
    public record Known(String decision, long timeMillis, boolean happened) implements Event {}

    /** The root's holder ended the task: it is completed. */
    public record Completed(long timeMillis) implements Event {}

    /** The operator interrupted the task. */
    public record Interrupted(long timeMillis, String why) implements Event {}

    static RecordedTask of(String id, List<Event> events) {
        List<Event> sorted = new ArrayList<>(events);
        sorted.sort(Comparator.comparingLong(Event::timeMillis));
        for (Event event : sorted) {
            if (event instanceof Decided decided
                    && decided.call().template() != null
                    && decided.call().revision() != null) {
                return new RecordedTask(
                        id, decided.call().template(), decided.call().revision(), sorted);
            }
        }
        throw new IllegalArgumentException("a task of no template");
    }

    /** The parameters in the record of its start; null for a task of another anchor. */
    public @Nullable Map<String, ParameterValue> parameters() {
        for (Event event : events) {
            if (event instanceof Started started) {
                return started.parameters();
            }
        }
        return null;
    }

    /** Its decisions in order. */
    public List<RecordedCall> calls() {
        return events.stream()
                .filter(Decided.class::isInstance)
                .map(event -> ((Decided) event).call())
                .toList();
    }

    /** Its permitted calls in order. */
    public List<RecordedCall> permitted() {
        return calls().stream().filter(RecordedCall::permit).toList();
    }

    /** Whether its holder ended it as completed. */
    public boolean isCompleted() {
        return events.stream().anyMatch(Completed.class::isInstance);
    }
}
