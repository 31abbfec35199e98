package dev.errand.it;

import dev.errand.json.Jcs;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Changes of a JSON object's text in one member; the new value is written as it stands, valid or not. */
final class Edit {
    private Edit() {}

    static String set(String json, String member, String value) {
        Map<String, String> members = members(json);
        members.put(member, value);
        return text(members);
    }

    static String remove(String json, String member) {
        Map<String, String> members = members(json);
        if (members.remove(member) == null) {
            throw new AssertionError("there is no " + member + " to remove");
        }
        return text(members);
    }

    /** A second member of that name in front of the first. */
    static String duplicate(String json, String member, String value) {
        return "{\"" + member + "\":" + value + "," + text(members(json)).substring(1);
    }

    /** Replaces text that must be there. */
    static String replace(String json, String old, String fresh) {
        if (!json.contains(old)) {
            throw new AssertionError("no " + old + " in " + json);
        }
        return json.replace(old, fresh);
    }

    private static Map<String, String> members(String json) {
        Map<String, String> members = new LinkedHashMap<>();
        Jws.object(json).members().forEach((name, value) -> members.put(name, Jcs.canonical(value)));
        return members;
    }

    private static String text(Map<String, String> members) {
        return members.entrySet().stream()
                .map(member -> "\"" + member.getKey() + "\":" + member.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }
}
