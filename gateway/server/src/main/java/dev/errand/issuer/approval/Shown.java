package dev.errand.issuer.approval;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the members of a request's JSON, as programs get it, for a page. */
record Shown(JsonObject json) {
    /** The member's text; empty if it is not text. */
    String text(String name) {
        String text = json.string(name);
        return text == null ? "" : text;
    }

    /** The member's number; -1 if it is not a whole number. */
    long number(String name) {
        return json.get(name) instanceof JsonNumber number && number.isLong() ? number.asLong() : -1;
    }

    /** The texts of a list; a text by itself is a list of one. */
    List<String> texts(String name) {
        JsonValue value = json.get(name);
        if (value instanceof JsonString one) {
            return List.of(one.value());
        }
        List<String> texts = new ArrayList<>();
        if (value instanceof JsonArray array) {
            array.values().forEach(each -> texts.add(plain(each)));
        }
        return texts;
    }

    /** The objects of a list. */
    List<JsonObject> objects(String name) {
        return json.get(name) instanceof JsonArray array
                ? array.values().stream()
                        .filter(JsonObject.class::isInstance)
                        .map(JsonObject.class::cast)
                        .toList()
                : List.of();
    }

    @Nullable JsonObject object(String name) {
        return json.object(name);
    }

    /**
     * Whether people are warned of untrusted content: the task is untrusted, and somebody said so. Without flow only the instruction
     * can say it.
     */
    boolean warnsOfContent() {
        JsonObject instruction = json.object("instruction");
        boolean said = instruction != null && "untrusted".equals(instruction.string("integrity"));
        return !text("integrity").equals("trusted") && (said || !text("flow").equals("off"));
    }

    /** The human who started the task. */
    String human() {
        return human(json.object("human"));
    }

    static String human(@Nullable JsonObject human) {
        return human == null ? "nobody" : new Shown(human).text("sub");
    }

    /** Whether a human approved it already. */
    boolean isApprovedBy(String issuer, String subject) {
        return objects("approved_by").stream()
                .anyMatch(by -> issuer.equals(by.string("iss")) && subject.equals(by.string("sub")));
    }

    /** The arguments of a call without the resource, which stands above them. */
    static Map<String, JsonValue> others(JsonObject call, List<String> resources) {
        Map<String, JsonValue> others = new LinkedHashMap<>(call.members());
        if (resources.contains(call.string("resource"))) {
            others.remove("resource");
        }
        return others;
    }

    static String plain(JsonValue value) {
        return value instanceof JsonString text ? text.value() : Jcs.canonical(value);
    }
}
