package dev.errand.operation;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of a call's arguments that its catalogue records. Pure. */
public final class RecordedArguments {
    /** The longest value that is recorded, in characters: of the text itself, or of another value's JCS form. */
    public static final int MAX_LENGTH = 128;

    private RecordedArguments() {}

    /**
     * The values by name. For several pairs a list in their order, with null for a pair that records nothing. Null if
     * no operation of the call records an argument.
     */
    public static @Nullable JsonValue of(List<OperationCall> calls) {
        boolean any = false;
        for (OperationCall call : calls) {
            any |= !call.operation().recordedArguments().isEmpty();
        }
        if (!any) {
            return null;
        }
        if (calls.size() == 1) {
            return of(calls.get(0));
        }
        List<JsonValue> each = new ArrayList<>(calls.size());
        for (OperationCall call : calls) {
            each.add(of(call));
        }
        return new JsonArray(each);
    }

    private static JsonValue of(OperationCall call) {
        if (call.operation().recordedArguments().isEmpty()) {
            return JsonNull.NULL;
        }
        JsonMembers values = new JsonMembers();
        for (String name : call.operation().recordedArguments()) {
            JsonValue value = call.arguments().get(name);
            if (value != null && isShort(value)) {
                values.put(name, value);
            }
        }
        return values.toJson();
    }

    /** Whether the value is short enough for a record, and exact there. */
    public static boolean isShort(JsonValue value) {
        return value instanceof JsonString text
                ? text.value().length() <= MAX_LENGTH
                : Jcs.isAdmissible(value) && Jcs.canonical(value).length() <= MAX_LENGTH;
    }
}
