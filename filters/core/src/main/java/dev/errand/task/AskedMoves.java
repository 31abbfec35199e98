package dev.errand.task;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.OperationCall;
import dev.errand.sequence.Move;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a call in the JSON that people are shown, so that plan and rules can judge the call again at each
 * look: {@code arguments} as they were sent, and {@code judged} with what plan and rules see otherwise. Pure.
 */
public final class AskedMoves {
    private static final String ARGUMENTS = "arguments";
    private static final String JUDGED = "judged";
    private static final String DRY_RUN = "dry_run";
    private static final String TEXT = "text";

    private AskedMoves() {}

    /** Adds the operations of a call. */
    public static void write(List<OperationCall> calls, JsonMembers told) {
        told.put(
                ARGUMENTS,
                new JsonArray(
                        calls.stream().<JsonValue>map(OperationCall::arguments).toList()));
        told.put(JUDGED, new JsonArray(calls.stream().map(AskedMoves::judged).toList()));
    }

    private static JsonValue judged(OperationCall call) {
        JsonMembers members = new JsonMembers();
        if (!call.judged().equals(call.arguments())) {
            members.put(ARGUMENTS, call.judged());
        }
        if (call.dryRun()) {
            members.put(DRY_RUN, true);
        }
        List<JsonValue> text = call.judged().members().keySet().stream()
                .filter(call.operation().values()::test)
                .<JsonValue>map(JsonString::new)
                .toList();
        if (!text.isEmpty()) {
            members.put(TEXT, new JsonArray(text));
        }
        return members.isEmpty() ? JsonNull.NULL : members.toJson();
    }

    /** The operations of the call as plan and rules see them; null if the JSON has none. */
    static @Nullable List<Move> read(JsonObject told) {
        JsonObject members = told.object("members");
        String operations = members == null ? null : members.string("operation");
        if (operations == null
                || !(told.get(ARGUMENTS) instanceof JsonArray arguments)
                || !(told.get(JUDGED) instanceof JsonArray judged)) {
            return null;
        }
        String[] ids = operations.split(" ", -1);
        if (ids.length != arguments.values().size()
                || ids.length != judged.values().size()) {
            return null;
        }
        List<Move> moves = new ArrayList<>(ids.length);
        for (int i = 0; i < ids.length; i++) {
            JsonObject other = judged.values().get(i) instanceof JsonObject object ? object : JsonObject.EMPTY;
            JsonValue seen = other.get(ARGUMENTS) == null ? arguments.values().get(i) : other.get(ARGUMENTS);
            if (!(seen instanceof JsonObject own)) {
                return null;
            }
            Set<String> text = text(other);
            moves.add(new Move(ids[i], own, other.get(DRY_RUN) != null, text::contains, Move.Kind.CHANGES));
        }
        return moves;
    }

    private static Set<String> text(JsonObject judged) {
        Set<String> names = new HashSet<>();
        if (judged.get(TEXT) instanceof JsonArray text) {
            text.values().forEach(name -> {
                if (name instanceof JsonString string) {
                    names.add(string.value());
                }
            });
        }
        return names;
    }
}
