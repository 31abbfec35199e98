package dev.errand.offline.story;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The whole of one task: human, holders as a tree, instructions, every call in order, what was used, how it ended. It
 * is made only of provenance records. Records of several replicas are ordered by their times. Immutable and
 * thread-safe.
 *
 * @param start the record of its start; null if another anchor started it, or if no given log has it
 * @param first its first decision, which has template, revision and human if the start does not
 * @param holders the tokens' holders, root first
 * @param instructions the instructions of its calls, in the order of their first calls
 * @param calls its calls, in order
 * @param endings the endings of the task and of its tokens, in order
 * @param changes the operators' changes to it, in order
 * @param approvals the records of its requests for a human's approval, in order
 */
public record TaskTree(
        String task,
        @Nullable JsonObject start,
        @Nullable JsonObject first,
        HolderNode holders,
        List<JsonObject> instructions,
        List<CallRecords> calls,
        List<JsonObject> endings,
        List<JsonObject> changes,
        List<JsonObject> approvals) {
    public TaskTree {
        instructions = List.copyOf(instructions);
        calls = List.copyOf(calls);
        endings = List.copyOf(endings);
        changes = List.copyOf(changes);
        approvals = List.copyOf(approvals);
    }

    /**
     * Puts the records of one task together.
     *
     * @param records its start, decisions, their outcomes, endings and operators' changes, each log's in its own order
     * @return empty if there are none
     */
    public static Optional<TaskTree> of(String task, Collection<JsonObject> records) {
        if (records.isEmpty()) {
            return Optional.empty();
        }
        List<JsonObject> sorted = new ArrayList<>(records);
        sorted.sort(Comparator.comparing(TaskTree::time));
        Map<String, JsonObject> outcomes = new LinkedHashMap<>();
        for (JsonObject record : sorted) {
            if ("outcome".equals(record.string("kind"))) {
                outcomes.putIfAbsent(String.valueOf(record.string("decision")), record);
            }
        }
        List<CallRecords> calls = new ArrayList<>();
        List<JsonObject> endings = new ArrayList<>();
        List<JsonObject> changes = new ArrayList<>();
        List<JsonObject> approvals = new ArrayList<>();
        Set<JsonObject> instructions = new LinkedHashSet<>();
        JsonObject start = null;
        for (JsonObject record : sorted) {
            switch (String.valueOf(record.string("kind"))) {
                case "decision" -> {
                    calls.add(new CallRecords(record, outcomes.get(String.valueOf(record.string("decision")))));
                    JsonObject instruction = record.object("instruction");
                    if (instruction != null) {
                        instructions.add(instruction);
                    }
                }
                case "start" -> start = start == null && RecordFields.isGrantedStart(record) ? record : start;
                case "ended" -> endings.add(record);
                case "operator" -> changes.add(record);
                case "approval" -> approvals.add(record);
                default -> {}
            }
        }
        JsonObject first = calls.isEmpty() ? null : calls.get(0).decision();
        return Optional.of(new TaskTree(
                task,
                start,
                first,
                HolderNode.of(calls, endings),
                List.copyOf(instructions),
                calls,
                endings,
                changes,
                approvals));
    }

    /** The record that describes the whole task: its start, else its first decision, else an empty object. */
    JsonObject head() {
        if (start != null) {
            return start;
        }
        return first == null ? JsonObject.EMPTY : first;
    }

    /** The record of the whole task's end, if it ended before its time and the records have it. */
    public Optional<JsonObject> ending() {
        return endings.stream().filter(record -> record.string("token") == null).findFirst();
    }

    /** What its permitted calls used, without those given back: {@code calls}, and one {@code op:<id>} per operation. */
    public Map<String, Long> used() {
        Map<String, Long> used = new LinkedHashMap<>();
        used.put("calls", 0L);
        for (CallRecords call : calls) {
            if (call.isPermitted() && !call.isCompensated()) {
                for (String operation : RecordFields.operations(call.decision())) {
                    used.merge("calls", 1L, Long::sum);
                    used.merge("op:" + operation, 1L, Long::sum);
                }
            }
        }
        return used;
    }

    private static String time(JsonObject record) {
        return String.valueOf(record.string("time"));
    }
}
