package dev.errand.operation.jsonrpc;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Map;

/** Writes a value on one line as it was read: members in their order, numbers in their own spelling. */
final class JsonText {
    private JsonText() {}

    static String of(JsonValue value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(JsonValue value, StringBuilder out) {
        if (value instanceof JsonObject object) {
            char separator = '{';
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                out.append(separator)
                        .append(Jcs.canonical(new JsonValue.JsonString(member.getKey())))
                        .append(':');
                write(member.getValue(), out);
                separator = ',';
            }
            out.append(separator == '{' ? "{}" : "}");
        } else if (value instanceof JsonArray array) {
            char separator = '[';
            for (JsonValue item : array.values()) {
                out.append(separator);
                write(item, out);
                separator = ',';
            }
            out.append(separator == '[' ? "[]" : "]");
        } else if (value instanceof JsonNumber number) {
            out.append(number.text());
        } else {
            out.append(Jcs.canonical(value));
        }
    }
}
