package dev.errand.offline.replay;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.EndedBy;
import dev.errand.log.RecordFields;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Completed;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Interrupted;
import dev.errand.offline.replay.RecordedTask.Known;
import dev.errand.offline.replay.RecordedTask.Started;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gathers the records of one or several replicas into tasks. Keeps what it needs of each record in memory, some sixty bytes. Not
 * thread-safe.
 */
public final class RecordedLog {
    private final PackedTask.Shared shared = new PackedTask.Shared();
    private final Map<String, PackedTask> byTask = new LinkedHashMap<>();

    /** The tasks of permitted calls whose outcome has not come yet, by the decisions' ids. */
    private final Map<String, String> taskOf = new HashMap<>();

    private final List<RecordedCall> foreign = new ArrayList<>();
    private long unverified;

    /** Takes the next record of a log; an {@link UnreadableRecordException} for one that no gateway writes. */
    public void add(JsonObject record) {
        switch (String.valueOf(record.string("kind"))) {
            case "decision" -> RecordedCall.of(record).ifPresentOrElse(this::call, () -> unverified++);
            case "outcome" -> outcome(record);
            case "operator" -> operator(record);
            case "start" -> start(record);
            case "ended" -> ended(record);
            default -> {
                // Other records, such as counts of refusals, name no task.
            }
        }
    }

    private void call(RecordedCall call) {
        if (call.template() == null || call.revision() == null) {
            foreign.add(call);
            return;
        }
        if (call.permit()) {
            taskOf.put(call.decision(), call.task());
        }
        events(call.task()).add(new Decided(call));
    }

    private void outcome(JsonObject record) {
        String decision = String.valueOf(record.string("decision"));
        String task = taskOf.remove(decision);
        if (task != null) {
            Integer status = record.get("upstream_status") instanceof JsonNumber number
                    ? Integer.valueOf((int) number.asDouble())
                    : null;
            boolean compensated = new JsonBoolean(true).equals(record.get("compensated"));
            JsonObject returned = record.object("returned");
            JsonObject values = returned == null ? null : returned.object("values");
            events(task)
                    .add(new CameTo(
                            decision, time(record), status, compensated, values == null ? JsonObject.EMPTY : values));
        }
    }

    private void start(JsonObject record) {
        String task = record.string("task");
        if (task != null && RecordFields.isGrantedStart(record)) {
            events(task).add(new Started(time(record), RecordFields.parameters(record)));
        }
    }

    /** Takes the end of a task. If an operator ends many tasks at once, each task has no other record of that. */
    private void ended(JsonObject record) {
        String task = record.string("task");
        EndedBy by = EndedBy.of(record);
        if (task != null && record.string("token") == null && by != null && by.isOperator()) {
            events(task).add(new Interrupted(time(record), String.valueOf(record.string("why"))));
        } else if (task != null && record.string("token") == null && "completed".equals(record.string("state"))) {
            events(task).add(new Completed(time(record)));
        }
    }

    private void operator(JsonObject record) {
        String task = record.string("task");
        if (task != null && "interrupt".equals(record.string("action"))) {
            events(task).add(new Interrupted(time(record), String.valueOf(record.string("detail"))));
        } else if (task != null && "outcome".equals(record.string("action"))) {
            known(task, record);
        }
    }

    private void known(String task, JsonObject record) {
        try {
            JsonObject told = Json.parse(String.valueOf(record.string("detail"))) instanceof JsonObject object
                    ? object
                    : JsonObject.EMPTY;
            String decision = told.string("decision");
            // If the store did not answer, the operator's word may not have counted.
            if (decision != null
                    && told.get("settled") == null
                    && told.get("happened") instanceof JsonBoolean happened) {
                events(task).add(new Known(decision, time(record), happened.value()));
            }
        } catch (Json.MalformedJsonException none) {
            throw new UnreadableRecordException("an operator's record of an outcome has no decision");
        }
    }

    private static long time(JsonObject record) {
        return RecordedCall.millis(String.valueOf(record.string("time")));
    }

    private PackedTask events(String task) {
        return byTask.computeIfAbsent(task, id -> new PackedTask(id, shared));
    }

    /** The tasks of templates, in the order of their first records. */
    public RecordedTasks tasks() {
        return new RecordedTasks(byTask.values().stream()
                .filter(PackedTask::isDecided)
                .sorted(Comparator.comparingLong(PackedTask::firstMillis))
                .toList());
    }

    /** Decisions about tasks of other anchors that no template caps. */
    public List<RecordedCall> foreign() {
        return List.copyOf(foreign);
    }

    /** Decisions about callers who were not verified: they belong to no task. */
    public long unverified() {
        return unverified;
    }
}
