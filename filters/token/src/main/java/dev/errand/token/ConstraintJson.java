package dev.errand.token;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The member names of constraints, and how constraints are written as JSON. */
final class ConstraintJson {
    static final String TYPE = "constraint_type";
    static final String OPTIONAL = "optional";

    private ConstraintJson() {}

    static JsonObject of(String type) {
        return new JsonObject(Map.of(TYPE, new JsonString(type)));
    }

    static JsonObject of(String type, String member, JsonValue value) {
        return with(of(type), member, value);
    }

    static JsonObject of(String type, String member, List<JsonValue> values) {
        return of(type, member, new JsonArray(values));
    }

    static JsonObject with(JsonObject object, String member, JsonValue value) {
        Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
        members.put(member, value);
        return new JsonObject(members);
    }
}
