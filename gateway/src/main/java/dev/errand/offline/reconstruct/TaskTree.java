package dev.errand.offline.reconstruct;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.provenance.RecordFields;
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
 * @param start the record of its start; null if a build before started it, or no log at hand has it
 * @param first its first decision, which tells template, revision and human where its start does not
 * @param holders the tokens' holders, root first
 * @param instructions each that a call was made under, in the order of their first call
 * @param calls in order
 * @param endings of the task and of its tokens, in order
 * @param changes what operators did to it, in order
 * @param approvals what became of its requests for a human's approval, in order
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
                case "ended", "ending" -> endings.add(record);
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

    /** What tells of the task as a whole: its start, else its first decision, else nothing. */
    JsonObject head() {
        if (start != null) {
            return start;
        }
        return first == null ? JsonObject.EMPTY : first;
    }

    /** How the whole task ended, if a replica of these records ended it before its time. */
    public Optional<JsonObject> ending() {
        return endings.stream().filter(record -> record.string("token") == null).findFirst();
    }

    /** What its permitted calls used, those given back left out: {@code calls} and one {@code op:<id>} each. */
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
